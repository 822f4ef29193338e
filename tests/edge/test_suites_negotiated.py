"""Every suite that a certificate can list is agreed on when it is listed, and refused when it is not (C-41, A00)."""

import ssl
from functools import cache

import pytest
from msgspec.structs import replace

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import KeyKind
from ohmstead.edge.cipher_suites import iana_name
from ohmstead.edge.tls import client_context, server_context
from ohmstead.edge.tls_refusal import TlsRefused
from ohmstead.ports.link import Refusal
from ohmstead.product.features import CIPHER_SUITES
from tests.edge.websocket_bench import target


@cache
def authority() -> Authority:
    return Authority.generate("Test Root")


@cache
def certificates() -> tuple[tuple[str, str], ...]:
    """A server certificate of each kind of key."""
    issued = [authority().issue_server(["localhost"], kind=kind) for kind in KeyKind]
    return tuple((one.chain, one.key) for one in issued)


def agreed(listed: tuple[str, ...], served: tuple[str, ...]) -> str:
    """Shake hands with a server that speaks some suites, and return the one that is agreed on."""
    wanted = replace(target("wss://localhost"), cipher_suites=listed, roots=(authority().root,))
    (chain, key), *others = certificates()
    server_side = server_context(chain, key, others=tuple(others), cipher_suites=served)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(wanted).wrap_bio(to_client, to_server, server_hostname="localhost")
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    for _ in range(10):
        for side in tuple(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                continue
    suite = client.cipher()
    assert suite is not None and not waiting
    return iana_name(suite[0])


# A Python server agrees on DHE only with parameters out of a file; `test_tls_contexts` sees that a station offers them.
AGREEABLE = [suite for suite in CIPHER_SUITES if "_DHE_" not in suite]


@pytest.mark.parametrize("suite", AGREEABLE)
def test_a_suite_that_is_listed_is_agreed_on_with_a_server_that_speaks_all(suite: str) -> None:
    """That of one suite of TLS 1.3 as well: the others are not offered with it."""
    assert agreed((suite,), CIPHER_SUITES) == suite


@pytest.mark.parametrize("suite", AGREEABLE)
def test_a_suite_that_is_not_listed_is_refused(suite: str) -> None:
    with pytest.raises(TlsRefused) as refused:
        agreed(tuple(one for one in CIPHER_SUITES if one != suite), (suite,))
    assert refused.value.refusal in (Refusal.InvalidTLSCipherSuite, Refusal.InvalidTLSVersion)
