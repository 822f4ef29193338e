"""Wrong ways to connect to the lab, by clients that are not ours, and the sentence that each one is told."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ohmstead.cli.lab.waiting import WaitingDisplay
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.authorities import OVER
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.hand import HttpHand
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.waiting.explained import ExplainedAttempt
from ohmstead.product.load import load
from tests.lab.waiting.foreign import (
    BEGUN,
    IDENTITY,
    PASSWORD,
    Client,
    Lab,
    asking,
    basic,
    curl,
    node,
    openssl,
    raw,
    station,
    there,
)

UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: ocpp2.0.1",
)
AUTHORIZATION = f"Authorization: {basic()['Authorization']}"


def without(line: str) -> tuple[str, ...]:
    return tuple(one for one in UPGRADE if not one.startswith(line))


class Wrong(msgspec.Struct, frozen=True):
    """One wrong way."""

    client: Client
    says: tuple[str, ...]
    """What stands in the sentence: what is wrong, and how to mend it."""
    tls: bool = True
    profile: int = 2
    let_in: bool = False
    needs: str = ""
    """A program."""


def client_certificate(_lab: Lab) -> Issued:
    return Authority.generate("Another Root CA").issue_client("SN-1")


def expired(lab: Lab) -> Issued:
    return lab.authority.issue_client("SN-1", validity=OVER)


WAYS = {
    # TLS
    "ws at a port of TLS": Wrong(station(scheme="ws"), ("plain HTTP (ws://)", "wss://localhost")),
    "TLS at a port without": Wrong(
        openssl("-tls1_2", root=False), ("TLS (wss://)", "ws://localhost"), tls=False, profile=1, needs="openssl"
    ),
    "TLS 1.1": Wrong(
        openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("TLS 1.1", "TLS 1.2 is the least"), needs="openssl"
    ),
    "TLS 1.3 only": Wrong(openssl("-tls1_3"), ("no TLS version in common", "TLS_RSA_WITH_AES_128"), needs="openssl"),
    "no common cipher suite": Wrong(
        openssl("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("no cipher suite in common", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        needs="openssl",
    ),
    "a root that OpenSSL does not have": Wrong(
        openssl("-tls1_2", "-verify_return_error", root=False), ("alert unknown_ca", "root.pem"), needs="openssl"
    ),
    "a root that Python does not have": Wrong(station(trusting=False), ("closed the connection", "root.pem")),
    "a root that Node does not have": Wrong(node(trusting=False), ("root.pem",), needs="node"),
    "a name that the certificate does not have": Wrong(
        station(name="csms.example"), ("dials the name csms.example", "--csms-name csms.example")
    ),
    "a client certificate of somebody else": Wrong(
        station(issue=client_certificate), ("client certificate is not accepted", "lab's authority")
    ),
    "a client certificate that is over": Wrong(
        station(issue=expired), ("client certificate is not accepted", "expired")
    ),
    "TLS and then nothing": Wrong(openssl("-tls1_2"), ("closed without a request", "root.pem"), needs="openssl"),
    "security profile 3 without a certificate": Wrong(
        station(), ("no client certificate", "--security-profile 2"), profile=3, let_in=True
    ),
    # What is no OCPP
    "a port check": Wrong(raw(b""), ("without a byte",)),
    "a port that is not the station's": Wrong(raw(b"SSH-2.0-OpenSSH_9.6\r\n"), ("no TLS",)),
    "the PROXY protocol": Wrong(
        curl("--haproxy-protocol"), ("PROXY protocol", "turn that off"), tls=False, profile=1, needs="curl"
    ),
    "MQTT": Wrong(raw(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04test\r\n"), ("no HTTP",), tls=False, profile=1),
    # HTTP
    "a browser": Wrong(curl(), ("asks for no WebSocket", "Upgrade: websocket"), needs="curl"),
    "SOAP": Wrong(
        curl("--header", "Content-Type: application/soap+xml", "--data", "<x/>"), ("SOAP", "OCPP 2.0.1"), needs="curl"
    ),
    "another method": Wrong(curl("--request", "PUT"), ("HTTP PUT", "GET"), needs="curl"),
    "HTTP/1.0": Wrong(curl("--http1.0"), ("HTTP/1.0", "HTTP/1.1"), needs="curl"),
    "HTTP/2": Wrong(curl("--http2-prior-knowledge"), ("HTTP/2", "turn HTTP/2 off"), tls=False, profile=1, needs="curl"),
    "the lab taken for a proxy": Wrong(
        curl("--proxy", "http://localhost:{port}"),
        ("for its proxy", "proxy setting"),
        tls=False,
        profile=1,
        needs="curl",
    ),
    "the lab taken for a tunnel": Wrong(
        curl("--proxytunnel", "--proxy", "http://localhost:{port}"),
        ("CONNECT", "proxy setting"),
        tls=False,
        profile=1,
        needs="curl",
    ),
    "an upgrade that a proxy cut": Wrong(
        asking(*without("Connection"), AUTHORIZATION), ("Connection: Upgrade", "reverse proxy")
    ),
    "an old WebSocket": Wrong(
        asking(*without("Sec-WebSocket-Version"), "Sec-WebSocket-Version: 8"), ("Sec-WebSocket-Version is 8", "13")
    ),
    # The URL
    "another path": Wrong(station(f"!/steve/websocket/{IDENTITY}"), ("/steve/websocket", "/ocpp", "--csms-listen")),
    "no path": Wrong(station(f"!/{IDENTITY}"), (f"the path /{IDENTITY} is not /ocpp/{IDENTITY}",)),
    "no identity": Wrong(station(""), ("without the identity", f"/ocpp/{IDENTITY}")),
    "the identity twice": Wrong(station(f"/{IDENTITY}/{IDENTITY}"), ("twice", "by itself")),
    "a slash at the end": Wrong(station(f"/{IDENTITY}/"), ("ends with a slash",)),
    "two slashes": Wrong(station(f"//{IDENTITY}"), ("two slashes",)),
    "another identity": Wrong(
        station("/CS-002"), ("CS-002 is not the one that is tested, CS-001", "--identity CS-002")
    ),
    "an identity in lower case": Wrong(station("/cs-001"), ("upper and lower case count",)),
    # The sub-protocol
    "OCPP 1.6": Wrong(station(protocols=("ocpp1.6",)), ("ocpp1.6", "OCPP 1.6", "ocpp2.0.1")),
    "OCPP 2.1": Wrong(station(protocols=("ocpp2.1",)), ("ocpp2.1", "another version", "ocpp2.0.1")),
    "no sub-protocol": Wrong(node(""), ("no sub-protocol", "Sec-WebSocket-Protocol"), needs="node"),
    "a sub-protocol in upper case": Wrong(station(protocols=("OCPP2.0.1",)), ("OCPP2.0.1", "lower case")),
    # Who it is
    "no Authorization": Wrong(node(), ("no Authorization header", "A00.FR.203"), let_in=True, needs="node"),
    "another scheme": Wrong(station(headers={"Authorization": "Bearer x"}), ("is Bearer", "Basic"), let_in=True),
    "Basic that cannot be read": Wrong(
        station(headers={"Authorization": "Basic CS-001:secret"}), ("cannot be read", "Base64"), let_in=True
    ),
    "another user": Wrong(station(headers=basic(user="admin")), ("admin", "A00.FR.204"), let_in=True),
    "a wrong password": Wrong(
        station(headers=basic(password="something-else-entirely")), ("password is not the one",), let_in=True
    ),
    "a password as OCPP 1.6 has it": Wrong(
        station(headers=basic(password=PASSWORD.encode().hex())), ("hexadecimal", "as it is"), let_in=True
    ),
    "a password with a line end": Wrong(station(headers=basic(password=f"{PASSWORD}\n")), ("line end",), let_in=True),
    # What is let in, and worth knowing
    "compression": Wrong(station(compression="deflate"), ("compression",), let_in=True),
    "a proxy between": Wrong(
        station(headers={**basic(), "X-Forwarded-For": "10.1.2.3"}), ("through a proxy", "10.1.2.3"), let_in=True
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("lab")


def waiting(folder: Path, *, tls: bool = True, profile: int = 2) -> ExternalRig:
    """Return a lab that waits for CS-001; its authority is made once."""
    place = ListenAddress.parse(f"{'wss' if tls else 'ws'}://127.0.0.1:0", ("localhost",))
    given = Provisioning(identity=IDENTITY, password=PASSWORD, security_profile=profile)
    return ExternalRig(load("sec1000-240y"), place, HttpHand("http://127.0.0.1:1/hand"), given, folder)


async def attempts(way: Wrong, folder: Path, clients: list[Client], count: int, tmp: Path) -> list[ExplainedAttempt]:
    """Let clients come, one after the other, and return what was told of so many attempts."""
    rig = waiting(folder, tls=way.tls, profile=way.profile)
    told: list[ExplainedAttempt] = []
    enough = asyncio.Event()

    def tell(attempt: ExplainedAttempt) -> None:
        told.append(attempt)
        if len(told) >= count:
            enough.set()

    rig.admission.told = tell
    await rig.listen()
    try:
        port = int(rig.url.rsplit(":", 1)[1].split("/")[0])
        tls = rig.url.startswith("wss")
        lab = Lab(tls=tls, port=port, root=rig.root, authority=Authority.load(folder), folder=tmp)
        for client in clients:
            await client(lab)
        async with asyncio.timeout(BEGUN):
            await enough.wait()
    finally:
        with suppress(OSError):
            await rig.close()
    return told


@pytest.mark.parametrize("name", WAYS)
def test_what_is_wrong_and_how_to_mend_it(name: str, folder: Path, tmp_path: Path) -> None:
    way = WAYS[name]
    if way.needs and not there(way.needs):
        pytest.skip(f"{way.needs} is not on this machine")
    told = asyncio.run(attempts(way, folder, [way.client], 1, tmp_path))[0]
    text = told.wrong or " ".join(told.notes)
    assert told.let_in is way.let_in, told
    for words in way.says:
        assert words in text, told
    assert text.isprintable()
    assert PASSWORD not in repr(told)


async def gone_at_once(folder: Path) -> list[ExplainedAttempt]:
    """Connect, and close for want of an extension."""
    rig = waiting(folder, tls=False, profile=1)
    told: list[ExplainedAttempt] = []
    again = asyncio.Event()

    def tell(attempt: ExplainedAttempt) -> None:
        told.append(attempt)
        if attempt.wrong:
            again.set()

    rig.admission.told = tell
    await rig.listen()
    try:
        options = {"subprotocols": [Subprotocol("ocpp2.0.1")], "additional_headers": basic(), "proxy": None}
        async with asyncio.timeout(BEGUN):
            async with connect(f"{rig.url}/{IDENTITY}", **options) as connection:  # type: ignore[arg-type]
                await connection.close(1010, "permessage-deflate")
            await again.wait()
        return told
    finally:
        await rig.close()


def test_a_station_that_insists_on_compression(folder: Path) -> None:
    told = asyncio.run(gone_at_once(folder))
    assert [attempt.wrong == "" for attempt in told] == [True, False]
    assert "1010 permessage-deflate" in told[1].wrong
    assert "compression: turn that off" in told[1].wrong


async def both_at_once(folder: Path) -> tuple[list[ExplainedAttempt], list[str], list[str], bool]:
    """Connect twice with the identity that is tested, and once with another one, while the first is open."""
    rig = waiting(folder, tls=False, profile=1)
    told: list[ExplainedAttempt] = []
    rig.admission.told = told.append
    await rig.listen()
    try:
        url = f"{rig.url}/{IDENTITY}"
        options = {"subprotocols": [Subprotocol("ocpp2.0.1")], "additional_headers": basic(), "proxy": None}
        async with asyncio.timeout(BEGUN), connect(url, **options):  # type: ignore[arg-type]
            assert await rig.wait_connected(BEGUN)
            before = rig.admission.take_seconds()
            with suppress(InvalidStatus):
                async with connect(f"{rig.url}/CS-002", **options):  # type: ignore[arg-type]
                    pass
            undisturbed = rig.line.made == 1
            async with connect(url, **options):  # type: ignore[arg-type]
                while rig.line.made < 2:
                    rig.line.arrived.clear()
                    await rig.line.arrived.wait()
        tried = [attempt for attempt in told if not (attempt.let_in and attempt.wrong)]
        return tried, before, rig.admission.take_seconds(), undisturbed
    finally:
        await rig.close()


def test_a_second_connection_is_noted_and_another_identity_changes_nothing(folder: Path) -> None:
    """Two devices of one identity look like a station that lost its link: the newer one is taken, and that is said."""
    told, before, seconds, undisturbed = asyncio.run(both_at_once(folder))
    assert before == []
    assert undisturbed
    assert [attempt.let_in for attempt in told] == [True, False, True]
    assert "CS-002 is not the one that is tested" in told[1].wrong
    assert seconds == [told[2].second]
    assert "CS-001 made a second connection" in told[2].second


def test_one_address_of_a_machine_that_has_several(folder: Path) -> None:
    """The switch listens there, what lies behind it on loopback."""

    async def main() -> bool:
        place = ListenAddress.parse("ws://127.0.0.2:0")
        given = Provisioning(identity=IDENTITY, password=PASSWORD, security_profile=1)
        rig = ExternalRig(load("sec1000-240y"), place, HttpHand("http://127.0.0.1:1/hand"), given, folder)
        await rig.listen()
        try:
            options = {"subprotocols": [Subprotocol("ocpp2.0.1")], "additional_headers": basic(), "proxy": None}
            async with asyncio.timeout(BEGUN), connect(f"{rig.url}/{IDENTITY}", **options):  # type: ignore[arg-type]
                return await rig.wait_connected(BEGUN)
        finally:
            await rig.close()

    assert asyncio.run(main())


def test_what_the_person_at_the_terminal_reads(folder: Path) -> None:
    """Each attempt once, then how often; nothing of a peer acts on the terminal."""

    async def main() -> str:
        rig = waiting(folder)
        out = StringIO()
        display = WaitingDisplay(Console(file=out, highlight=False, soft_wrap=True), rig)
        await rig.listen()
        try:
            rig.admission.waiting = True
            display.introduce()
            attempt = ExplainedAttempt(address="10.0.0.7", facts=("TCP only",), let_in=False, wrong="\x1b[31m [red]x")
            for _ in range(5):
                display.show(attempt)
            rig.admission.waiting = False
            display.show(msgspec.structs.replace(attempt, let_in=True, wrong="", notes=("a note",)))
        finally:
            await rig.close()
        return out.getvalue()

    text = asyncio.run(main())
    assert "wss://localhost:" in text
    assert "BEGIN CERTIFICATE" in text
    assert text.count("not let in") == 1
    assert [line.split("  ")[-1] for line in text.splitlines() if "the same again" in line] == [
        "the same again, 2 times so far",
        "the same again, 4 times so far",
    ]
    assert "\x1b" not in text
    assert "[red]x" in text
    assert "a note" not in text
