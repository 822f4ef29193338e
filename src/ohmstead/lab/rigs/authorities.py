"""The authorities of the lab, good ones and hostile ones, for its rigs; keys are made once a process."""

import functools
from datetime import UTC, datetime, timedelta

from ohmstead.edge.authority import Authority, CsrRefused
from ohmstead.edge.certificate_builder import KeyKind, PrivateKey, Validity, new_key
from ohmstead.lab.cases.parsed_certificates import read_request
from ohmstead.lab.prerequisites import chain_room
from ohmstead.lab.rig import SigningFault
from ohmstead.lab.rigs.firmware_images import ALWAYS, authority_of, born_with, root_kind
from ohmstead.product.profile import Product
from ohmstead.wire.messages import InstallCertificateUseEnum

OVER = Validity(datetime(2015, 1, 1, tzinfo=UTC), timedelta(days=365))
"""Long past on every rig."""
LATER = Validity(datetime(2100, 1, 1, tzinfo=UTC), timedelta(days=365))
"""Not yet valid on any rig."""
ANOTHER = 90
"""The number of the CSMS authority whose root is installed by the cases; endpoints have lower ones."""


class LabCertificates:
    """`lab.rig.Certificates` for one product."""

    def __init__(self, product: Product) -> None:
        self._product = product

    @property
    def csms_root(self) -> str:
        """The root that the station trusts from the start."""
        return self._trusted().root

    def _trusted(self) -> Authority:
        """Return the authority of that root."""
        return born_with(self._product)

    def another_root(self, use: InstallCertificateUseEnum) -> str:
        """Return a root to install."""
        if use is InstallCertificateUseEnum.CSMSRootCertificate:
            return authority_of(ANOTHER, self._product, own_root=True, trusted=self._trusted()).root
        return _authority(use.value).root

    def expired_root(self) -> str:
        """Return a root whose time is over."""
        return _expired().root

    def sign(self, csr: str, fault: SigningFault | None = None) -> str:
        """Sign a signing request."""
        unknown = fault is SigningFault.UnknownRoot
        authority = stranger(root_kind(self._product)) if unknown else self._trusted()
        room = chain_room(self._product)
        if fault is SigningFault.OtherKey:
            asked = read_request(csr)
            return authority.issue_client(
                asked.common_name,
                asked.organization,
                key=_another_key(root_kind(self._product)),
                validity=ALWAYS,
                room=room,
            ).chain
        try:
            return authority.sign_csr(csr, validity=OVER if fault is SigningFault.Expired else ALWAYS, room=room)
        except CsrRefused as refused:
            raise ValueError(str(refused)) from None


@functools.cache
def station_key() -> PrivateKey:
    """Return the key of the certificate that stations of a memory rig are born with."""
    return new_key()


@functools.cache
def _another_key(kind: KeyKind) -> PrivateKey:
    """Return a key that no station has."""
    return new_key(kind)


def stranger(kind: KeyKind = KeyKind.RSA) -> Authority:
    """Return an authority whose root nobody installs."""
    return _authority("Stranger") if kind is KeyKind.RSA else _short_stranger()


@functools.cache
def _authority(name: str) -> Authority:
    return Authority.generate(f"Lab {name}", validity=ALWAYS)


@functools.cache
def _short_stranger() -> Authority:
    return Authority.generate("Lab 0", "Lab", kind=KeyKind.EC, validity=ALWAYS)


@functools.cache
def _expired() -> Authority:
    return Authority.generate("Lab Expired Root", validity=OVER)
