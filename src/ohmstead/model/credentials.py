"""The password of Basic authentication: the one that works, and the one that has yet to prove itself (A01)."""

import msgspec

from ohmstead.wire.rows import from_row, to_row

KIND = "credential"
"""The kind of the stored row."""
KEY = "password"


class Passwords(msgspec.Struct, frozen=True, kw_only=True):
    """What the station may show to a CSMS; never logged.

    A refused candidate is kept: a CSMS that still takes the old password may have forgotten it an hour later, and a
    station that knows neither is lost.
    """

    provisioned: str | None
    """As the technician gave it; another one replaces whatever is here."""
    proven: str | None
    """The last one that a CSMS took."""
    candidate: str | None = None
    """The newest one; None: it is proven."""
    doubtful: bool = False
    """The candidate was refused where the proven one was taken: it is tried second now."""
    latest: str = ""
    """BasicAuthPassword as it was last seen."""

    def __repr__(self) -> str:
        return "Passwords(...)"

    @classmethod
    def load(cls, row: bytes | None, provisioned: str | None, variable: str) -> "Passwords":
        """Read the stored ones; a provisioning that has changed goes first.

        The power may have failed between BasicAuthPassword (`variable`) and this row: then it is taken over now.
        """
        stored = None if row is None else from_row(row, cls)
        if stored is None or stored.provisioned != provisioned:
            return cls(provisioned=provisioned, proven=provisioned, latest=variable)
        return stored if stored.latest == variable else stored.renewed(variable)

    def row(self) -> bytes:
        """Return the bytes of the row."""
        return to_row(self)

    def in_turn(self) -> tuple[str | None, ...]:
        """Return the passwords in the order in which they are tried."""
        if self.candidate is None:
            return (self.proven,)
        return (self.proven, self.candidate) if self.doubtful else (self.candidate, self.proven)

    def renewed(self, password: str) -> "Passwords":
        """Take a new password, which replaces a candidate that never worked."""
        candidate = None if password == self.proven else password
        return msgspec.structs.replace(self, candidate=candidate, doubtful=False, latest=password)

    def taken(self, password: str | None) -> "Passwords":
        """A CSMS took this password: an old one is forgotten, a new one that was refused before is doubtful."""
        if self.candidate is None:
            return self
        if password == self.candidate:
            return msgspec.structs.replace(self, proven=password, candidate=None, doubtful=False)
        return msgspec.structs.replace(self, doubtful=True)


class StationCredentials:
    """What the station shows of itself, in step with the stored row.

    Attributes:
        passwords: for security profiles 1 and 2.
        client_certificate: PEM chain for security profile 3, leaf first.
        client_key: its PEM private key.
    """

    def __init__(self, passwords: Passwords, client_certificate: str | None, client_key: str | None) -> None:
        self.passwords = passwords
        self.client_certificate = client_certificate
        self.client_key = client_key
        self._turn = 0

    def __repr__(self) -> str:
        return "Keyring(...)"

    @property
    def password(self) -> str | None:
        """The password for the next attempt."""
        turns = self.passwords.in_turn()
        return turns[self._turn % len(turns)]

    def refuse(self) -> None:
        """The CSMS refused the password: the next attempt shows the other one, if there is one."""
        self._turn += 1

    def show(self, chain: str | None, key: str | None) -> None:
        """Show a certificate from the next connection on; one without its key is none (A05.FR.03)."""
        whole = chain is not None and key is not None
        self.client_certificate = chain if whole else None
        self.client_key = key if whole else None

    def adopt(self, passwords: Passwords) -> None:
        """Show these from now on, the first in turn first."""
        self.passwords = passwords
        self._turn = 0
