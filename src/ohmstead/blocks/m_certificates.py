"""Block M: root certificates are installed, listed and deleted (M03, M04, M05)."""

import hashlib
import logging
from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.blocks.context import Access, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.work import Work
from ohmstead.model.device import DeviceModel, SecurityCtrlr
from ohmstead.model.events import Connected, SettingChanged
from ohmstead.model.trust_store import CSMS, KIND, PROVISIONED, Root
from ohmstead.ports.certificate_reader import CertificateRefused, Identifiers
from ohmstead.ports.store import Delete, Put, StoreFailed, Write
from ohmstead.product.feature_table import Feature
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import (
    CertificateHashData,
    CertificateHashDataChain,
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    DeleteCertificateStatusEnum,
    GetCertificateIdUseEnum,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    GetInstalledCertificateStatusEnum,
    HashAlgorithmEnum,
    InstallCertificateRequest,
    InstallCertificateResponse,
    InstallCertificateStatusEnum,
    InstallCertificateUseEnum,
    StatusInfo,
)
from ohmstead.wire.rows import to_row

USES = (CSMS, InstallCertificateUseEnum.ManufacturerRootCertificate)
"""What this station has a use for: without ISO 15118 it knows no V2G and no MO roots."""

_log = logging.getLogger(__name__)
_Installed = InstallCertificateStatusEnum
_Deleted = DeleteCertificateStatusEnum


class MCertificates:
    """Looks after the trust store."""

    def __init__(self, work: Work, device: DeviceModel, access: Access, world: World) -> None:
        self._work = work
        self._device = device
        self._access = access
        self._world = world

    def start(self) -> None:
        """Take over the roots that the provisioning brings for the first time."""
        trust = self._access.trust
        if not trust.brought:
            return
        number = trust.next_number
        roots = [Root(use=use, pem=pem, number=number + i) for i, (use, pem) in enumerate(trust.brought.values())]
        known = sorted(trust.known | trust.brought.keys())
        self._work.write(Put(KIND, PROVISIONED, to_row(known)))
        self._change([root for root in roots if root.key not in trust.roots], ())

    # Installing

    @serves(InstallCertificateRequest)
    async def on_install_certificate(self, request: InstallCertificateRequest) -> InstallCertificateResponse:
        """M05. A coroutine, so that its unit of work is its own and a store that fails is an answer (M05.FR.03)."""
        try:
            root = self._examined(request.certificate_type, request.certificate.strip() + "\n")
            changed, gone = self._replaced(root)
        except CertificateRefused as refused:
            return _not_installed(_Installed.Rejected, "InvalidCertificate", str(refused))
        trust = self._access.trust
        if root.key in trust.roots:
            return InstallCertificateResponse(status=_Installed.Accepted)  # M05.FR.17: the same in its place
        room = self._device.security.trait(SecurityCtrlr.certificate_entries).maximum
        if room is not None and len(trust.roots) - len(gone) >= room:
            return _not_installed(_Installed.Rejected, "OutOfStorage", f"there is room for {room:g} certificates")
        try:
            with self._work.unit():
                self._change((root, *changed), gone)
        except StoreFailed:
            return _not_installed(_Installed.Failed, "OutOfStorage", "the certificate could not be stored")
        return InstallCertificateResponse(status=_Installed.Accepted)

    def _examined(self, use: InstallCertificateUseEnum, pem: str) -> Root:
        """Return a certificate as a root to install. Raises CertificateRefused (M05.FR.07)."""
        if use not in USES:
            raise CertificateRefused(f"this station has no use for a {use}")
        reader, trust = self._access.certificates, self._access.trust
        facts = reader.read(pem)
        if not facts.is_authority:
            raise CertificateRefused("it may not sign other certificates")
        if not facts.not_before <= self._world.clock.now() <= facts.not_after:
            raise CertificateRefused("it is not valid at present")
        if reader.signed_by(pem, pem):
            return Root(use=use, pem=pem, number=trust.next_number)
        for issuer in trust.of(use):
            if reader.signed_by(pem, issuer.pem):
                return Root(use=use, pem=pem, issuer=issuer.pem, number=trust.next_number)
        raise CertificateRefused("it is signed by none of the installed certificates")

    def _replaced(self, root: Root) -> tuple[list[Root], list[Root]]:
        """Return the roots that a new one turns into fallbacks, and those that it takes the place of.

        With AdditionalRootCertificateCheck there is one CSMS root, the next must be signed by it, and it stays until a
        connection has proven the next (M05.FR.09 to M05.FR.13). Raises CertificateRefused.
        """
        if root.use is not CSMS or not self._device.security.additional_root_certificate_check:
            return [], []
        installed = self._access.trust.of(CSMS)
        in_force = [other for other in installed if not other.fallback]
        if not installed or any(other.key == root.key for other in in_force):
            return [], []
        if root.issuer is None:
            raise CertificateRefused("it is not signed by the CSMS root certificate that it would replace")
        if len(in_force) < len(installed):
            return [], in_force  # never proven: what was proven before stays the fallback
        return [msgspec.structs.replace(other, fallback=True) for other in in_force], []

    @hears(Connected)
    def when_connected(self, connected: Connected) -> None:
        """A CSMS has shown a certificate under the new root: the old one goes (M05.FR.13)."""
        old = [root for root in self._access.trust.of(CSMS) if root.fallback]
        if connected.new_root and old:
            self._change((), old)

    def _change(self, put: Iterable[Root], gone: Iterable[Root]) -> None:
        put, gone = tuple(put), tuple(gone)
        writes: list[Write] = [*(Put(KIND, root.key, root.row()) for root in put)]
        writes.extend(Delete(KIND, root.key) for root in gone)
        self._work.write(*writes)
        for root in put:
            self._work.announce(SettingChanged(f"{_told(root)} {'is a fallback' if root.fallback else 'counts'}"))
        for root in gone:
            self._work.announce(SettingChanged(f"{_told(root)} is gone"))
        self._work.after(lambda: self._access.trust.adopt(put, gone))

    # Listing

    @serves(GetInstalledCertificateIdsRequest)
    def on_get_installed_certificate_ids(
        self, request: GetInstalledCertificateIdsRequest
    ) -> GetInstalledCertificateIdsResponse:
        """M03: the hash data of the installed roots, by type and age."""
        asked = request.certificate_type
        wanted = [use for use in USES if asked is None or use.value in [kind.value for kind in asked]]
        chosen = [
            CertificateHashDataChain(
                certificate_type=GetCertificateIdUseEnum(root.use.value),
                certificate_hash_data=_hashed(identifiers, HashAlgorithmEnum.SHA256),
            )
            for use in wanted
            for root, identifiers in self._identified(use)
        ]
        if not chosen:
            return GetInstalledCertificateIdsResponse(status=GetInstalledCertificateStatusEnum.NotFound)
        return GetInstalledCertificateIdsResponse(
            status=GetInstalledCertificateStatusEnum.Accepted, certificate_hash_data_chain=tuple(chosen)
        )

    def _identified(self, *uses: InstallCertificateUseEnum) -> Iterator[tuple[Root, Identifiers]]:
        """Yield the roots for some uses with what identifies them; what a technician left unreadable has no name."""
        for root in self._access.trust.of(*uses):
            try:
                yield root, self._access.certificates.identifiers(root.pem, root.issuer or root.pem)
            except CertificateRefused as refused:
                _log.warning("an installed %s cannot be read: %s", root.use, refused)

    # Deleting

    @serves(DeleteCertificateRequest)
    async def on_delete_certificate(self, request: DeleteCertificateRequest) -> DeleteCertificateResponse:
        """M04. A coroutine for the same reason as InstallCertificate (M04.FR.03)."""
        asked = request.certificate_hash_data
        found = [root for root, identifiers in self._identified() if _matches(identifiers, asked)]
        if not found:
            if self._is_own(asked):
                return _not_deleted("the charging station certificate stays")  # M04.FR.06
            return DeleteCertificateResponse(status=_Deleted.NotFound)
        roots = self._access.trust.of(CSMS)
        left = [root for root in roots if root not in found]
        if roots and not left and not self._world.product.has(Feature.LAST_CSMS_ROOT_REMOVABLE):
            return _not_deleted("without a CSMS root certificate the station could not connect any more")
        # a fallback that is left alone is in force again
        again = [msgspec.structs.replace(root, fallback=False) for root in left if all(r.fallback for r in left)]
        try:
            with self._work.unit():
                self._change(again, found)
        except StoreFailed:
            return _not_deleted("the change could not be stored")
        return DeleteCertificateResponse(status=_Deleted.Accepted)

    def _is_own(self, asked: CertificateHashData) -> bool:
        """Say whether hash data name the station's certificate; its issuer's key may not be known here."""
        own = self._access.credentials.client_certificate
        if own is None:
            return False
        try:
            hashed = _hashed(self._access.certificates.identifiers(own, own), asked.hash_algorithm)
        except CertificateRefused:
            return False
        return (hashed.issuer_name_hash, hashed.serial_number) == (
            folded(asked.issuer_name_hash),
            _shortest(asked.serial_number),
        )


def _told(root: Root) -> str:
    use, fingerprint = root.key.split("/")
    return f"{use} {fingerprint[:16]}"


def _hashed(identifiers: Identifiers, algorithm: HashAlgorithmEnum) -> CertificateHashData:
    """Return hash data; the serial number is hexadecimal without leading zeroes (CertificateHashDataType)."""
    return CertificateHashData(
        hash_algorithm=algorithm,
        issuer_name_hash=hashlib.new(algorithm.value, identifiers.issuer_name).hexdigest(),
        issuer_key_hash=hashlib.new(algorithm.value, identifiers.issuer_key).hexdigest(),
        serial_number=f"{identifiers.serial_number:x}",
    )


def _matches(identifiers: Identifiers, asked: CertificateHashData) -> bool:
    """Compare hash data, whatever the case of their letters."""
    own = _hashed(identifiers, asked.hash_algorithm)
    return (own.issuer_name_hash, own.issuer_key_hash, own.serial_number) == (
        folded(asked.issuer_name_hash),
        folded(asked.issuer_key_hash),
        _shortest(asked.serial_number),
    )


def _shortest(serial_number: str) -> str:
    return folded(serial_number).lstrip("0") or "0"


def _not_installed(status: InstallCertificateStatusEnum, code: str, text: str) -> InstallCertificateResponse:
    return InstallCertificateResponse(status=status, status_info=StatusInfo(reason_code=code, additional_info=text))


def _not_deleted(text: str) -> DeleteCertificateResponse:
    info = StatusInfo(reason_code="NotEnabled", additional_info=text)
    return DeleteCertificateResponse(status=_Deleted.Failed, status_info=info)
