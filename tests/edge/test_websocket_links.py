"""Links that come about: security profiles, what travels over them, and how they end."""

import asyncio
import logging

import pytest
from msgspec.structs import replace

from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.tls import server_context
from ohmstead.edge.virtual_time import run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.link import Dialer, Handshake, Link, LinkLost, Listener
from tests.edge.websocket_bench import (
    IDENTITY,
    PASSWORD,
    PRODUCT_SUITES,
    anybody,
    authority,
    csms,
    echo,
    listening,
    lost,
    product_context,
    target,
)


def dialer() -> Dialer:
    return WebSocketDialer(Interfaces())


@pytest.mark.parametrize("suite", PRODUCT_SUITES)
def test_security_profile_2_agrees_each_suite_of_the_product(suite: str) -> None:
    seen: list[Handshake] = []

    async def serve(link: Link) -> None:
        seen.append(link.handshake)
        await echo(link)

    async def main() -> Link:
        context = server_context(csms().chain, csms().key, cipher_suites=(suite,))
        async with listening(context, serve=serve) as listener:
            link = await dialer().dial(target(listener.url))
            await link.send("[2]")
            assert await link.receive() == "[2]"
            await link.close()
            return link

    near = run(main()).handshake
    assert near.tls == seen[0].tls
    assert near.tls is not None
    assert (near.tls.version, near.tls.cipher_suite) == ("TLSv1.2", suite)
    assert (seen[0].user, seen[0].password) == (IDENTITY, PASSWORD)
    assert seen[0].url == near.url
    assert near.url.endswith("/ocpp/CS%20001")
    assert seen[0].subprotocols == ("ocpp2.0.1",)


def test_names_below_localhost_lead_to_this_machine() -> None:
    name = "csms.lab.localhost"
    server = authority().issue_server([name])

    async def main() -> Handshake:
        async with listening(server_context(server.chain, server.key)) as listener:
            link = await dialer().dial(target(listener.url.replace("localhost", name)))
            await link.close()
            return link.handshake

    assert name in run(main()).url


def test_security_profile_1_sends_the_password_without_tls() -> None:
    async def main() -> Handshake:
        async with listening(None) as listener:
            link = await dialer().dial(target(listener.url, profile=1))
            await link.close()
            return link.handshake

    handshake = run(main())
    assert handshake.tls is None
    assert handshake.url.startswith("ws://")


def test_security_profile_3_shows_a_certificate_and_no_password() -> None:
    seen: list[Handshake] = []

    def admit(handshake: Handshake) -> int:
        seen.append(handshake)
        return 101

    async def main() -> None:
        roots = (authority().root,)
        context = server_context(csms().chain, csms().key, client_roots=roots, client_required=True)
        async with listening(context, admit) as listener:
            await (await dialer().dial(target(listener.url, profile=3))).close()

    run(main())
    assert seen[0].user is None
    assert seen[0].tls is not None
    assert "CN=SN-0815" in (seen[0].tls.client_certificate_subject or "")


def test_a_certificate_with_a_common_name_only_is_enough() -> None:
    issued = authority().issue_server(["localhost"], san=False)

    async def main() -> None:
        async with listening(server_context(issued.chain, issued.key)) as listener:
            await (await dialer().dial(target(listener.url))).close()

    run(main())


def test_a_server_reached_by_address_is_checked_by_address() -> None:
    async def main() -> None:
        async with listening(product_context()) as listener:
            url = listener.url.replace("localhost", "127.0.0.1")
            await (await dialer().dial(target(url))).close()

    run(main())


def test_a_wildcard_certificate_is_taken_if_the_station_may() -> None:
    issued = authority().issue_server(["localhost", "*.example.com"])

    async def main() -> None:
        async with listening(server_context(issued.chain, issued.key)) as listener:
            attempt = replace(target(listener.url), allow_wildcards=True)
            await (await dialer().dial(attempt)).close()

    run(main())


def test_a_ping_returns_with_its_pong_and_binary_frames_are_bytes() -> None:
    async def main() -> tuple[str | bytes, str | bytes]:
        received: asyncio.Future[str | bytes] = asyncio.get_running_loop().create_future()

        async def serve(link: Link) -> None:
            received.set_result(await link.receive())
            await link.ping()
            await lost(link)

        async with listening(None, serve=serve) as listener:
            link = await WebSocketDialer(Interfaces()).dial(target(listener.url, profile=1))
            await link.ping()
            await link._connection.send(b"\x00\x01")  # the port has no way to send a binary frame
            waiting = asyncio.ensure_future(lost(link))
            data = await received
            await link.close()
            return data, await waiting

    data, ending = run(main())
    assert data == b"\x00\x01"
    assert "1000" in str(ending)


def test_nothing_is_compressed_and_the_library_sends_no_pings() -> None:
    async def main() -> None:
        async with listening(None) as listener:
            link = await WebSocketDialer(Interfaces()).dial(target(listener.url, profile=1))
            assert link._connection.protocol.extensions == []
            assert link._connection.keepalive_task is None
            await link.close()

    run(main())


def test_a_loss_names_code_and_reason_of_the_other_side() -> None:
    async def serve(link: Link) -> None:
        await link.close(4001, "go elsewhere")

    async def main() -> str:
        async with listening(None, serve=serve) as listener:
            return await lost(await dialer().dial(target(listener.url, profile=1)))

    assert run(main()) == "closed by the other side: 4001 go elsewhere"


def test_every_use_of_a_closed_link_raises() -> None:
    async def main() -> int:
        async with listening(None) as listener:
            link = await dialer().dial(target(listener.url, profile=1))
            await link.close()
            await link.close(3000, "x" * 500)
            uses = await asyncio.gather(link.send("x"), link.receive(), link.ping(), return_exceptions=True)
            return sum(isinstance(outcome, LinkLost) for outcome in uses)

    assert run(main()) == 3


@pytest.mark.parametrize("size", [999, 1000, 1001])
def test_a_message_may_be_as_long_as_the_target_says(size: int) -> None:
    async def serve(link: Link) -> None:
        await link.send("x" * size)
        await lost(link)

    async def main() -> str:
        async with listening(None, serve=serve) as listener:
            link = await dialer().dial(replace(target(listener.url, profile=1), max_size=1000))
            try:
                return str(await link.receive())
            except LinkLost as loss:
                return str(loss)
            finally:
                await link.close()

    outcome = run(main())
    assert outcome == "x" * size if size <= 1000 else "1009" in outcome


def test_a_closing_listener_ends_its_links_also_those_that_nobody_reads() -> None:
    async def deaf(_: Link) -> None:
        await asyncio.Event().wait()

    async def main() -> str:
        async with listening(None, serve=deaf) as listener:
            typed: Listener = listener
            link = await dialer().dial(target(listener.url, profile=1))
            waiting = asyncio.ensure_future(lost(link))
            async with asyncio.timeout(30):
                await typed.close()
            return await waiting

    assert "1001" in run(main())


def test_a_link_closes_when_it_is_served() -> None:
    async def serve(link: Link) -> None:
        await link.send("bye")

    async def main() -> str:
        async with listening(None, anybody, serve) as listener:
            return await lost(await dialer().dial(target(listener.url, profile=1)))

    assert run(main()) == "closed by the other side: 1000"


def test_secrets_appear_neither_in_the_log_nor_in_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Handshake] = []

    def admit(handshake: Handshake) -> int:
        seen.append(handshake)
        return 101

    async def main() -> None:
        async with listening(None, admit) as listener:
            attempt = target(listener.url, profile=1)
            link = await dialer().dial(attempt)
            seen.append(link.handshake)
            assert PASSWORD not in repr(attempt)
            await link.close()

    with caplog.at_level(logging.DEBUG):
        run(main())
    text = caplog.text + repr(seen)
    assert PASSWORD not in text
    assert "Authorization" not in text
