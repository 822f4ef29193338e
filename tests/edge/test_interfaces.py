"""Network interfaces that are cut by hand, and links over them."""

import asyncio

import pytest
from msgspec.structs import replace

from ohmstead.edge.interfaces import InterfaceDown, Interfaces
from ohmstead.edge.virtual_time import run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.link import LinkRefused, Refusal
from tests.edge.websocket_bench import by_password, echo, listening, lost, product_context, raw_server, target


def test_a_cut_severs_what_goes_over_it_and_nothing_else() -> None:
    interfaces, severed = Interfaces(), list[str]()
    interfaces.attach("Wired0", severed.append)
    interfaces.attach("Wireless0", lambda reason: severed.append(f"wrong: {reason}"))
    interfaces.cut("Wired0")
    assert severed == ["interface Wired0 is down"]
    assert (interfaces.is_up("Wired0"), interfaces.is_up("Wireless0")) == (False, True)


def test_without_a_name_all_are_cut_and_restored() -> None:
    interfaces = Interfaces()
    interfaces.cut()
    assert not any(map(interfaces.is_up, interfaces.names))
    interfaces.restore()
    assert all(map(interfaces.is_up, interfaces.names))


def test_who_has_detached_is_not_severed() -> None:
    interfaces, severed = Interfaces(), list[str]()
    detach = interfaces.attach("Wired0", severed.append)
    detach()
    detach()
    interfaces.cut()
    assert severed == []


def test_an_interface_that_the_station_does_not_have() -> None:
    interfaces = Interfaces({"Wired3": None})
    with pytest.raises(InterfaceDown, match="no interface Wired0"):
        interfaces.source("Wired0")
    with pytest.raises(KeyError):
        interfaces.cut("Wired0")
    with pytest.raises(KeyError):
        interfaces.restore("Wired0")


def test_a_cut_interface_loses_its_links_and_dials_again_when_restored() -> None:
    async def main() -> str:
        interfaces = Interfaces()
        dialer = WebSocketDialer(interfaces)
        async with listening(product_context()) as listener:
            attempt = target(listener.url)
            link = await dialer.dial(attempt)
            other = await dialer.dial(replace(attempt, interface="Wireless0"))
            interfaces.cut("Wired0")
            ending = await lost(link)
            with pytest.raises(LinkRefused) as refused:
                await dialer.dial(attempt)
            assert refused.value.refusal is Refusal.Unreachable
            await other.ping()
            interfaces.restore("Wired0")
            await (await dialer.dial(attempt)).close()
            await other.close()
            return ending

    assert run(main()) == "interface Wired0 is down"


def test_a_cut_ends_an_attempt_that_is_under_way() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def main() -> LinkRefused:
        interfaces = Interfaces()
        async with raw_server(silent) as port:
            attempt = replace(target(f"wss://localhost:{port}"), timeout=60)
            task = asyncio.ensure_future(WebSocketDialer(interfaces).dial(attempt))
            await asyncio.sleep(0.1)
            interfaces.cut()
            with pytest.raises(LinkRefused) as refused:
                async with asyncio.timeout(30):
                    await task
            return refused.value

    refused = run(main())
    assert (refused.refusal, refused.detail) == (Refusal.Unreachable, "interface Wired0 is down")


def test_a_station_without_power_has_no_links_and_dials_none() -> None:
    async def main() -> str:
        dialer = WebSocketDialer(Interfaces())
        async with listening(product_context()) as listener:
            link = await dialer.dial(target(listener.url))
            dialer.sever()
            ending = await lost(link)
            with pytest.raises(LinkRefused, match="power"):
                await dialer.dial(target(listener.url))
            return ending

    assert "power" in run(main())


def test_a_connection_starts_from_the_address_of_its_interface() -> None:
    sources: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sources.append(writer.get_extra_info("peername")[0])
        await reader.read(1)

    async def main() -> None:
        dialer = WebSocketDialer(Interfaces({"Wired0": "127.0.0.5"}))
        async with raw_server(answer) as port:
            with pytest.raises(LinkRefused):
                await dialer.dial(target(f"ws://127.0.0.1:{port}", profile=1))

    run(main())
    assert sources == ["127.0.0.5"]


def test_a_link_that_has_ended_is_forgotten() -> None:
    async def main() -> None:
        interfaces = Interfaces()
        dialer = WebSocketDialer(interfaces)
        async with listening(product_context(), by_password, echo) as listener:
            for _ in range(3):
                await (await dialer.dial(target(listener.url))).close()
        assert dialer._attempts == set()
        assert interfaces._users == {"Wired0": [], "Wireless0": []}

    run(main())
