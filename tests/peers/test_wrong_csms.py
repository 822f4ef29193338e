"""CSMSs that are not ours and with which something is wrong: what the station says, and what there is to do "
"about it."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest

from ohmstead.cli.run.data import open_folder
from ohmstead.cli.run.site import RunSite
from ohmstead.edge.authority import self_signed
from ohmstead.edge.certificate_builder import Issued
from ohmstead.lab.rigs.authorities import LATER, OVER
from ohmstead.ports.bench import ConnectionView
from ohmstead.ports.link import LinkRefused
from ohmstead.product.load import load
from ohmstead.runtime.config import StationConfig
from tests.edge.websocket_bench import PASSWORD, authority, csms, refusal, target
from tests.peers.foreign_csms import Foreign, another, answering, boot, nobody, node, openssl, raw, websockets

PATIENCE = 60.0


class WrongCsms(msgspec.Struct, frozen=True):
    """One CSMS, and what is said of it."""

    run: Foreign
    says: tuple[str, ...]
    profile: int = 2
    needs: str = ""
    """A program."""


def expired() -> Issued:
    return authority().issue_server(["localhost"], validity=OVER)


def to_come() -> Issued:
    return authority().issue_server(["localhost"], validity=LATER)


def of_another_name() -> Issued:
    return authority().issue_server(["csms.example"])


def of_another_root() -> Issued:
    return another().issue_server(["localhost"])


def by_itself() -> Issued:
    return self_signed(["localhost"])


ATTEMPTS = {
    # Where nobody is
    "nobody listens": WrongCsms(nobody(), ("nobody listens there", "does the CSMS run")),
    "a host that does not exist": WrongCsms(nobody("no.such.host.invalid"), ("has no address",)),
    "silence": WrongCsms(raw(None, scheme="wss"), ("no answer within 2 s", "firewall")),
    "silence without TLS": WrongCsms(raw(None), ("no answer within 2 s", "says nothing"), profile=1),
    "it closes at once": WrongCsms(raw(b"", scheme="wss"), ("TLS port of the CSMS",)),
    "it closes at once without TLS": WrongCsms(raw(b""), ("no answer to HTTP", "wss://"), profile=1),
    "another service": WrongCsms(
        raw(b"SSH-2.0-OpenSSH_9.6\r\n", first=True, scheme="wss"), ("answers without TLS", "another port")
    ),
    # TLS or not
    "TLS to a server without": WrongCsms(
        node(200, certificate=None, scheme="wss"), ("answers without TLS", "ws://"), needs="node"
    ),
    "no TLS to a server of TLS": WrongCsms(openssl(csms, "-tls1_2", scheme="ws"), ("wss://",), 1, needs="openssl"),
    "no TLS to a server that says so": WrongCsms(
        raw(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"),
        ("HTTP 400", "speaks TLS at this port", "wss://"),
        profile=1,
    ),
    "no TLS to a server that answers by an alert": WrongCsms(
        raw(b"\x15\x03\x01\x00\x02\x02\x0a"), ("speaks TLS at this port", "wss://"), profile=1
    ),
    # Certificates
    "a root that the station does not have": WrongCsms(
        openssl(of_another_root, "-tls1_2"), ("InvalidCsmsCertificate", "--csms-root"), needs="openssl"
    ),
    "a certificate signed by itself": WrongCsms(websockets(certificate=by_itself), ("self-signed", "--csms-root")),
    "a certificate that is over": WrongCsms(websockets(certificate=expired), ("expired", "valid today", "clock")),
    "a certificate that is yet to come": WrongCsms(websockets(certificate=to_come), ("not yet valid", "clock")),
    "a certificate of another name": WrongCsms(
        websockets(certificate=of_another_name), ("InvalidCsmsCertificate", "localhost", "host of the URL")
    ),
    "TLS 1.1": WrongCsms(
        openssl(csms, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("InvalidTLSVersion", "TLS 1.2"), needs="openssl"
    ),
    "no suite in common": WrongCsms(
        openssl(csms, "-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("InvalidTLSCipherSuite", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        needs="openssl",
    ),
    "a client certificate is wanted": WrongCsms(
        openssl(csms, "-tls1_2", "-Verify", "1", "-verify_return_error"), ("client certificate",), needs="openssl"
    ),
    # HTTP
    "another path": WrongCsms(websockets(status=404), ("HTTP 404", "knows no such path or station", "CS 001")),
    "a wrong password": WrongCsms(websockets(password="another"), ("HTTP 401", "CS 001 with the password")),
    "forbidden": WrongCsms(websockets(status=403), ("HTTP 403", "CS 001"), profile=3),
    "moved": WrongCsms(
        websockets(status=301, headers={"Location": "https://csms.example/v2/ocpp/CS%20001?key=secret"}),
        ("HTTP 301", "give it wss://csms.example/v2/ocpp, if that is a CSMS"),
    ),
    "a login page": WrongCsms(node(302), ("HTTP 302", "follows no redirect"), needs="node"),
    "a web page": WrongCsms(node(200), ("HTTP 200", "web server and no OCPP"), needs="node"),
    "too many attempts": WrongCsms(websockets(status=429), ("HTTP 429", "fewer attempts")),
    "a proxy without its CSMS": WrongCsms(websockets(status=502), ("HTTP 502", "proxy before it")),
    "out of service": WrongCsms(websockets(status=503), ("HTTP 503", "no stations at present")),
    "a broken server": WrongCsms(websockets(status=500), ("HTTP 500",)),
    # The sub-protocol
    "OCPP 1.6 only": WrongCsms(websockets(subprotocols=("ocpp1.6",)), ("ocpp2.0.1 only",)),
    "OCPP 1.6 all the same": WrongCsms(
        raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 29\r\n\r\nexpected subprotocol: ocpp1.6"),
        ("it speaks ocpp1.6", "ocpp2.0.1 only"),
        profile=1,
    ),
    "no sub-protocol": WrongCsms(websockets(subprotocols=()), ("did not choose ocpp2.0.1", "another version")),
    "no WebSocket": WrongCsms(
        raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), ("Protocol", "port of the CSMS"), profile=1
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_why_there_is_no_connection(name: str, tmp_path: Path) -> None:
    wrong = ATTEMPTS[name]
    if wrong.needs and shutil.which(wrong.needs) is None:
        pytest.skip(f"{wrong.needs} is not on this machine")

    async def main() -> LinkRefused:
        async with wrong.run(tmp_path) as url:
            quick = 2.0 if "silence" in name else PATIENCE
            return await refusal(msgspec.structs.replace(target(url, wrong.profile), timeout=quick))

    refused = asyncio.run(main())
    text = f"{refused}; {refused.advice}"
    for words in wrong.says:
        assert words in text
    assert text.isprintable()
    assert "secret" not in text
    assert PASSWORD not in text


def calling_error(message_id: str) -> str:
    return f'[4,"{message_id}","InternalError","the database is down",{{}}]'


ANSWERS = {
    "Pending": (boot(status="Pending"), "Pending", ()),
    "Rejected": (boot(status="Rejected"), "Rejected", ()),
    "no offset": (
        boot(currentTime="2026-11-30T12:00:00"),
        "Failed",
        ("BootNotification failed", "$.currentTime", "no offset from UTC"),
    ),
    "no instant at all": (boot(currentTime="now"), "Failed", ("$.currentTime",)),
    "a field is missing": (boot(interval=None), "Failed", ("interval",)),
    "another status": (boot(status="OK"), "Failed", ("$.status",)),
    "a number as text": (boot(interval="300"), "Failed", ("$.interval",)),
    "a field of its own": (boot(heartbeatInterval=300), "Failed", ("heartbeatInterval",)),
    "a CALLERROR": (calling_error, "Failed", ("InternalError", "the database is down")),
    "a payload that is none": (lambda message_id: f'[3,"{message_id}",[]]', "Failed", ("BootNotification failed",)),
}


async def connection(foreign: Foreign, folder: Path, boot_status: str | None, error: str) -> ConnectionView:
    """Run a station at a CSMS until its page shows a boot status, or an error with these words."""
    async with foreign(folder) as url:
        site = RunSite(load("flagship"), open_folder(folder / "station", "flagship"))
        site.host.config = StationConfig(identity="CS-1", csms_url=url, security_profile=1, password=PASSWORD)
        bench = site.bench()
        task = asyncio.ensure_future(site.host.run())
        try:
            async with asyncio.timeout(PATIENCE):
                version = 0
                while True:
                    shown = bench.view().connection
                    if shown.boot_status == boot_status and error in (shown.last_error or ""):
                        return shown
                    version = await bench.wait_changed(version)
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_shown_of_an_answer_that_registers_nobody(name: str, tmp_path: Path) -> None:
    """`boot_status` and `last_error` of the control API."""
    answer, status, words = ANSWERS[name]
    shown = asyncio.run(connection(answering(answer), tmp_path, status, ""))
    assert shown.state == "Connected"
    for word in words:
        assert word in (shown.last_error or "")


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("what is no JSON", lambda _: "<html>", "JSON is malformed"),
        ("a response to nothing", lambda _: '[3,"another",{}]', "not outstanding"),
    ],
)
def test_what_the_csms_says_besides_is_shown_too(name: str, answer: object, words: str, tmp_path: Path) -> None:
    shown = asyncio.run(connection(answering(answer), tmp_path, None, words))  # type: ignore[arg-type]
    assert shown.state == "Connected", name


def test_a_link_that_ends_names_its_url(tmp_path: Path) -> None:
    shown = asyncio.run(connection(answering(lambda _: None, close=True), tmp_path, None, "1011"))
    assert "ws://localhost:" in (shown.last_error or "")
    assert "/ocpp/CS-1" in (shown.last_error or "")
