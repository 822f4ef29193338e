"""Which passwords and security profiles the CSMS accepts from a station, across password changes and restarts.

Only salted hashes are kept (A01.FR.08). A change of password that was asked but neither confirmed nor refused leaves
the old and the new one valid until the station shows one of them (A01.FR.03, A01.FR.04); whatever else it answers to
other requests meanwhile says nothing about it.
"""

import hashlib
import hmac
import logging
from random import Random

import msgspec

from ohmstead.csms.settings import KnownStation
from ohmstead.ports.store import Put, Store, StoreFailed
from ohmstead.wire.rows import from_row, to_row

KIND = "csms-password"
"""Kind of the rows in the store; the key is the identity."""
MAX_CANDIDATES = 8
"""Changes of one station's password that may be unanswered."""
_COST = 1 << 12

_log = logging.getLogger(__name__)


class PasswordNotKept(Exception):
    """A change of password that must not be asked for, because nobody could remember it; the text says why."""


class PasswordRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one station."""

    salt: bytes
    configured: bytes
    """Hash of the password in the settings when the row was made; another one there starts anew."""
    current: bytes
    candidate: bytes | None = None
    """One of `candidates`, in rows of earlier versions; not written any more."""
    candidates: tuple[bytes, ...] = ()
    """Asked of the station, answers unknown, oldest first."""
    lowest_profile: int = 1
    """The security profile that the station has proven; a lower one is refused from then on (A05.FR.07)."""


class StationPasswords:
    """The credentials of every known station. Without a store it forgets changes when the process ends."""

    def __init__(self, stations: tuple[KnownStation, ...], random: Random, store: Store | None = None) -> None:
        self._store = store
        self._stations = {station.identity: station for station in stations}
        self._random = random
        self._rows = {station.identity: self._load(station, random) for station in stations}

    def verify(self, identity: str, password: str) -> bool:
        """Say whether a password is right, in constant time; the one that is shown is the only one from then on."""
        row = self._rows[identity]
        shown = _hash(row.salt, password)
        right = False
        for known in (row.current, *row.candidates):
            right |= hmac.compare_digest(shown, known)
        if right and row.candidates:
            self._keep(identity, msgspec.structs.replace(row, current=shown, candidates=()))
        return right

    def propose(self, identity: str, password: str) -> None:
        """Note that a station is being asked to use another password. Raises NotKept."""
        row = self._rows[identity]
        if len(row.candidates) >= MAX_CANDIDATES:
            raise PasswordNotKept(
                f"{MAX_CANDIDATES} changes of the password are unanswered: the station must connect first"
            )
        changed = msgspec.structs.replace(row, candidates=(*row.candidates, _hash(row.salt, password)))
        try:
            self._write(identity, changed)
        except StoreFailed as error:
            raise PasswordNotKept(f"the new password cannot be written down: {error}") from None
        self._rows[identity] = changed

    def settle(self, identity: str, password: str, *, accepted: bool) -> None:
        """Take what a station answered to the change to one password; other changes are as uncertain as before.

        Accepted: what was valid before that change is no longer (A01.FR.03). Otherwise: it has not made it (A01.FR.04).
        """
        row = self._rows[identity]
        asked = _hash(row.salt, password)
        if asked not in row.candidates:
            return
        if accepted:
            later = row.candidates[row.candidates.index(asked) + 1 :]
            self._keep(identity, msgspec.structs.replace(row, current=asked, candidates=later))
            return
        newest = len(row.candidates) - 1 - row.candidates[::-1].index(asked)
        others = (*row.candidates[:newest], *row.candidates[newest + 1 :])
        self._keep(identity, msgspec.structs.replace(row, candidates=others))

    def forget(self, identity: str) -> None:
        """Take a station as it is configured, whatever it was asked to use since, and has proven."""
        row = _as_configured(self._stations[identity], self._random)
        self._keep(identity, row)

    def lowest_profile(self, identity: str) -> int:
        """Return the lowest security profile with which the station may still connect."""
        return self._rows[identity].lowest_profile

    def proven(self, identity: str, profile: int) -> None:
        """Note that the station works with a security profile (A05.FR.06)."""
        row = self._rows[identity]
        if profile > row.lowest_profile:
            self._keep(identity, msgspec.structs.replace(row, lowest_profile=profile))

    def _load(self, station: KnownStation, random: Random) -> PasswordRow:
        stored = self._store.get(KIND, station.identity) if self._store else None
        if stored is not None:
            row = from_row(stored, PasswordRow)
            if hmac.compare_digest(row.configured, _hash(row.salt, station.password)):
                lowest = max(row.lowest_profile, station.min_security_profile)
                candidates = (*((row.candidate,) if row.candidate else ()), *row.candidates)
                return msgspec.structs.replace(row, lowest_profile=lowest, candidate=None, candidates=candidates)
        return _as_configured(station, random)

    def _keep(self, identity: str, row: PasswordRow) -> None:
        self._rows[identity] = row
        try:
            self._write(identity, row)
        except StoreFailed as error:  # after a restart what was written before counts: more is valid then, not less
            _log.error("the password of %s is not written down: %s", identity, error)

    def _write(self, identity: str, row: PasswordRow) -> None:
        if self._store is not None:
            self._store.commit([Put(KIND, identity, to_row(row))])


def _as_configured(station: KnownStation, random: Random) -> PasswordRow:
    salt = random.randbytes(16)
    password = _hash(salt, station.password)
    return PasswordRow(salt=salt, configured=password, current=password, lowest_profile=station.min_security_profile)


def _hash(salt: bytes, password: str) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=_COST, r=8, p=1, dklen=32)
