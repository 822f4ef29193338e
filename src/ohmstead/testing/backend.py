"""Where a station of a test lives, as the rest of this package sees it."""

from typing import Protocol

from ohmstead.ports.bench import StationView
from ohmstead.ports.hand import Action
from ohmstead.ports.protocol_faults import ProtocolFaults
from ohmstead.testing.wire import Wire


class StationBackend(Protocol):
    """A whole station: in the event loop of the test, or as a process of its own."""

    wire: Wire

    async def start(self) -> None:
        """Give it its power; returns when it is there, connected or not."""
        ...

    async def perform(self, action: Action) -> None:
        """Do something at it. Raises HandRefused."""
        ...

    async def view(self) -> StationView:
        """Return what a page would show of it."""
        ...

    def delay(self, up: float, down: float) -> None:
        """Let messages travel so many seconds each way. Raises NotImplementedError."""
        ...

    @property
    def faults(self) -> ProtocolFaults:
        """The faults of its protocol, on purpose. Raises NotImplementedError."""
        ...

    async def close(self) -> None:
        """End it within two seconds, whatever its CSMS does; may be called twice."""
        ...
