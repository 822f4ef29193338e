"""Which passwords and security profiles the CSMS accepts from a station, across password changes and restarts.

Only salted hashes are kept (A01.FR.08). A change of password that was asked but not confirmed leaves both valid until
the station shows one of them (A01.FR.03, A01.FR.04).
"""

import hashlib
import hmac
from random import Random

import msgspec

from ohmstead.csms.settings import KnownStation
from ohmstead.ports.store import Put, Store
from ohmstead.wire.rows import from_row, to_row

KIND = "csms-password"
"""Kind of the rows in the store; the key is the identity."""
_COST = 1 << 12


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one station."""

    salt: bytes
    configured: bytes
    """Hash of the password in the settings when the row was made; another one there starts anew."""
    current: bytes
    candidate: bytes | None = None
    """Asked of the station, answer unknown."""
    lowest_profile: int = 1
    """The security profile that the station has proven; a lower one is refused from then on (A05.FR.07)."""


class Keyring:
    """The credentials of every known station. Without a store it forgets changes when the process ends."""

    def __init__(self, stations: tuple[KnownStation, ...], random: Random, store: Store | None = None) -> None:
        self._store = store
        self._rows = {station.identity: self._load(station, random) for station in stations}

    def verify(self, identity: str, password: str) -> bool:
        """Say whether a password is right, in constant time; a right candidate replaces what was before it."""
        row = self._rows[identity]
        shown = _hash(row.salt, password)
        if row.candidate is not None and hmac.compare_digest(shown, row.candidate):
            self._keep(identity, msgspec.structs.replace(row, current=shown, candidate=None))
            return True
        if not hmac.compare_digest(shown, row.current):
            return False
        if row.candidate is not None:
            self._keep(identity, msgspec.structs.replace(row, candidate=None))
        return True

    def propose(self, identity: str, password: str) -> None:
        """Note that a station is being asked to use another password."""
        row = self._rows[identity]
        self._keep(identity, msgspec.structs.replace(row, candidate=_hash(row.salt, password)))

    def settle(self, identity: str, *, accepted: bool) -> None:
        """Take what the station answered: only the new password is valid from now on, or only the old one."""
        row = self._rows[identity]
        current = row.candidate if accepted and row.candidate is not None else row.current
        self._keep(identity, msgspec.structs.replace(row, current=current, candidate=None))

    def lowest_profile(self, identity: str) -> int:
        """Return the lowest security profile with which the station may still connect."""
        return self._rows[identity].lowest_profile

    def proven(self, identity: str, profile: int) -> None:
        """Note that the station works with a security profile (A05.FR.06)."""
        row = self._rows[identity]
        if profile > row.lowest_profile:
            self._keep(identity, msgspec.structs.replace(row, lowest_profile=profile))

    def _load(self, station: KnownStation, random: Random) -> Row:
        stored = self._store.get(KIND, station.identity) if self._store else None
        if stored is not None:
            row = from_row(stored, Row)
            if hmac.compare_digest(row.configured, _hash(row.salt, station.password)):
                lowest = max(row.lowest_profile, station.min_security_profile)
                return msgspec.structs.replace(row, lowest_profile=lowest)
        salt = random.randbytes(16)
        password = _hash(salt, station.password)
        return Row(salt=salt, configured=password, current=password, lowest_profile=station.min_security_profile)

    def _keep(self, identity: str, row: Row) -> None:
        self._rows[identity] = row
        if self._store is not None:
            self._store.commit([Put(KIND, identity, to_row(row))])


def _hash(salt: bytes, password: str) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=_COST, r=8, p=1, dklen=32)
