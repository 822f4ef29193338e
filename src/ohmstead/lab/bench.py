"""What the lab needs of a place to test in: one station to start, a hand at it, and endpoints for it to dial."""

from typing import Protocol

import msgspec

from ohmstead.ports.clock import Clock
from ohmstead.ports.hand import Hand
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Admit, Serve


class Accept(msgspec.Struct, frozen=True):
    """Let connection attempts through to the handshake."""


class RefuseTcp(msgspec.Struct, frozen=True):
    """Refuse the TCP connection."""


class Hold(msgspec.Struct, frozen=True):
    """Take the TCP connection and stay silent (B_46)."""


class RejectUpgrade(msgspec.Struct, frozen=True):
    """Answer the HTTP upgrade with this status."""

    status: int = 503


class CloseTcp(msgspec.Struct, frozen=True):
    """Take the TCP connection and close it."""


Meeting = Accept | RefuseTcp | Hold | RejectUpgrade | CloseTcp
"""How an endpoint meets connection attempts."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One connection attempt of the station."""

    at: float
    """When it began (or was seen first), seconds of the loop."""
    outcome: str
    """`open`, or what became of it."""
    url: str = ""


class Door(Protocol):
    """One endpoint as the bench offers it."""

    @property
    def url(self) -> str:
        """What a station dials, without its identity."""
        ...

    @property
    def root(self) -> str:
        """PEM root of the endpoint's certificate; empty where any station trusts it."""
        ...

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts at this endpoint so far, oldest first."""
        ...

    def meet(self, how: Meeting) -> None:
        """Meet attempts this way from now on."""
        ...


class Provisioning(msgspec.Struct, frozen=True, kw_only=True):
    """What the station knows before its first boot."""

    identity: str = "CS-001"
    password: str = "correct-horse-battery-staple"
    security_profile: int = 2


class Bench(Protocol):
    """A place for one run of one case; the station is fresh."""

    @property
    def name(self) -> str:
        """`memory`, `wire` ..."""
        ...

    @property
    def hand(self) -> Hand:
        """The hand at the station."""
        ...

    @property
    def clock(self) -> Clock:
        """The lab's own wall clock; what the CSMS tells as the time."""
        ...

    @property
    def tolerance(self) -> float:
        """Seconds by which an instant may be off."""
        ...

    @property
    def patience(self) -> float:
        """Seconds for which an expected message is waited for, unless the case says otherwise."""
        ...

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> Door:
        """Open an endpoint. Number 1 is the one that the station is provisioned for.

        Args:
            number: of the endpoint in this case.
            admit: decides about each handshake.
            serve: serves each accepted link.
            own_root: its certificate comes from a root that the station does not know yet.
        """
        ...

    async def start(self, provisioning: Provisioning) -> None:
        """Give a factory-fresh station its provisioning and its power; it dials endpoint 1."""
        ...

    def screens(self) -> tuple[Screen, ...]:
        """Return what the displays of the station show now."""
        ...
