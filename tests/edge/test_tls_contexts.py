"""What a station offers in its ClientHello, and how contexts are shared and given a key."""

import os
import ssl
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ohmstead.edge.cipher_suites import KNOWN, iana_name, is_tls13, openssl_name
from ohmstead.edge.tls import client_context, server_context
from ohmstead.edge.tls_refusal import Records
from ohmstead.lab.client_hello import parse
from ohmstead.ports.link import Target
from tests.edge.websocket_bench import PRODUCT_SUITES, csms, station, target

PRODUCT_CODES = [0x009C, 0x009D]
"""TLS_RSA_WITH_AES_128_GCM_SHA256 and TLS_RSA_WITH_AES_256_GCM_SHA384 in the registry."""
SIGNALLING = 0x00FF
"""TLS_EMPTY_RENEGOTIATION_INFO_SCSV: a signal in the place of a suite (RFC 5746)."""
SUPPORTED_VERSIONS = 43


def client_hello(context: ssl.SSLContext) -> tuple[int, list[int], set[int]]:
    """Return version, suites and extension types of the ClientHello that a context sends."""
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        connection.do_handshake()
    hello = outgoing.read()[9:]  # after the headers of record and message
    version = struct.unpack_from(">H", hello)[0]
    at = 35 + hello[34]
    length = struct.unpack_from(">H", hello, at)[0]
    suites = list(struct.unpack_from(f">{length // 2}H", hello, at + 2))
    at += 2 + length
    at += 1 + hello[at] + 2
    extensions = set[int]()
    while at < len(hello):
        kind, size = struct.unpack_from(">HH", hello, at)
        extensions.add(kind)
        at += 4 + size
    return version, suites, extensions


def with_suites(*suites: str) -> Target:
    return replace(target("wss://localhost"), cipher_suites=suites)


def test_exactly_the_suites_of_the_product_are_offered_in_tls_1_2() -> None:
    version, suites, extensions = client_hello(client_context(with_suites(*PRODUCT_SUITES)))
    assert version == 0x0303
    assert [suite for suite in suites if suite != SIGNALLING] == PRODUCT_CODES
    assert SUPPORTED_VERSIONS not in extensions


def test_the_order_of_preference_is_the_one_given() -> None:
    _, suites, _ = client_hello(client_context(with_suites(*reversed(PRODUCT_SUITES))))
    assert [suite for suite in suites if suite != SIGNALLING] == PRODUCT_CODES[::-1]


def test_tls_1_3_is_offered_only_with_its_suites() -> None:
    _, suites, extensions = client_hello(client_context(with_suites("TLS_AES_256_GCM_SHA384")))
    assert SUPPORTED_VERSIONS in extensions
    assert all(suite >> 8 == 0x13 for suite in suites if suite != SIGNALLING)


@pytest.mark.parametrize("suite", [suite for suite in KNOWN if not is_tls13(suite) and "NULL" not in suite])
def test_every_suite_of_tls_1_2_that_is_not_weak_can_be_offered_alone(suite: str) -> None:
    _, suites, _ = client_hello(client_context(with_suites(suite)))
    assert len([code for code in suites if code != SIGNALLING]) == 1


@pytest.mark.parametrize(
    "suites",
    [("TLS_RSA_WITH_NULL_SHA256",), (PRODUCT_SUITES[0], "TLS_RSA_WITH_NULL_SHA256"), ("TLS_AES_128_CCM_8_SHA256",)],
)
def test_a_suite_that_is_too_weak_is_an_error_rather_than_silence(suites: tuple[str, ...]) -> None:
    """A00.FR.423: what is unsuitable is never offered."""
    with pytest.raises(ValueError, match="offered on this platform"):
        client_context(with_suites(*suites))


def test_no_compression_is_offered() -> None:
    """A00.FR.424: the one method in the list is null."""
    outgoing = ssl.MemoryBIO()
    connection = client_context(with_suites(*PRODUCT_SUITES)).wrap_bio(ssl.MemoryBIO(), outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        connection.do_handshake()
    assert parse(outgoing.read()[5:]).compressions == (0,)


def test_an_unknown_suite_is_an_error() -> None:
    with pytest.raises(ValueError, match="TLS_NONSENSE"):
        client_context(with_suites("TLS_NONSENSE"))


@given(st.sampled_from(KNOWN))
def test_the_two_names_of_a_suite_lead_to_each_other(suite: str) -> None:
    assert iana_name(openssl_name(suite)) == suite


def test_a_suite_without_translation_keeps_its_name() -> None:
    assert iana_name("ADH-AES128-SHA") == "ADH-AES128-SHA"


def test_tls_1_3_has_names_of_its_own() -> None:
    assert [suite for suite in KNOWN if is_tls13(suite)] == [suite for suite in KNOWN if openssl_name(suite) == suite]


def test_stations_with_the_same_trust_share_a_context() -> None:
    one = client_context(replace(target("wss://a"), identity="A"))
    assert client_context(replace(target("wss://b"), identity="B")) is one
    assert client_context(replace(target("wss://b"), allow_wildcards=True)) is not one


def test_a_context_with_a_client_certificate_is_not_shared() -> None:
    attempt = target("wss://localhost", profile=3)
    assert client_context(attempt) is not client_context(attempt)


def test_no_key_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Path(os.devnull).open() as first_free:
        before = first_free.fileno()
    for _ in range(3):
        server_context(station().chain, station().key)
        with pytest.raises(ValueError, match="cannot be used"):
            server_context(csms().chain, station().key)
    assert list(tmp_path.iterdir()) == []
    with Path(os.devnull).open() as first_free:
        assert first_free.fileno() == before


def test_without_memory_files_the_key_passes_through_a_file_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    server_context(csms().chain, csms().key)
    assert list(tmp_path.iterdir()) == []


def test_a_dialer_does_without_the_library_for_certificates() -> None:
    code = "import sys, ohmstead.edge.websocket_dialer; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.lists(st.tuples(st.sampled_from([20, 21, 22]), st.binary(max_size=40)), max_size=6), st.data())
def test_record_headers_are_found_however_the_bytes_arrive(sent: list[tuple[int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(struct.pack(">BHH", kind, 0x0302, len(body)) + body for kind, body in sent)
    records, at = Records(), 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        records.feed(stream[at : at + size])
        at += size
    kinds = [kind for kind, _ in sent]
    assert records.server_hello == (22 in kinds)
    assert records.alert_version == (0x0302 if 21 in kinds else None)
