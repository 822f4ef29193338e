"""A dialer for one life of a station after the other, whatever the network is made of."""

from collections.abc import Callable
from typing import Protocol

from ohmstead.ports.link import Dialer, Link, Target


class DialerOfALife(Dialer, Protocol):
    """A dialer that is of no more use once the power has failed."""

    def sever(self) -> None:
        """End every open link and attempt at once."""
        ...


class LifelongDialer:
    """A power cut ends what was open, the next life dials anew."""

    def __init__(self, make: Callable[[], DialerOfALife]) -> None:
        self._make = make
        self._present = make()

    async def dial(self, target: Target) -> Link:
        """Open a connection. Raises LinkRefused with the reason."""
        return await self._present.dial(target)

    def sever(self) -> None:
        """End every open link and attempt at once."""
        gone, self._present = self._present, self._make()
        gone.sever()
