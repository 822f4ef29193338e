"""Who may move the physical side: a `Hand` is leased, and the emergency stop always works (decided case 25)."""

import asyncio
import secrets
from collections.abc import Callable

import msgspec

LONGEST = 24 * 3600.0
"""Seconds after which a lease must have been renewed at the latest."""


class HandLeased(Exception):
    """Somebody else holds the hand; the text names the holder."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"the hand is held by {holder}")
        self.holder = holder


class LeaseView(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the hand; None: everybody may use it."""

    holder: str | None = None
    expires_in: float | None = None
    """Seconds until the lease ends unless it is renewed."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A granted lease; its key goes into the header `X-Ohmstead-Lease` of every hand action."""

    key: str
    holder: str
    expires_in: float
    interrupted: str = ""
    """Why the holder is not to trust what it sees: somebody else pressed the emergency stop during this lease."""


class _Held(msgspec.Struct, frozen=True):
    key: str
    holder: str
    until: float
    interrupted: Callable[[str], None] | None
    reason: str = ""


class HandLease:
    """At most one holder at a time; a lease that is not renewed ends by itself. Used from one event loop."""

    def __init__(self) -> None:
        self._held: _Held | None = None

    def take(
        self,
        holder: str,
        seconds: float = 60.0,
        key: str | None = None,
        interrupted: Callable[[str], None] | None = None,
    ) -> Lease:
        """Grant the hand to a holder, or renew the lease that `key` names.

        Args:
            holder: who it is, as others will read it.
            seconds: how long the lease lasts unless it is renewed; at most a day.
            key: the key of a lease that is to be renewed.
            interrupted: called with a reason when somebody else presses the emergency stop meanwhile.

        Raises:
            HandLeased: somebody else holds it.
        """
        self.check(key)
        held = self._present()
        seconds = min(max(seconds, 1.0), LONGEST)
        until = asyncio.get_running_loop().time() + seconds
        if held is not None and interrupted is None:
            interrupted = held.interrupted
        reason = held.reason if held is not None else ""
        self._held = _Held(held.key if held else secrets.token_urlsafe(16), holder, until, interrupted, reason)
        return Lease(key=self._held.key, holder=holder, expires_in=seconds, interrupted=reason)

    def release(self, key: str | None) -> None:
        """Give the hand back; it is no error if nobody held it. Raises HandLeased for a stranger's key."""
        self.check(key)
        self._held = None

    def check(self, key: str | None) -> None:
        """Return if whoever shows this key (None: no key) may use the hand now. Raises HandLeased."""
        held = self._present()
        if held is not None and not self._opens(held, key):
            raise HandLeased(held.holder)

    def interrupt(self, key: str | None, reason: str) -> None:
        """Tell the holder, now or when it renews, that somebody else pressed the emergency stop."""
        held = self._present()
        if held is None or self._opens(held, key):
            return
        self._held = msgspec.structs.replace(held, reason=reason)
        if held.interrupted is not None:
            held.interrupted(reason)

    def view(self) -> LeaseView:
        """Return who holds the hand now."""
        held = self._present()
        if held is None:
            return LeaseView()
        return LeaseView(holder=held.holder, expires_in=round(held.until - asyncio.get_running_loop().time(), 1))

    def _present(self) -> _Held | None:
        if self._held is not None and self._held.until <= asyncio.get_running_loop().time():
            self._held = None
        return self._held

    @staticmethod
    def _opens(held: _Held, key: str | None) -> bool:
        return key is not None and secrets.compare_digest(held.key.encode(), key.encode())
