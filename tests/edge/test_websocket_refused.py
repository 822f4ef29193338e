"""Links that do not come about, and that each reason is told apart (A00.FR.310, A00.FR.316, A00.FR.323)."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Thread

import pytest
from msgspec.structs import replace

from ohmstead.edge.authority import self_signed
from ohmstead.edge.certificate_builder import DAY, Issued, Validity
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.tls import server_context
from ohmstead.edge.virtual_time import run
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.link import Credentials, Handshake, LinkRefused, Refusal, Target
from tests.edge.websocket_bench import (
    Answer,
    authority,
    by_password,
    csms,
    listening,
    product_context,
    raw_server,
    refusal,
    stranger,
    target,
)
from tests.generators import sample

TLS = ssl.TLSVersion
NOW = datetime.now(UTC)  # noqa: TID251  (dates of certificates are judged by the operating system's time)
SERVER = ["localhost"]


def with_certificate(issued: Issued) -> LinkRefused:
    """Dial a CSMS that shows this certificate."""
    return by_context(server_context(issued.chain, issued.key))


def by_context(context: ssl.SSLContext, attempt: Target | None = None) -> LinkRefused:
    """Dial a CSMS with these TLS settings and return its refusal; nothing of HTTP may have reached it."""
    asked: list[Handshake] = []

    def admit(handshake: Handshake) -> int:
        asked.append(handshake)
        return 101

    async def main() -> LinkRefused:
        async with listening(context, admit) as listener:
            return await refusal(replace(attempt or target(""), url=listener.url))

    refused = run(main())
    assert asked == []
    return refused


@contextmanager
def plain_openssl(context: ssl.SSLContext) -> Iterator[str]:
    """Serve one TLS handshake with blocking sockets, as servers do that are not ours; yields the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"wss://localhost:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def by_openssl(context: ssl.SSLContext, suites: tuple[str, ...] | None = None) -> Refusal:
    """Dial a server in a thread, of which virtual time knows nothing."""
    with plain_openssl(context) as url:
        attempt = target(url)
        suites = attempt.cipher_suites if suites is None else suites
        return asyncio.run(refusal(replace(attempt, cipher_suites=suites))).refusal


def test_a_certificate_of_another_authority() -> None:
    refused = with_certificate(stranger().issue_server(SERVER))
    assert refused.refusal is Refusal.InvalidCsmsCertificate


def test_an_expired_certificate() -> None:
    refused = with_certificate(authority().issue_server(SERVER, validity=Validity(NOW - 3 * DAY, 2 * DAY)))
    assert refused.refusal is Refusal.InvalidCsmsCertificate
    assert "expired" in refused.detail


def test_a_certificate_that_is_not_yet_valid() -> None:
    refused = with_certificate(authority().issue_server(SERVER, validity=Validity(NOW + DAY, 2 * DAY)))
    assert refused.refusal is Refusal.InvalidCsmsCertificate
    assert "not yet valid" in refused.detail


def test_a_self_signed_certificate() -> None:
    refused = with_certificate(self_signed(SERVER))
    assert refused.refusal is Refusal.InvalidCsmsCertificate


def test_a_certificate_for_another_name() -> None:
    refused = with_certificate(authority().issue_server(["csms.example.com"]))
    assert refused.refusal is Refusal.InvalidCsmsCertificate
    assert "csms.example.com" in refused.detail


def test_a_wildcard_certificate() -> None:
    refused = with_certificate(authority().issue_server(["localhost", "*.example.com"]))
    assert refused.refusal is Refusal.InvalidCsmsCertificate
    assert "wildcard" in refused.detail


def test_a_station_without_roots_trusts_nobody() -> None:
    refused = by_context(product_context(), replace(target(""), roots=()))
    assert refused.refusal is Refusal.InvalidCsmsCertificate


@pytest.mark.parametrize("version", [TLS.TLSv1, TLS.TLSv1_1])
@pytest.mark.parametrize("suites", [None, ()], ids=["suites of the product", "suites of the platform"])
def test_a_server_of_an_old_tls_version(version: ssl.TLSVersion, suites: tuple[str, ...] | None) -> None:
    context = server_context(csms().chain, csms().key, versions=(version, version), security_level=0)
    assert by_openssl(context, suites) is Refusal.InvalidTLSVersion


@pytest.mark.parametrize("suite", ["TLS_RSA_WITH_NULL_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"])
def test_a_server_without_a_suite_in_common(suite: str) -> None:
    context = server_context(csms().chain, csms().key, cipher_suites=(suite,), security_level=0)
    assert by_openssl(context) is Refusal.InvalidTLSCipherSuite


def test_a_suite_of_tls_1_3_that_is_not_listed() -> None:
    attempt = replace(target(""), cipher_suites=("TLS_AES_128_GCM_SHA256",))
    context = server_context(csms().chain, csms().key, cipher_suites=("TLS_AES_256_GCM_SHA384",))
    assert by_context(context, attempt).refusal is Refusal.InvalidTLSCipherSuite


@pytest.mark.parametrize("suites", [target("").cipher_suites, ()], ids=["TLS 1.2", "TLS 1.3"])
def test_a_client_certificate_that_the_server_does_not_know(suites: tuple[str, ...]) -> None:
    unknown = stranger().issue_client("SN-0815")
    credentials = Credentials(client_certificate=unknown.chain, client_key=unknown.key)
    attempt = replace(target("", profile=3), credentials=credentials, cipher_suites=suites)
    context = server_context(csms().chain, csms().key, client_roots=(authority().root,), client_required=True)
    assert by_context(context, attempt).refusal is Refusal.Unauthorized


@pytest.mark.parametrize("suites", [target("").cipher_suites, ()], ids=["TLS 1.2", "TLS 1.3"])
def test_a_server_that_wants_a_client_certificate_from_a_station_without(suites: tuple[str, ...]) -> None:
    context = server_context(csms().chain, csms().key, client_roots=(authority().root,), client_required=True)
    assert by_context(context, replace(target(""), cipher_suites=suites)).refusal is Refusal.Unauthorized


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Refusal.Unauthorized),
        (403, Refusal.Unauthorized),
        (404, Refusal.HttpStatus),
        (503, Refusal.HttpStatus),
    ],
)
def test_an_http_status(status: int, expected: Refusal) -> None:
    async def main() -> LinkRefused:
        async with listening(product_context(), lambda _: status) as listener:
            return await refusal(target(listener.url))

    refused = run(main())
    assert refused.refusal is expected
    assert str(status) in refused.detail


def test_a_wrong_password() -> None:
    async def main() -> LinkRefused:
        async with listening(product_context(), by_password) as listener:
            return await refusal(replace(target(listener.url), credentials=Credentials(password="wrong" * 4)))

    assert run(main()).refusal is Refusal.Unauthorized


def test_a_path_that_the_listener_does_not_serve() -> None:
    async def main() -> LinkRefused:
        async with listening(product_context()) as listener:
            return await refusal(target(listener.url + "/elsewhere"))

    assert "404" in run(main()).detail


def test_a_server_that_chooses_no_subprotocol() -> None:
    async def main() -> LinkRefused:
        async with listening(product_context(), subprotocol=None) as listener:
            return await refusal(target(listener.url))

    assert run(main()).refusal is Refusal.Subprotocol


def test_a_redirect_is_not_followed() -> None:
    asked: list[Handshake] = []

    def admit(handshake: Handshake) -> int:
        asked.append(handshake)
        return 101

    async def main() -> LinkRefused:
        async with listening(None, admit) as listener:
            location = f"{listener.url}/CS%20001".encode()

            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(
                    b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
                )

            async with raw_server(answer) as port:
                return await refusal(target(f"ws://localhost:{port}", profile=1))

    refused = run(main())
    assert refused.refusal is Refusal.HttpStatus
    assert asked == []


def answering(data: bytes) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(data)
        await writer.drain()

    return answer


GARBAGE = {
    "other text": b"220 mail.example.com ESMTP\r\n",
    "zeros": bytes(64),
    "nothing": b"",
    "HTTP without upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "a wrong Sec-WebSocket-Accept": (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
    ),
}


@pytest.mark.parametrize("profile", [1, 2])
@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage(profile: int, data: bytes) -> None:
    async def main() -> LinkRefused:
        async with raw_server(answering(data)) as port:
            return await refusal(target(f"{'wss' if profile == 2 else 'ws'}://localhost:{port}", profile))

    assert run(main()).refusal is Refusal.Protocol


STATUS_LINES = {
    "HTTP/1.1 401 Unauthorized": Refusal.Unauthorized,
    "HTTP/1.1 403 Forbidden": Refusal.Unauthorized,
    "HTTP/1.0 401 Unauthorized": Refusal.Unauthorized,
    "HTTP/1.1 401": Refusal.Unauthorized,
    "HTTP/1.1 400 Bad Request": Refusal.HttpStatus,
    "HTTP/1.1 404 Not Found": Refusal.HttpStatus,
    "HTTP/1.1 429 Too Many Requests": Refusal.HttpStatus,
    "HTTP/1.1 302 Found": Refusal.HttpStatus,
    "HTTP/1.1 500 Internal Server Error": Refusal.HttpStatus,
    "HTTP/1.1 503 Service Unavailable": Refusal.HttpStatus,
}
REST = "\r\nDate: Mon, 30 Nov 2026 10:00:00 GMT\r\nContent-Length: 12\r\nConnection: close\r\n\r\nWho are you?"


def cuts(line: str) -> list[int]:
    """Every length of a response from its status code on."""
    return list(range(len("HTTP/1.1 401"), len(line) + len(REST) + 1))


CUT = [(line, cut, profile) for line in STATUS_LINES for cut in cuts(line) for profile in (1, 2)]


@pytest.mark.parametrize(("line", "cut", "profile"), sample(CUT, 40))
def test_a_status_counts_wherever_its_response_breaks_off(line: str, cut: int, profile: int) -> None:
    """A CSMS that says 401 and closes at once has refused the password (A01.FR.03); the user reads what it said."""
    data = (line + REST)[:cut].encode()

    async def main() -> LinkRefused:
        async with raw_server(answering(data), product_context() if profile == 2 else None) as port:
            return await refusal(target(f"{'wss' if profile == 2 else 'ws'}://localhost:{port}", profile))

    refused = run(main())
    assert refused.refusal is STATUS_LINES[line]
    assert refused.detail.startswith(f"HTTP {line.split()[1]}")


@pytest.mark.parametrize("line", ["HTTP/1.1 401 Unauthorized", "HTTP/1.1 503 Service Unavailable"])
@pytest.mark.parametrize("rest", ["\r\n", "\r\nno header at all\r\n\r\n", "\r\nTransfer-Encoding: odd\r\n\r\n"])
@pytest.mark.parametrize("closes", [True, False])
def test_a_status_counts_whatever_follows(line: str, rest: str, *, closes: bool) -> None:
    """Headers that are none, a coding that nobody knows, or a socket that stays open and silent."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write((line + rest).encode())
        await writer.drain()
        if not closes:
            await reader.read()

    async def main() -> LinkRefused:
        async with raw_server(answer) as port:
            return await refusal(replace(target(f"ws://localhost:{port}", profile=1), timeout=5))

    assert run(main()).refusal is STATUS_LINES[line]


def test_a_status_line_does_not_write_into_the_log_what_it_likes() -> None:
    async def main() -> LinkRefused:
        async with raw_server(answering(b"HTTP/1.1 401 \x1b[31mred\xff\x07\r\n")) as port:
            return await refusal(target(f"ws://localhost:{port}", profile=1))

    assert run(main()).detail.isprintable()


@pytest.mark.parametrize("profile", [1, 2])
def test_silence(profile: int) -> None:
    async def answer(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def main() -> tuple[LinkRefused, float]:
        loop = asyncio.get_running_loop()
        async with raw_server(answer) as port:
            start = loop.time()
            attempt = target(f"{'wss' if profile == 2 else 'ws'}://localhost:{port}", profile)
            return await refusal(replace(attempt, timeout=20)), loop.time() - start

    refused, duration = run(main())
    assert refused.refusal is Refusal.TimedOut
    assert 19 < duration < 80  # to look a name up takes real time


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert run(refusal(target(f"wss://localhost:{port}"))).refusal is Refusal.Unreachable


def test_a_host_that_has_no_address() -> None:
    refused = run(refusal(replace(target("wss://no.such.host.invalid"), timeout=10)))
    assert refused.refusal in (Refusal.Unreachable, Refusal.TimedOut)


@pytest.mark.parametrize("host", ["a..localhost", ".localhost", f"{'a' * 64}.localhost", "xn--a-.localhost", "\0"])
def test_a_host_that_no_resolver_takes(host: str) -> None:
    assert asyncio.run(refusal(target(f"ws://{host}:1", profile=1))).refusal is Refusal.Unreachable


UNUSABLE = {
    "profile 2 without TLS": replace(target("ws://localhost:1"), security_profile=2),
    "profile 1 with TLS": target("wss://localhost:1", profile=1),
    "profile 3 without TLS": target("ws://localhost:1", profile=3),
    "no profile": replace(target("ws://localhost:1"), security_profile=0),
    "another scheme": target("https://localhost:1"),
    "no URL": target("localhost"),
    "a port that is none": target("wss://localhost:eight"),
    "credentials in the URL": target("wss://user:secret@localhost:1"),
    "no password": replace(target("wss://localhost:1"), credentials=Credentials()),
    "no client certificate": replace(target("wss://localhost:1", profile=3), credentials=Credentials()),
    "a key that is none": replace(
        target("wss://localhost:1", profile=3),
        credentials=Credentials(client_certificate=csms().chain, client_key="secret"),
    ),
    "an identity with a colon": replace(target("wss://localhost:1"), identity="a:b"),
    "a suite that does not exist": replace(target("wss://localhost:1"), cipher_suites=("TLS_NONSENSE",)),
    "a root that is none": replace(target("wss://localhost:1"), roots=("nonsense",)),
}


@pytest.mark.parametrize("attempt", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_target_that_cannot_be_dialed(attempt: Target) -> None:
    refused = run(refusal(attempt))
    assert refused.refusal is Refusal.Protocol
    assert "secret" not in str(refused)


def test_a_cancelled_attempt_leaves_nothing_open() -> None:
    ended = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        ended.set()

    async def main() -> None:
        async with raw_server(answer) as port:
            attempt = replace(target(f"wss://localhost:{port}"), timeout=60)
            task = asyncio.ensure_future(WebSocketDialer(Interfaces()).dial(attempt))
            await asyncio.sleep(0.1)
            task.cancel()
            async with asyncio.timeout(30):
                await ended.wait()

    run(main())
