"""The boot loop of a station (`runtime/host.py`), for whoever switches its mains or presses its service button."""

from typing import Protocol


class Supervisor(Protocol):
    """Runs one run of a station after the other for as long as there is power."""

    @property
    def powered(self) -> bool:
        """Say whether there is power."""
        ...

    @property
    def failure(self) -> str | None:
        """Why the station can keep nothing at present, in one line; None: it can, or it does not run."""
        ...

    def lose_power(self) -> None:
        """Take the power away in the middle of whatever is happening."""
        ...

    async def down(self) -> None:
        """Return once nothing of the run that lost its power runs any more."""
        ...

    def restore_power(self) -> None:
        """Give the power back: the station boots with what is durable."""
        ...

    def restart(self) -> bool:
        """Restart the running station in good order (LocalReset); False: none runs."""
        ...

    def changed(self) -> None:
        """Hear that something has changed beside the station: its network."""
        ...
