"""A renewal that the station begins by itself, a month before its certificate ends (A03)."""

import asyncio
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ohmstead.edge.virtual_time import run
from ohmstead.ports.link import Handshake
from tests.runtime.own_certificate import AUTHORITY, OLD, OWNER, STRANGER, VALID, Owner, owned

SOON = timedelta(days=32)
"""What is left of the certificate: the station asks for another one two days later."""


async def _asked(owner: Owner) -> str:
    """Wait for the signing request that nobody asked for."""
    await owner.here.csms.until(lambda: bool(owner.requests), 5 * 86400)
    return owner.requests[-1]


def test_the_request_holds_a_strong_key_and_is_signed_by_it() -> None:
    """A03.FR.03: a CSR as PEM. A00.FR.501: 2048 bits of RSA, 224 of a curve, or more; A00.FR.506: SHA-256.

    A00.FR.505: what an authority of ours signs, it signs with RSA-PSS or ECDSA.
    """

    async def scenario() -> None:
        async with owned(left=SOON) as owner:
            request = x509.load_pem_x509_csr((await _asked(owner)).encode())
            key = request.public_key()
            assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
            assert key.key_size >= (2048 if isinstance(key, rsa.RSAPublicKey) else 224)
            assert request.is_signature_valid
            assert isinstance(request.signature_hash_algorithm, hashes.SHA256)
            certificate = x509.load_pem_x509_certificate(
                AUTHORITY.sign_csr(owner.requests[-1], validity=VALID).encode()
            )
            assert isinstance(certificate.signature_algorithm_parameters, padding.PSS | ec.ECDSA)

    run(scenario(), limit=30 * 86400)


def test_a_valid_certificate_is_used_at_once() -> None:
    """A03.FR.06, A03.FR.08: the next connection shows it; A03.FR.10: the old one is gone from then on."""

    async def scenario() -> None:
        async with owned(left=SOON) as owner:
            csr = await _asked(owner)
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            await asyncio.sleep(30)
            assert f"O={OWNER}" in owner.shown
            await owner.here.hand.reboot()
            await asyncio.sleep(30)
            assert f"O={OWNER}" in owner.shown

    run(scenario(), limit=30 * 86400)


@pytest.mark.parametrize("wrong", ["another root", "too long"])
def test_a_certificate_that_is_not_valid_is_refused(wrong: str) -> None:
    """A03.FR.06: no root of ours vouches for it; A03.FR.16: longer than MaxCertificateChainSize."""

    async def scenario() -> None:
        async with owned(left=SOON) as owner:
            csr = await _asked(owner)
            authority = STRANGER if wrong == "another root" else AUTHORITY
            chain = authority.sign_csr(csr, validity=VALID) + ("\n" * 5600 if wrong == "too long" else "")
            assert await owner.deliver(chain) == "Rejected"
            await asyncio.sleep(30)
            assert f"O={OLD}" in owner.shown

    run(scenario(), limit=30 * 86400)


def test_a_certificate_that_the_csms_refuses_gives_way_to_the_old_one() -> None:
    """A03.FR.24: the old one is tried again; A03.FR.25: the new one is discarded, and the CSMS is told."""

    async def scenario() -> None:
        async with owned(left=SOON) as owner:

            def admit(handshake: Handshake) -> int:
                assert handshake.tls is not None
                return 403 if f"O={OWNER}" in (handshake.tls.client_certificate_subject or "") else 101

            csr = await _asked(owner)
            owner.here.listener.admit = admit
            assert await owner.deliver(AUTHORITY.sign_csr(csr, validity=VALID)) == "Accepted"
            await owner.here.csms.until(lambda: owner.security_events("DiscardedRenewedClientCertificate") == 1, 86400)
            assert f"O={OLD}" in owner.shown

    run(scenario(), limit=30 * 86400)
