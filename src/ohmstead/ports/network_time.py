"""The time of day from a server that keeps it (NTP)."""

from datetime import datetime
from typing import Protocol


class NoTime(Exception):
    """The server does not answer, or says that it does not know the time itself; the text says which."""


class NetworkTime(Protocol):
    """Asks servers for the time of day."""

    def offered(self) -> tuple[str, ...]:
        """Return the servers that the network offers by DHCP, in its order."""
        ...

    async def ask(self, server: str) -> datetime:
        """Return what the time is now. Raises NoTime.

        Args:
            server: a host name or an address, with a port where it is not the usual one.
        """
        ...


class NoNetworkTime:
    """The network time of a station that has no such network."""

    def offered(self) -> tuple[str, ...]:
        """Offer none."""
        return ()

    async def ask(self, server: str) -> datetime:
        """Have no time."""
        raise NoTime(f"{server} cannot be reached from here")
