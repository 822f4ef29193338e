"""A CSMS root that is signed by the root which it replaces is trusted on its own (M05.FR.10, M05.FR.15)."""

import asyncio

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from msgspec.structs import replace

from ohmstead.edge.certificate_builder import (
    KeyKind,
    Party,
    Validity,
    certificate_pem,
    key_pem,
    leaf_certificate,
    new_key,
    root_certificate,
    subject,
)
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.ports.link import LinkRefused, Refusal
from tests.edge.websocket_bench import listening, target

SUITES = ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",)
VALIDITY = Validity()


def successor(old: Party, new: Party) -> str:
    """Return the certificate of a new root, signed by the old one."""
    start, end = VALIDITY.span()
    builder = (
        x509.CertificateBuilder()
        .subject_name(new.name)
        .issuer_name(old.name)
        .public_key(new.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return certificate_pem(builder.sign(old.key, hashes.SHA256()))


def test_the_successor_alone_vouches_for_a_server_and_its_signer_alone_does_not() -> None:
    old = Party(subject("Old Root", "Ohmstead"), new_key(KeyKind.EC))
    new = Party(subject("New Root", "Ohmstead"), new_key(KeyKind.EC))
    name = subject("localhost", "Ohmstead")
    server_key = new_key(KeyKind.EC)
    server = leaf_certificate(name, server_key.public_key(), new, VALIDITY)
    context = server_context(certificate_pem(server), key_pem(server_key), cipher_suites=SUITES)

    async def dial(root: str) -> str:
        async with listening(context) as listener:
            attempt = replace(target(listener.url), roots=(root,), cipher_suites=SUITES)
            try:
                link = await WebSocketDialer(Interfaces()).dial(attempt)
            except LinkRefused as refused:
                return refused.refusal
            await link.close()
            return "open"

    assert asyncio.run(dial(successor(old, new))) == "open"
    old_root = certificate_pem(root_certificate(old, VALIDITY))
    assert asyncio.run(dial(old_root)) == Refusal.InvalidCsmsCertificate
