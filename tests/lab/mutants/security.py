"""Mutants of blocks A and M: credentials, the TLS handshake, certificates of the station and those that it trusts."""

import ssl
import warnings
from base64 import b64decode
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from websockets.datastructures import Headers

from ohmstead.blocks import a_credentials, m_certificates
from ohmstead.blocks.a_certificates import ACertificates
from ohmstead.blocks.a_credentials import ACredentials
from ohmstead.blocks.b_network import BNetwork
from ohmstead.blocks.m_certificates import MCertificates
from ohmstead.edge import certificate_builder, tls, websocket_dialer
from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.tls import ClientContext
from ohmstead.edge.x509 import X509Reader
from ohmstead.model.client_certificate import Certified, ClientCertificate, RenewalStep
from ohmstead.model.credentials import Passwords
from ohmstead.model.device import kinds
from ohmstead.model.events import SecurityEvent
from ohmstead.model.trust_store import Root
from ohmstead.ports.certificate_reader import CertificateFacts, Identifiers
from ohmstead.ports.link import Refusal, Target
from ohmstead.runtime.route import StationRoute
from ohmstead.wire import messages as wire
from tests.lab.mutation import Mutant, replaced, set_to

Wrong = Callable[..., object]


def _mutant(name: str, text: str, owner: object, function: str, wrong: Wrong, blocks: str = "A") -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, function, wrong), blocks)


def _nothing(_right: object, *_arguments: object, **_options: object) -> None:
    """Nothing happens."""


# Passwords


def _in_clear(right: Callable[[Target], Headers], target: Target) -> Headers:
    header = right(target)
    pair = header.get("Authorization", "").removeprefix("Basic ")
    return Headers(Authorization=f"Basic {b64decode(pair).decode()}") if pair else header


def _another_user(right: Callable[[Target], Headers], target: Target) -> Headers:
    return right(msgspec.structs.replace(target, identity="station"))


def _tells_password(right: Callable[..., None], self: ACredentials) -> None:
    right(self)
    told = self._device.security.basic_auth_password
    self._work.announce(SecurityEvent("ReconfigurationOfSecurityParameters", told))


PASSWORDS = (
    _mutant("password-not-encoded", "Basic without Base64.", websocket_dialer, "_authorization", _in_clear),
    _mutant(
        "password-of-another-user", "The user is not the identity.", websocket_dialer, "_authorization", _another_user
    ),
    _mutant(
        "password-kept", "A new password is taken and forgotten.", Passwords, "renewed", lambda _right, self, _new: self
    ),
    _mutant("password-of-any-length", "Text may be as short as it is.", kinds, "_short_enough", _nothing),
    _mutant(
        "password-told",
        "A security event tells the new password.",
        ACredentials,
        "renew_password",
        _tells_password,
    ),
)

# The TLS handshake


def _target(**fields: Any) -> Wrong:
    def wrong(right: Callable[[StationRoute], Target], self: StationRoute) -> Target:
        return msgspec.structs.replace(right(self), **fields)

    return wrong


def _without_certificate(right: Callable[[Target], ssl.SSLContext], target: Target) -> ssl.SSLContext:
    return right(msgspec.structs.replace(target, security_profile=2))


class _Blind(tls._ClientHandshake):
    def _check_name(self) -> None:
        """Whatever the name is."""


def _trusting(_right: object, target: Target) -> ssl.SSLContext:
    context = tls._client(target.roots, target.cipher_suites, target.allow_wildcards)
    context.verify_mode, context.sslobject_class = ssl.CERT_NONE, _Blind
    return _showing(context, target)


def _any_version(_right: object, target: Target) -> ssl.SSLContext:
    context = ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.set_ciphers("DEFAULT:AES128-GCM-SHA256:AES256-GCM-SHA384:@SECLEVEL=0")
    with warnings.catch_warnings():  # that is the point
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.load_verify_locations(cadata="\n".join(target.roots))
    return _showing(context, target)


def _showing(context: ssl.SSLContext, target: Target) -> ssl.SSLContext:
    if target.security_profile == 3:
        tls._show(context, target.credentials)
    return context


def _misnamed() -> AbstractContextManager[None]:
    wrong = {**a_credentials.EVENTS, Refusal.InvalidTLSVersion.value: "InvalidCsmsCertificate"}
    return set_to(a_credentials, "EVENTS", wrong)


HANDSHAKES = (
    _mutant(
        "tls-one-suite",
        "Only one of the two suites is offered.",
        StationRoute,
        "target",
        _target(cipher_suites=("TLS_RSA_WITH_AES_128_GCM_SHA256",)),
    ),
    _mutant("tls-any-name", "The name of the server is not looked at.", tls._ClientHandshake, "_check_name", _nothing),
    _mutant(
        "tls-wildcards",
        "Wildcards will do.",
        StationRoute,
        "target",
        _target(allow_wildcards=True),
    ),
    _mutant("tls-any-certificate", "Chain and dates are not looked at.", websocket_dialer, "client_context", _trusting),
    _mutant("tls-untold", "What is wrong with a CSMS is not told.", ACredentials, "when_connection_refused", _nothing),
    _mutant("tls-any-version", "TLS 1.0 will do.", websocket_dialer, "client_context", _any_version),
    Mutant("tls-version-misnamed", "An old version is told as a wrong certificate.", _misnamed, "A"),
    _mutant(
        "tls-no-client-certificate",
        "No certificate is shown in security profile 3.",
        websocket_dialer,
        "client_context",
        _without_certificate,
    ),
)

# The station's own certificate


def _keeps_showing(right: Callable[..., None], self: ACertificates, certified: Certified | None) -> None:
    if certified is None or certified != self._own.candidate:
        right(self, certified)


def _without_event(right: Callable[..., object], self: ACertificates, request: object) -> object:
    def silent(event: object) -> None:
        """Tell nobody."""

    work: Any = self._work
    before, work.announce = work.announce, silent
    try:
        return right(self, request)
    finally:
        work.announce = before


def _never_refused(right: Callable[..., object], self: ClientCertificate, step: RenewalStep) -> object:
    return self if step is RenewalStep.Refused else right(self, step)


async def _short_key(_right: object, keys: MemoryClientKeys, **_kind: bool) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return keys._keep(certificate_builder.key_pem(key))


RENEWALS = (
    _mutant("certificate-not-shown", "A new certificate is not shown.", ACertificates, "_show", _keeps_showing),
    _mutant("certificate-unchecked", "Every certificate is taken.", ACertificates, "_fault", _nothing),
    _mutant(
        "certificate-untold",
        "A certificate that is wrong is not told.",
        ACertificates,
        "on_certificate_signed",
        _without_event,
    ),
    _mutant(
        "certificate-begged-for",
        "A refused signing request is repeated.",
        ClientCertificate,
        "stepped",
        _never_refused,
    ),
    _mutant("certificate-short-key", "A key of 1024 bits.", MemoryClientKeys, "make", _short_key, "AM"),
)

# Security profiles

PROFILES = (
    _mutant("profile-slot-stays", "A slot of a lower profile stays.", BNetwork, "_prune_priority", _nothing),
    _mutant("profile-any", "Every network profile is taken.", BNetwork, "_objection", _nothing),
)

# Roots


def _never_over(right: Callable[..., CertificateFacts], self: X509Reader, pem: str) -> CertificateFacts:
    return msgspec.structs.replace(right(self, pem), not_after=datetime(2999, 1, 1, tzinfo=UTC))


def _listed(wrong: Callable[[Any, Any], Any]) -> Wrong:
    def mutated(right: Callable[..., object], self: MCertificates, request: object) -> object:
        return wrong(request, right(self, request))

    return mutated


def _one_use_only(request: wire.GetInstalledCertificateIdsRequest, response: Any) -> Any:
    asked = request.certificate_type or ()
    chain = [one for one in response.certificate_hash_data_chain or () if one.certificate_type in asked[:1]]
    return msgspec.structs.replace(response, certificate_hash_data_chain=tuple(chain) or None)


def _nothing_to_find(request: wire.GetInstalledCertificateIdsRequest, response: Any) -> Any:
    if request.certificate_type is not None:
        return response
    return wire.GetInstalledCertificateIdsResponse(status=wire.GetInstalledCertificateStatusEnum.NotFound)


def _always_found(_request: object, response: Any) -> Any:
    return msgspec.structs.replace(response, status=wire.GetInstalledCertificateStatusEnum.Accepted)


def _another_key(right: Callable[..., object], identifiers: Identifiers, algorithm: object) -> object:
    return right(msgspec.structs.replace(identifiers, issuer_key=identifiers.issuer_name), algorithm)


_DELETE = MCertificates.on_delete_certificate
_Deleted = wire.DeleteCertificateResponse(status=wire.DeleteCertificateStatusEnum.Accepted)


async def _deletes_nothing(
    _self: MCertificates, _request: wire.DeleteCertificateRequest
) -> wire.DeleteCertificateResponse:
    return _Deleted


async def _deletes_everything(
    self: MCertificates, request: wire.DeleteCertificateRequest
) -> wire.DeleteCertificateResponse:
    await _DELETE(self, request)
    return _Deleted


def _not_installed(right: Callable[..., None], self: MCertificates, put: tuple[Root, ...], gone: object) -> None:
    right(self, [root for root in put if root.number == 1], gone)


ROOTS = (
    _mutant("root-not-kept", "A root is Accepted and forgotten.", MCertificates, "_change", _not_installed, "M"),
    _mutant("root-never-over", "Nothing ever expires.", X509Reader, "read", _never_over, "AM"),
    _mutant(
        "root-first-use",
        "Only the first of several uses is listed.",
        MCertificates,
        "on_get_installed_certificate_ids",
        _listed(_one_use_only),
        "M",
    ),
    _mutant(
        "root-all-uses",
        "Without a use, nothing is listed.",
        MCertificates,
        "on_get_installed_certificate_ids",
        _listed(_nothing_to_find),
        "M",
    ),
    _mutant(
        "root-always-found",
        "Accepted, though there is nothing to list.",
        MCertificates,
        "on_get_installed_certificate_ids",
        _listed(_always_found),
        "M",
    ),
    _mutant("root-hash-of-name", "issuerKeyHash is made of the name.", m_certificates, "_hashed", _another_key, "M"),
    Mutant(
        "root-not-deleted",
        "A root is said to be deleted, and stays.",
        lambda: set_to(MCertificates, "on_delete_certificate", _deletes_nothing),
        "M",
    ),
    Mutant(
        "root-deletes-anything",
        "Whatever is to be deleted is Accepted.",
        lambda: set_to(MCertificates, "on_delete_certificate", _deletes_everything),
        "M",
    ),
)

MUTANTS = (*PASSWORDS, *HANDSHAKES, *RENEWALS, *PROFILES, *ROOTS)
