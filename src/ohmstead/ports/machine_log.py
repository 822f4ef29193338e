"""What a machine writes down of itself, for GetLog."""

from datetime import datetime
from typing import Protocol


class MachineLog(Protocol):
    """The log of a machine; the station puts it into its diagnostics (N01)."""

    async def read(self, oldest: datetime | None, latest: datetime | None) -> list[str]:
        """Return the lines of a time, oldest first; None has no end on that side. What it raises is told instead."""
        ...
