"""Links in memory tell the story that sockets would: latency, order, loss, refusals, close codes."""

import asyncio
import datetime
from collections.abc import Coroutine
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.memory_handshake import AcceptHandshakes, Behavior, CloseAtOnce, HoldConnections, Refuse, Reject
from ohmstead.edge.memory_link import MemoryLink
from ohmstead.edge.memory_network import MemoryListener, MemoryNetwork
from ohmstead.edge.virtual_time import run
from ohmstead.ports.link import (
    Credentials,
    Dialer,
    Handshake,
    Link,
    LinkLost,
    LinkRefused,
    Listener,
    Refusal,
    Target,
    TlsFacts,
)

URL = "wss://csms.example/ocpp"
SUITES = ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256")


def target(**changes: Any) -> Target:
    fields: dict[str, Any] = {
        "url": URL,
        "identity": "SEC 1/A",
        "security_profile": 2,
        "credentials": Credentials(password="0123456789abcdef"),
        "cipher_suites": SUITES,
        "timeout": 30.0,
    }
    return Target(**(fields | changes))


async def silent(link: Link) -> None:
    await link.receive()


async def echo(link: Link) -> None:
    while True:
        message = await link.receive()
        await link.send(str(message))


def now() -> float:
    return asyncio.get_running_loop().time()


def alive(main: Coroutine[Any, Any, None]) -> None:
    run(main, limit=10_000)


async def opened(network: MemoryNetwork, **changes: Any) -> tuple[MemoryLink, MemoryLink, MemoryListener]:
    """Return both ends of an open link and the listener, which leaves its end alone."""
    ends: list[Link] = []

    async def keep(link: Link) -> None:
        ends.append(link)
        await asyncio.get_running_loop().create_future()

    listener = network.listen(URL, lambda _: 101, keep)
    near = await network.dialer().dial(target(**changes))
    far = ends[0]
    assert isinstance(far, MemoryLink)
    return near, far, listener


async def refused(network: MemoryNetwork, **changes: Any) -> Refusal:
    with pytest.raises(LinkRefused) as caught:
        await network.dialer().dial(target(**changes))
    assert network.attempts[-1].outcome == caught.value.refusal.value
    return caught.value.refusal


def test_messages_and_pings_take_a_round_trip() -> None:
    async def main() -> None:
        network = MemoryNetwork(latency_up=0.2, latency_down=0.3)
        listener: Listener = network.listen(URL, lambda _: 101, echo)
        dialer: Dialer = network.dialer()
        link: Link = await dialer.dial(target())
        begun = now()
        await link.send("one")
        await link.send("two")
        assert now() == begun
        assert [await link.receive(), await link.receive()] == ["one", "two"]
        assert now() == pytest.approx(begun + 0.5)
        await link.ping()
        assert now() == pytest.approx(begun + 1.0)
        assert listener.url == URL

    alive(main())


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1), st.sampled_from(["", "cut", "restore"])), max_size=20))
def test_nothing_is_overtaken_or_lost_whatever_latency_and_unnoticed_cuts_do(
    steps: list[tuple[float, float, str]],
) -> None:
    async def main() -> None:
        network = MemoryNetwork()
        near, far, _ = await opened(network)
        for number, (latency, pause, action) in enumerate(steps):
            network.latency_up = latency
            if action == "cut":
                network.cut("Wired0", noticed=False)
            elif action == "restore":
                network.restore("Wired0")
            await near.send(str(number))
            await asyncio.sleep(pause)
        network.restore()
        await near.close()
        assert [await far.receive() for _ in steps] == [str(number) for number in range(len(steps))]
        with pytest.raises(LinkLost):
            await far.receive()

    alive(main())


def test_the_handshake_carries_what_the_dialler_shows() -> None:
    async def main() -> None:
        near, far, _ = await opened(MemoryNetwork())
        expected = Handshake(
            url="wss://csms.example/ocpp/SEC%201%2FA",
            subprotocols=("ocpp2.0.1",),
            user="SEC 1/A",
            password="0123456789abcdef",
            authorization="Basic U0VDIDEvQTowMTIzNDU2Nzg5YWJjZGVm",
            tls=TlsFacts(version="TLSv1.2", cipher_suite=SUITES[0]),
            interface="Wired0",
        )
        assert near.handshake == far.handshake == expected
        assert "0123456789abcdef" not in repr(far.handshake)

    alive(main())


def test_profile_3_shows_the_client_certificate_and_no_password() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SEC1")])
    begin, end = datetime.datetime(2026, 1, 1), datetime.datetime(2027, 1, 1)  # noqa: DTZ001  (X.509 dates are UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(begin).not_valid_after(end)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    async def main() -> None:
        credentials = Credentials(password="0123456789abcdef", client_certificate=pem)
        _, far, _ = await opened(MemoryNetwork(), security_profile=3, credentials=credentials)
        shaken = far.handshake
        assert shaken.tls
        assert (shaken.tls.client_certificate_subject, shaken.user, shaken.password) == ("CN=SEC1", None, None)

    alive(main())


def test_profile_1_has_no_tls() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        network.listen("ws://plain.example:8080", lambda _: 101, silent)
        link = await network.dialer().dial(target(url="ws://plain.example:8080/", security_profile=1))
        assert (link.handshake.tls, link.handshake.user) == (None, "SEC 1/A")
        assert link.handshake.url == "ws://plain.example:8080/SEC%201%2FA"

    alive(main())


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        (Refuse(), Refusal.Unreachable),
        (Refuse(Refusal.InvalidTLSVersion), Refusal.InvalidTLSVersion),
        (HoldConnections(), Refusal.TimedOut),
        (Reject(401), Refusal.Unauthorized),
        (Reject(403), Refusal.Unauthorized),
        (Reject(503), Refusal.HttpStatus),
        (CloseAtOnce(), Refusal.Protocol),
    ],
)
def test_a_listener_misbehaves_as_told_and_recovers(behavior: Behavior, expected: Refusal) -> None:
    async def main() -> None:
        network = MemoryNetwork()
        listener = network.listen(URL, lambda _: 101, silent)
        listener.behavior = behavior
        assert await refused(network) == expected
        assert now() < 30 or (now() == 30 and expected == Refusal.TimedOut)
        listener.behavior = AcceptHandshakes()
        assert not (await network.dialer().dial(target())).ended

    alive(main())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"url": "wss://nobody.example"}, Refusal.Unreachable),
        ({"url": "ws://csms.example:443/ocpp", "security_profile": 1}, Refusal.Protocol),
        ({"roots": ("another root",)}, Refusal.InvalidCsmsCertificate),
        ({"cipher_suites": SUITES[:1]}, Refusal.InvalidTLSCipherSuite),
        ({"identity": "stranger"}, Refusal.Unauthorized),
        ({"identity": "lost"}, Refusal.HttpStatus),
        ({"identity": "crash"}, Refusal.HttpStatus),
    ],
)
def test_a_dialler_that_does_not_fit_is_refused(changes: dict[str, Any], expected: Refusal) -> None:
    async def main() -> None:
        network = MemoryNetwork()
        statuses = {"SEC%201%2FA": 101, "stranger": 401, "lost": 404}
        listener = network.listen(URL, lambda shaken: statuses[shaken.url.rsplit("/", 1)[1]], silent)
        listener.root, listener.cipher_suites = "the root", SUITES[1:]
        assert await refused(network, **({"roots": ("the root",)} | changes)) == expected

    alive(main())


@pytest.mark.parametrize("chosen", [None, "ocpp1.6"])
def test_another_subprotocol_is_refused(chosen: str | None) -> None:
    async def main() -> None:
        network = MemoryNetwork()
        network.listen(URL, lambda _: 101, silent).subprotocol = chosen
        assert await refused(network) == Refusal.Subprotocol

    alive(main())


def test_two_listeners_at_one_host_are_refused() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        listener = network.listen(URL, lambda _: 101, silent)
        with pytest.raises(OSError, match=r"csms.example:443 is in use"):
            network.listen("wss://csms.example:443/other", lambda _: 101, silent)
        await listener.close()
        network.listen(URL, lambda _: 101, silent)

    alive(main())


@pytest.mark.parametrize("closer", ["near", "far"])
def test_a_close_in_good_order_reaches_the_peer_after_what_was_sent(closer: str) -> None:
    async def main() -> None:
        near, far, _ = await opened(MemoryNetwork())
        one, other = (near, far) if closer == "near" else (far, near)
        await one.send("last words")
        closing = asyncio.create_task(one.close(4_000, "enough"))
        assert await other.receive() == "last words"
        with pytest.raises(LinkLost, match="closed by the peer with 4000 enough"):
            await other.receive()
        await closing
        for use in (one.receive(), one.send("x"), one.ping()):
            with pytest.raises(LinkLost, match="closed by this end with 4000"):
                await use
        assert (other.close_code, other.close_reason) == (4_000, "enough")
        await asyncio.gather(one.close(), other.close())

    alive(main())


def test_a_drop_is_heard_by_nobody_and_found_by_a_ping() -> None:
    async def main() -> None:
        near, far, _ = await opened(MemoryNetwork())
        near.drop()
        with pytest.raises(LinkLost, match="dropped"):
            await near.receive()
        await far.send("is anybody there?")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await far.ping()
        assert not far.ended

    alive(main())


def test_a_waiting_ping_ends_with_the_link() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        near, _, _ = await opened(network)
        network.cut("Wired0", noticed=False)
        pinging = asyncio.create_task(near.ping())
        await asyncio.sleep(1)
        near.drop()
        with pytest.raises(LinkLost):
            await pinging

    alive(main())


def test_a_noticed_cut_ends_the_links_of_that_interface_only() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        wired, _, _ = await opened(network)
        wireless = await network.dialer().dial(target(interface="Wireless0"))
        network.cut("Wired0")
        assert (wired.ended, wireless.ended) == (True, False)
        assert await refused(network) == Refusal.Unreachable
        network.cut()
        assert wireless.ended
        network.restore("Wired0")
        assert await refused(network) == Refusal.Unreachable
        network.restore()
        assert not (await network.dialer().dial(target())).ended

    alive(main())


def test_dialling_into_an_unnoticed_cut_times_out() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        network.listen(URL, lambda _: 101, silent)
        network.cut("Wired0", noticed=False)
        assert await refused(network) == Refusal.TimedOut

    alive(main())


@pytest.mark.parametrize("message", ["x" * 101, "é" * 51])
def test_an_oversize_message_closes_with_1009(message: str) -> None:
    async def main() -> None:
        near, far, _ = await opened(MemoryNetwork(), max_size=100)
        await far.send("y" * 100)
        await far.send(message)
        assert await near.receive() == "y" * 100
        with pytest.raises(LinkLost):
            await near.receive()
        with pytest.raises(LinkLost, match="1009"):
            await far.receive()
        assert near.close_code == far.close_code == 1009

    alive(main())


def test_a_binary_frame_arrives_as_bytes() -> None:
    async def main() -> None:
        near, far, _ = await opened(MemoryNetwork())
        await far.send_bytes(b"\x00")
        assert await near.receive() == b"\x00"

    alive(main())


def test_a_severed_dialer_drops_its_links_and_dials_no_more() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        listener = network.listen(URL, lambda _: 101, silent)
        dialer = network.dialer()
        link = await dialer.dial(target())
        dialling = asyncio.create_task(dialer.dial(target()))
        await asyncio.sleep(0.012)
        dialer.sever()
        assert link.ended
        with pytest.raises(LinkRefused):
            await dialling
        with pytest.raises(LinkRefused):
            await dialer.dial(target())
        assert not listener.links[0].ended
        assert not (await network.dialer().dial(target())).ended

    alive(main())


def test_closing_a_listener_ends_its_links_and_refuses_more() -> None:
    async def main() -> None:
        network = MemoryNetwork()
        near, _, listener = await opened(network)
        await listener.close()
        with pytest.raises(LinkLost, match="1001"):
            await near.receive()
        assert listener.links == ()
        assert await refused(network) == Refusal.Unreachable

    alive(main())


@pytest.mark.parametrize(("failure", "code"), [(None, 1000), (ValueError("bug"), 1011), (LinkLost("gone"), 1000)])
def test_a_link_is_closed_when_its_server_returns(failure: Exception | None, code: int) -> None:
    async def serve(_: Link) -> None:
        await asyncio.sleep(1)
        if failure:
            raise failure

    async def main() -> None:
        network = MemoryNetwork()
        network.listen(URL, lambda _: 101, serve)
        link = await network.dialer().dial(target())
        with pytest.raises(LinkLost):
            await link.receive()
        assert link.close_code == code

    alive(main())


def test_attempts_are_logged_with_time_and_outcome() -> None:
    async def main() -> None:
        network = MemoryNetwork(latency_up=0.25, latency_down=0.25)
        listener = network.listen(URL, lambda _: 101, silent)
        await network.dialer().dial(target())
        listener.behavior = HoldConnections()
        await asyncio.sleep(9)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await network.dialer().dial(target(interface="Wireless0"))
        seen = [(attempt.time, attempt.ended, attempt.interface, attempt.outcome) for attempt in network.attempts]
        assert seen == [(0.0, 1.0, "Wired0", "open"), (10.0, 15.0, "Wireless0", "cancelled")]
        assert network.attempts[0].url == "wss://csms.example/ocpp/SEC%201%2FA"

    alive(main())


def test_a_dial_cancelled_at_the_last_step_leaves_no_open_end_with_the_station() -> None:
    async def main() -> None:
        network = MemoryNetwork(latency_up=1, latency_down=1)
        listener = network.listen(URL, lambda _: 101, silent)
        dialling = asyncio.create_task(network.dialer().dial(target()))
        await asyncio.sleep(3.5)
        assert len(listener.links) == 1
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await listener.links[0].ping()

    alive(main())
