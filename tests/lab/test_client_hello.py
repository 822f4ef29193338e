"""What the lab reads in a ClientHello is what OpenSSL offered."""

import contextlib
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.lab.client_hello import HEADER, ClientHello, content_length, parse


def offered(context: ssl.SSLContext) -> bytes:
    """Return the first record that a client with this context sends."""
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="csms.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


def read(context: ssl.SSLContext) -> ClientHello:
    record = offered(context)
    length = content_length(record[:HEADER])
    assert length == len(record) - HEADER
    return parse(record[HEADER:])


def client() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("AES128-GCM-SHA256:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256")
    return context


def test_versions_and_suites_of_tls_1_2() -> None:
    context = client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    hello = read(context)
    assert hello.versions == (0x0303,)
    assert set(hello.cipher_suites) == {
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    }
    assert hello.compressions == (0,)


def test_versions_in_the_extension_of_tls_1_3() -> None:
    hello = read(client())
    assert set(hello.versions) == {0x0303, 0x0304}
    assert "0x1301" in hello.cipher_suites


def test_another_record_is_no_handshake() -> None:
    assert content_length(b"\x15\x03\x03\x00\x02") is None


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse(content)


def test_a_cut_one_is_refused() -> None:
    record = offered(client())
    with pytest.raises(ValueError, match="cut off"):
        parse(record[HEADER:-1])
