"""Everybody who touches the physical side uses the same hand: lab, web page, tests and scripts."""

from typing import Protocol


class HandRefused(Exception):
    """The action cannot be done now; the text says why and what would be right."""


class NotKept(HandRefused):
    """What was done, or should have been, cannot be kept: the station's memory does not take it, and it says why."""


class Hand(Protocol):
    """What a person (or a robot) can do at a station. Every action raises HandRefused when it is impossible now."""

    async def plug(self, evse_id: int, connector_id: int = 1, ev: str | None = None) -> None:
        """Connect an EV (a named model of the simulator, None: the default one) to a connector."""
        ...

    async def unplug(self, evse_id: int) -> None:
        """Take the connection to the EV away, on the EV side."""
        ...

    async def present(self, id_token: str, type: str = "ISO14443", evse_id: int | None = None) -> None:
        """Hold a token against the reader (of an EVSE, where each has its own)."""
        ...

    async def choose(self, option: str) -> None:
        """Press one of the options that the display shows, by its id."""
        ...

    async def arrive(self, evse_id: int) -> None:
        """Drive an EV into the parking bay."""
        ...

    async def leave(self, evse_id: int) -> None:
        """Drive the EV out of the parking bay."""
        ...

    async def suspend(self, evse_id: int) -> None:
        """Let the EV suspend the energy transfer."""
        ...

    async def resume(self, evse_id: int) -> None:
        """Let the EV take energy again."""
        ...

    async def stop_by_ev(self, evse_id: int) -> None:
        """Let the EV end its charging session for good."""
        ...

    async def fault(self, evse_id: int, connector_id: int, code: str) -> None:
        """Break a connector."""
        ...

    async def clear(self, evse_id: int, connector_id: int) -> None:
        """Repair a connector."""
        ...

    async def emergency_stop(self, pressed: bool) -> None:
        """Press or release the emergency stop."""
        ...

    async def cut_power(self) -> None:
        """Take the mains away from the whole station, between any two instructions."""
        ...

    async def restore_power(self) -> None:
        """Give the mains back; the station boots."""
        ...

    async def reboot(self) -> None:
        """Press the service button that restarts the station in good order."""
        ...

    async def cut_network(self, interface: str | None = None) -> None:
        """Pull the plug of a network interface (`Wired0`, `Wireless0`); None: of all."""
        ...

    async def restore_network(self, interface: str | None = None) -> None:
        """Put it back."""
        ...
