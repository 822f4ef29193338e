"""A dialer for one run of a station after the other, whatever the network is made of."""

from collections.abc import Callable

from ohmstead.ports.link import Link, SeverableDialer, Target


class RestartableDialer:
    """A power cut ends what was open, the next run dials anew."""

    def __init__(self, make: Callable[[], SeverableDialer]) -> None:
        self._make = make
        self._present = make()

    async def dial(self, target: Target) -> Link:
        """Open a connection. Raises LinkRefused with the reason."""
        return await self._present.dial(target)

    def sever(self) -> None:
        """End every open link and attempt at once."""
        gone, self._present = self._present, self._make()
        gone.sever()
