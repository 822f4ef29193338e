"""The station's own certificate: the one that works, the one that has yet to prove itself, and the way to a new one."""

from enum import StrEnum

import msgspec

from ohmstead.wire.rows import from_row, to_row

KIND = "credential"
"""The kind of the stored row."""
KEY = "certificate"


class Renewal(StrEnum):
    """How far the way to a new certificate is gone."""

    Idle = "Idle"
    Wanted = "Wanted"
    """A fresh key is to be made."""
    Requesting = "Requesting"
    """The CSMS has yet to be asked, or to answer SignCertificate."""
    Waiting = "Waiting"
    """The CSMS has said that it will send the signed certificate."""


class RenewalStep(StrEnum):
    """What happens on the way."""

    Asked = "Asked"
    """By TriggerMessage (A02), or because the old certificate ends soon (A03)."""
    KeyMade = "KeyMade"
    Taken = "Taken"
    """SignCertificate was Accepted."""
    Refused = "Refused"
    """SignCertificate was Rejected, or failed."""
    Overdue = "Overdue"
    """The signed certificate did not come in time (A02.FR.17)."""
    Signed = "Signed"
    Invalid = "Invalid"
    """What came is not the certificate that was asked for (A02.FR.07)."""


RENEWAL: dict[Renewal, dict[RenewalStep, Renewal]] = {
    Renewal.Idle: {RenewalStep.Asked: Renewal.Wanted},
    Renewal.Wanted: {RenewalStep.Asked: Renewal.Wanted, RenewalStep.KeyMade: Renewal.Requesting},
    Renewal.Requesting: {
        RenewalStep.Asked: Renewal.Wanted,
        RenewalStep.Taken: Renewal.Waiting,
        RenewalStep.Refused: Renewal.Idle,
        RenewalStep.Signed: Renewal.Idle,
        RenewalStep.Invalid: Renewal.Idle,
    },
    Renewal.Waiting: {
        RenewalStep.Asked: Renewal.Wanted,
        RenewalStep.Overdue: Renewal.Requesting,
        RenewalStep.Signed: Renewal.Idle,
        RenewalStep.Invalid: Renewal.Idle,
    },
}
"""The renewal of the charging station certificate (A02, A03). A signed certificate may come before the answer to
SignCertificate; it proves itself by a connection, whatever this table says by then."""


class Certified(msgspec.Struct, frozen=True):
    """A certificate with its key."""

    chain: str
    """PEM, leaf first."""
    key: str = ""
    """The name of its private key; empty: the one that was provisioned."""

    def __repr__(self) -> str:
        return f"<certificate of key {self.key or 'provisioned'}>"


class ClientCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the station's own certificates."""

    provisioned: str = ""
    """Fingerprint of the one that a technician gave; another one replaces whatever is here."""
    proven: Certified | None = None
    candidate: Certified | None = None
    """The newest one, with which no connection has been made yet (decided case 15)."""
    renewal: Renewal = Renewal.Idle
    key: str = ""
    """The name of the fresh key on the way to a certificate."""
    request: str = ""
    """Its certificate signing request, PEM."""
    barred: bool = False
    """An invalid certificate came: no request of the station's own before the CSMS asks for one (A02.FR.20)."""

    @classmethod
    def load(cls, row: bytes | None, provisioned: str, chain: str | None) -> "ClientCertificate":
        """Read the stored ones; a provisioning that has changed goes first."""
        stored = None if row is None else from_row(row, cls)
        if stored is None or stored.provisioned != provisioned:
            return cls(provisioned=provisioned, proven=None if chain is None else Certified(chain))
        return stored

    def row(self) -> bytes:
        """Return the bytes of the row."""
        return to_row(self)

    @property
    def keys(self) -> frozenset[str]:
        """The names of the private keys that are still needed."""
        certified = (it.key for it in (self.proven, self.candidate) if it is not None)
        return frozenset(name for name in (self.key, *certified) if name)

    def takes(self, step: RenewalStep) -> bool:
        """Say whether a step can be made from here."""
        return step in RENEWAL[self.renewal]

    def stepped(self, step: RenewalStep) -> "ClientCertificate":
        """Make a step that carries nothing. Raises KeyError where it cannot be made."""
        goes_on = step in (RenewalStep.Taken, RenewalStep.Overdue)
        return msgspec.structs.replace(
            self,
            renewal=RENEWAL[self.renewal][step],
            key=self.key if goes_on else "",
            request=self.request if goes_on else "",
            barred=step is RenewalStep.Invalid or (self.barred and step is not RenewalStep.Asked),
        )

    def removed(self) -> "ClientCertificate":
        """There is none any more, and none on its way."""
        return ClientCertificate(provisioned=self.provisioned, barred=self.barred)

    def key_made(self, key: str, request: str) -> "ClientCertificate":
        """A fresh key and its signing request are there."""
        return msgspec.structs.replace(self.stepped(RenewalStep.KeyMade), key=key, request=request)

    def signed(self, chain: str) -> "ClientCertificate":
        """The certificate for the fresh key is there; it replaces a candidate that never worked."""
        return msgspec.structs.replace(self.stepped(RenewalStep.Signed), candidate=Certified(chain, self.key))

    def used(self, certified: Certified) -> "ClientCertificate":
        """A connection was made with one of the two: the other one goes (A02.FR.10)."""
        return msgspec.structs.replace(self, proven=certified, candidate=None)
