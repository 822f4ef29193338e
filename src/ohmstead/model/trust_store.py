"""The root certificates that a station trusts, by what they vouch for (M03 to M05)."""

import hashlib
from base64 import b64decode
from collections.abc import Iterable

import msgspec

from ohmstead.wire.messages import InstallCertificateUseEnum
from ohmstead.wire.rows import from_row, to_row

KIND = "certificate"
"""The kind of the stored rows; the key is the SHA-256 fingerprint with the use before it."""
PROVISIONED = "provisioned"
"""The key of the row that says which roots the provisioning brought, so that a deleted one does not come back."""
CSMS = InstallCertificateUseEnum.CSMSRootCertificate
MANUFACTURER = InstallCertificateUseEnum.ManufacturerRootCertificate


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """One installed root certificate."""

    use: InstallCertificateUseEnum
    pem: str
    issuer: str | None = None
    """PEM certificate of who signed it; None: it did so itself."""
    number: int = 0
    """Grows with each installation."""
    fallback: bool = False
    """It was replaced by one that has not been proven yet (M05.FR.12)."""

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.use}/{fingerprint(self.pem)}"

    def row(self) -> bytes:
        """Return the bytes of its row."""
        return to_row(self)


class TrustStore:
    """The installed roots as they are committed.

    Attributes:
        roots: by the keys of their rows.
        brought: the roots that the provisioning brings for the first time, by a key of their own.
        known: keys of those that it brought before.
    """

    def __init__(
        self, rows: Iterable[tuple[str, bytes]], provisioned: Iterable[str], manufacturers: Iterable[str] = ()
    ) -> None:
        """Read the stored roots, and find what the provisioning has that was not there before.

        Args:
            rows: as they are stored.
            provisioned: PEM CSMS roots.
            manufacturers: PEM roots of who signs firmware.
        """
        stored = dict(rows)
        self.known = frozenset(from_row(stored.pop(PROVISIONED, b"[]"), list[str]))
        self.roots = {key: from_row(row, Root) for key, row in stored.items()}
        # The key of a CSMS root is the fingerprint alone, as it was before there were others.
        given = {fingerprint(pem): (CSMS, pem) for pem in provisioned}
        given |= {f"{MANUFACTURER}/{fingerprint(pem)}": (MANUFACTURER, pem) for pem in manufacturers}
        self.brought = {key: root for key, root in given.items() if key not in self.known}

    def of(self, *uses: InstallCertificateUseEnum) -> tuple[Root, ...]:
        """Return the roots for some uses, oldest first; without any use, all."""
        chosen = (root for root in self.roots.values() if not uses or root.use in uses)
        return tuple(sorted(chosen, key=lambda root: root.number))

    def csms_roots(self, *, fallback: bool) -> tuple[str, ...]:
        """Return the PEM roots for the CSMS: the ones in force, or the one that was replaced (M05.FR.14)."""
        return tuple(root.pem for root in self.of(CSMS) if root.fallback == fallback)

    def adopt(self, put: Iterable[Root], gone: Iterable[Root]) -> None:
        """Take over a change once it is committed."""
        for root in gone:
            self.roots.pop(root.key, None)
        self.roots.update({root.key: root for root in put})

    @property
    def next_number(self) -> int:
        """The number of the next installation."""
        return 1 + max((root.number for root in self.roots.values()), default=0)


def fingerprint(pem: str) -> str:
    """Return the SHA-256 fingerprint of the first certificate of a PEM text, hexadecimal; of the text if it is none."""
    _, _, body = pem.partition("-----BEGIN CERTIFICATE-----")
    body, _, _ = body.partition("-----END CERTIFICATE-----")
    try:
        der = b64decode("".join(body.split()), validate=True)
    except ValueError:
        der = b""
    return hashlib.sha256(der or pem.encode()).hexdigest()
