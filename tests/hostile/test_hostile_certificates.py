"""Hostile certificates in InstallCertificate and CertificateSigned: refused, nothing kept, and the station lives."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from ohmstead.edge.certificate_builder import (
    DAY,
    KeyKind,
    Party,
    Validity,
    certificate_pem,
    key_pem,
    new_key,
    read_key,
    subject,
)
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.product.profile import VariableSetting
from ohmstead.wire import messages as wire
from tests.hostile.forge import (
    bent,
    edwards_key,
    forged,
    party,
    pem,
    self_signed,
    short_curve,
    trailing,
    unsound,
    usage,
    weak_key,
    with_key,
)
from tests.runtime.own_certificate import AUTHORITY, OWNER, STRANGER, VALID, YEAR, Owner, owned
from tests.runtime.site import CONFIG, START, Site, site

Use = wire.InstallCertificateUseEnum
Kind = wire.CertificateSigningUseEnum
ROOT = party("A Root", kind=KeyKind.EC)
INSTALLED = party("The Root", kind=KeyKind.EC)
SIGNER = party("A Root")
"""RSA, for signatures that are no longer sound."""
LONGEST = 5500
"""Characters of a certificate in InstallCertificateRequest."""


def root(who: Party = ROOT, validity: Validity = VALID) -> str:
    """Return a root certificate as it should be."""
    return self_signed(who, validity, authority=True, certifies=True)


GOOD = root()
TRUSTED = root(INSTALLED)


def below(issuer: Party) -> str:
    """Return an authority that somebody else vouches for."""
    key = party("Below", kind=KeyKind.EC).key.public_key()
    return certificate_pem(forged(subject("Below", "Ohmstead"), key, issuer, VALID, authority=True))


INSTALL: dict[str, Callable[[], str]] = {
    "expired": lambda: root(validity=Validity(START - 9 * DAY, 8 * DAY)),
    "not yet valid": lambda: root(validity=Validity(START + 9 * DAY, 8 * DAY)),
    "nothing": lambda: "",
    "only white space": lambda: " \n\t\n",
    "not PEM": lambda: "the root certificate of a CSMS",
    "not ASCII": lambda: "-----BEGIN CERTIFICATE-----\nünicode\0\n-----END CERTIFICATE-----\n",
    "not base64": lambda: "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
    "not DER": lambda: pem(b"0\x82\xff\xff" + bytes(100)),
    "DER that never ends": lambda: pem(b"0\x80" * 500),
    "two in one": lambda: GOOD + root(party("Another", kind=KeyKind.EC)),
    "a private key": lambda: key_pem(ROOT.key),
    "a private key behind another label": lambda: key_pem(ROOT.key).replace("PRIVATE KEY", "CERTIFICATE"),
    "a certificate behind another label": lambda: GOOD.replace("CERTIFICATE", "X509 CRL"),
    "half of one": lambda: GOOD[: len(GOOD) // 2],
    "one with a tail": lambda: trailing(GOOD),
    "a bent signature": lambda: bent(GOOD),
    "a leaf of an installed root": lambda: certificate_pem(
        forged(subject("Leaf", "Ohmstead"), ROOT.key.public_key(), INSTALLED, VALID)
    ),
    "self-signed without the right to sign": lambda: self_signed(ROOT, VALID, authority=False),
    "without basicConstraints": lambda: self_signed(ROOT, VALID, authority=None),
    "with a keyUsage that forbids signing": lambda: self_signed(ROOT, VALID, authority=True, certifies=False),
    "RSA of 1024 bits": lambda: root(with_key(ROOT, weak_key())),
    "a curve of 192 bits": lambda: root(with_key(ROOT, short_curve())),
    "a key of another kind": lambda: certificate_pem(
        forged(ROOT.name, edwards_key().public_key(), INSTALLED, VALID, authority=True)
    ),
    "signed with SHA-1": lambda: unsound(_by_rsa(), SIGNER, "sha1"),
    "signed with MD5": lambda: unsound(_by_rsa(), SIGNER, "md5"),
    "of an unknown issuer": lambda: below(ROOT),
    "of one who has only the name of the issuer": lambda: below(with_key(INSTALLED, party("x", kind=KeyKind.EC).key)),
}


def _by_rsa() -> x509.Certificate:
    return forged(SIGNER.name, SIGNER.key.public_key(), SIGNER, VALID, authority=True, key_usage=usage(certifies=True))


async def installed(here: Site) -> int:
    """Count what is installed."""
    response = await here.csms.call(wire.GetInstalledCertificateIdsRequest())
    return len(response.certificate_hash_data_chain or ())


async def install(here: Site, certificate: str, use: Use = Use.CSMSRootCertificate) -> str:
    """Send InstallCertificate."""
    request = wire.InstallCertificateRequest(certificate_type=use, certificate=certificate)
    return (await here.csms.call(request)).status.value


@pytest.mark.parametrize("use", [Use.CSMSRootCertificate, Use.ManufacturerRootCertificate])
def test_no_hostile_root_is_installed(use: Use) -> None:
    """M05.FR.07: one station meets them all, keeps what it has, and takes a good one afterwards."""

    async def scene() -> None:
        async with site(config=replace(CONFIG, roots=(TRUSTED,))) as here:
            assert await install(here, TRUSTED, use) == "Accepted"
            before = await installed(here)
            answers = {what: await install(here, make(), use) for what, make in INSTALL.items()}
            assert answers == dict.fromkeys(INSTALL, "Rejected")
            assert await installed(here) == before
            assert await install(here, GOOD, use) == "Accepted"
            assert await installed(here) == before + 1
            assert len(here.network.attempts) == 1

    assert len(INSTALL) >= 20
    run(scene(), limit=3600)


async def refused_frame(here: Site, action: str, payload: dict[str, str]) -> str:
    """Send what no CSMS of ours would send, and return the code of the CALLERROR."""
    sent = len(here.csms.frames)
    await here.listener.links[-1].send(msgspec.json.encode([2, "raw", action, payload]).decode())
    await asyncio.sleep(1)
    (answer,) = (text for _, _, text in here.csms.frames[sent:] if text.startswith('[4,"raw"'))
    return msgspec.json.decode(answer, type=tuple[int, str, str, str, dict[str, str]])[2]


@pytest.mark.parametrize("length", [LONGEST + 1, 60_000])
def test_a_root_that_is_longer_than_the_message_allows(length: int) -> None:
    """Lengths are part of the schema: CALLERROR, and the link stays."""

    async def scene() -> None:
        async with site() as here:
            payload = {"certificateType": "CSMSRootCertificate", "certificate": GOOD.ljust(length, "\n")}
            assert await refused_frame(here, "InstallCertificate", payload) == "PropertyConstraintViolation"
            assert await installed(here) == 0
            assert await install(here, GOOD) == "Accepted"

    run(scene(), limit=3600)


@pytest.mark.parametrize("use", [Use.V2GRootCertificate, Use.MORootCertificate])
def test_a_good_root_for_which_there_is_no_use(use: Use) -> None:
    async def scene() -> None:
        async with site() as here:
            assert await install(here, GOOD, use) == "Rejected"
            assert await installed(here) == 0

    run(scene(), limit=3600)


def test_one_root_too_many() -> None:
    """M05.FR.06."""

    async def scene() -> None:
        plain = load("sec1000-240y")
        tight = plain.variables | {"SecurityCtrlr.CertificateEntries": VariableSetting(max=1)}
        async with site(product=replace(plain, variables=tight)) as here:
            assert await install(here, TRUSTED) == "Accepted"
            assert await install(here, GOOD) == "Rejected"
            assert await installed(here) == 1

    run(scene(), limit=3600)


# CertificateSigned

MIDDLE = party("Middle", OWNER)
ISSUER = AUTHORITY._issuer


def certified(
    csr: str,
    issuer: Party = ISSUER,
    *,
    owner: x509.Name | None = None,
    authority: bool | None = False,
    key_usage: x509.KeyUsage | None = None,
    validity: Validity = VALID,
) -> x509.Certificate:
    """Return a certificate for the key of a signing request."""
    request = x509.load_pem_x509_csr(csr.encode())
    key = request.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return forged(
        request.subject if owner is None else owner, key, issuer, validity, authority=authority, key_usage=key_usage
    )


def middle(*, authority: bool = True, validity: Validity = VALID) -> str:
    """Return the certificate of the one between the station and the root."""
    made = forged(
        MIDDLE.name,
        MIDDLE.key.public_key(),
        ISSUER,
        validity,
        authority=authority,
        key_usage=usage(certifies=authority),
    )
    return certificate_pem(made)


def through_middle(csr: str) -> str:
    """Return a certificate that the one between signed."""
    return certificate_pem(certified(csr, MIDDLE))


def by_itself(here: Site, csr: str) -> str:
    """Return a certificate that the station's own new key signed."""
    request = x509.load_pem_x509_csr(csr.encode())
    keys = [read_key((here.client_keys.key(name) or "").encode()) for name in here.client_keys.names()]
    (own,) = (key for key in keys if key.public_key() == request.public_key())
    return self_signed(Party(request.subject, own), VALID, authority=False)


PAST = Validity(START - YEAR, YEAR / 2)
Forge = Callable[[Site, str], str]
SIGNED: dict[str, Forge] = {
    "of another key": lambda _here, _csr: AUTHORITY.issue_client("CS-001", OWNER, validity=VALID).chain,
    "of another kind of key": lambda _here, _csr: (
        AUTHORITY.issue_client("CS-001", OWNER, key=new_key(KeyKind.EC), validity=VALID).chain
    ),
    "of another owner": lambda _here, csr: certificate_pem(certified(csr, owner=subject("CS-001", "Somebody"))),
    "of another station": lambda _here, csr: certificate_pem(certified(csr, owner=subject("CS-002", OWNER))),
    "of nobody": lambda _here, csr: certificate_pem(certified(csr, owner=x509.Name([]))),
    "of two stations": lambda _here, csr: certificate_pem(
        certified(csr, owner=x509.Name([*subject("CS-001", OWNER), *subject("CS-002", OWNER)]))
    ),
    "of another authority": lambda _here, csr: STRANGER.sign_csr(csr, validity=VALID),
    "signed by itself": by_itself,
    "expired": lambda _here, csr: AUTHORITY.sign_csr(csr, validity=PAST),
    "not yet valid": lambda _here, csr: AUTHORITY.sign_csr(csr, validity=Validity(START + YEAR, YEAR)),
    "an authority for our key": lambda _here, csr: certificate_pem(certified(csr, authority=True)),
    "that may not sign": lambda _here, csr: certificate_pem(certified(csr, key_usage=usage(signs=False))),
    "signed with SHA-1": lambda _here, csr: unsound(certified(csr), ISSUER, "sha1"),
    "signed with MD5": lambda _here, csr: unsound(certified(csr), ISSUER, "md5"),
    "with a bent signature": lambda _here, csr: bent(AUTHORITY.sign_csr(csr, validity=VALID)),
    "with a tail": lambda _here, csr: trailing(AUTHORITY.sign_csr(csr, validity=VALID)),
    "of a chain with a gap": lambda _here, csr: through_middle(csr),
    "below one who is no authority": lambda _here, csr: through_middle(csr) + middle(authority=False),
    "below one who is over": lambda _here, csr: through_middle(csr) + middle(validity=PAST),
    "of a chain upside down": lambda _here, csr: AUTHORITY.root + AUTHORITY.sign_csr(csr, validity=VALID),
    "the root itself": lambda _here, _csr: AUTHORITY.root,
    "the signing request": lambda _here, csr: csr,
    "a private key": lambda _here, _csr: key_pem(ISSUER.key),
    "half of one": lambda _here, csr: AUTHORITY.sign_csr(csr, validity=VALID)[:400],
    "not base64": lambda _here, _csr: "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
    "not DER": lambda _here, _csr: pem(bytes(200)),
    "not ASCII": lambda _here, _csr: "-----BEGIN CERTIFICATE-----ü\0-----END CERTIFICATE-----",
    "nothing": lambda _here, _csr: "",
}


async def deliver(owner: Owner, chain: str, kind: Kind = Kind.ChargingStationCertificate) -> str:
    """Send CertificateSigned."""
    request = wire.CertificateSignedRequest(certificate_chain=chain, certificate_type=kind)
    return (await owner.here.csms.call(request)).status.value


def test_no_hostile_certificate_becomes_the_stations_own() -> None:
    """A02.FR.06/07, A00.FR.504/512: Rejected, one event each, no key left over; then a good one is taken."""

    async def scene() -> None:
        async with owned() as owner:
            reported = dict[str, tuple[str, int, int]]()
            for what, forge in SIGNED.items():
                csr = await owner.ask()
                before = owner.security_events("InvalidChargingStationCertificate")
                status = await deliver(owner, forge(owner.here, csr))
                await asyncio.sleep(1)
                left = len(owner.here.client_keys.names())
                reported[what] = status, _events(owner) - before, left
            assert reported == dict.fromkeys(SIGNED, ("Rejected", 1, 0))
            assert len(owner.here.network.attempts) == 1
            assert await deliver(owner, AUTHORITY.sign_csr(await owner.ask(), validity=VALID)) == "Accepted"

    assert len(SIGNED) >= 20
    run(scene(), limit=3600)


def _events(owner: Owner) -> int:
    return owner.security_events("InvalidChargingStationCertificate")


@pytest.mark.parametrize("length", [5601, 10_000])
def test_a_chain_that_is_too_long(length: int) -> None:
    """A02.FR.16."""

    async def scene() -> None:
        async with owned() as owner:
            chain = AUTHORITY.sign_csr(await owner.ask(), validity=VALID)
            assert await deliver(owner, chain.ljust(length, "\n")) == "Rejected"
            assert _events(owner) == 0
            assert await deliver(owner, chain) == "Accepted"

    run(scene(), limit=3600)


@pytest.mark.parametrize("length", [10_001, 200_000])
def test_a_chain_that_is_longer_than_the_message_allows(length: int) -> None:
    async def scene() -> None:
        async with owned() as owner:
            chain = AUTHORITY.sign_csr(await owner.ask(), validity=VALID)
            payload = {"certificateChain": chain.ljust(length, "\n")}
            refused = await refused_frame(owner.here, "CertificateSigned", payload)
            assert refused == "PropertyConstraintViolation"
            assert _events(owner) == 0
            assert await deliver(owner, chain) == "Accepted"

    run(scene(), limit=3600)


def test_a_certificate_for_cars_that_nobody_asked_for_or_that_comes_twice() -> None:
    async def scene() -> None:
        async with owned() as owner:
            stale = AUTHORITY.issue_client("CS-001", OWNER, validity=VALID).chain
            assert await deliver(owner, stale) == "Rejected"
            chain = AUTHORITY.sign_csr(await owner.ask(), validity=VALID)
            assert await deliver(owner, chain, Kind.V2GCertificate) == "Rejected"
            assert await deliver(owner, chain) == "Accepted"
            await asyncio.sleep(30)
            assert await deliver(owner, chain) == "Rejected"
            assert f"O={OWNER}" in owner.shown

    run(scene(), limit=3600)


def test_a_chain_through_one_between_is_good_unbent() -> None:
    """So each refusal of the table has the one reason that its name says."""

    async def scene() -> None:
        async with owned() as owner:
            chain = through_middle(await owner.ask()) + middle()
            assert await deliver(owner, chain) == "Accepted"

    run(scene(), limit=3600)
