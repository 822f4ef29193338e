"""The hand as cases use it: each action is written into the wire log, told to the rules, and done at the station."""

import asyncio
from collections.abc import Awaitable, Callable

from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.hand import Hand, HandRefused

REACH = 0.5
"""Seconds that a hand takes to get there: no person is quicker, and answers under way arrive meanwhile."""


class LoggedHand:
    """A `ports.hand.Hand` that tells what it does, half a second before each action.

    Raises Inconclusive where an action is impossible.

    Args:
        hand: the hand at the station.
        done: told name and arguments of each action, before it is done.
    """

    def __init__(self, hand: Hand, done: Callable[[str, tuple[object, ...]], None]) -> None:
        self._hand = hand
        self._done = done

    async def _do(self, name: str, action: Callable[[], Awaitable[None]], *arguments: object) -> None:
        await asyncio.sleep(REACH)
        self._done(name, arguments)
        try:
            await action()
        except HandRefused as refused:
            raise Inconclusive(f"hand: {name}: {refused}") from None

    async def plug(self, evse_id: int, connector_id: int = 1, ev: str | None = None) -> None:
        """Connect an EV."""
        await self._do("plug", lambda: self._hand.plug(evse_id, connector_id, ev), evse_id, connector_id)

    async def unplug(self, evse_id: int) -> None:
        """Disconnect it, on the EV side."""
        await self._do("unplug", lambda: self._hand.unplug(evse_id), evse_id)

    async def present(self, id_token: str, type: str = "ISO14443", evse_id: int | None = None) -> None:
        """Present a token."""
        await self._do("present", lambda: self._hand.present(id_token, type, evse_id), id_token, type, evse_id)

    async def choose(self, option: str) -> None:
        """Press an option on the display."""
        await self._do("choose", lambda: self._hand.choose(option), option)

    async def arrive(self, evse_id: int) -> None:
        """Drive an EV into the bay."""
        await self._do("arrive", lambda: self._hand.arrive(evse_id), evse_id)

    async def leave(self, evse_id: int) -> None:
        """Drive it out."""
        await self._do("leave", lambda: self._hand.leave(evse_id), evse_id)

    async def suspend(self, evse_id: int) -> None:
        """Let the EV suspend."""
        await self._do("suspend", lambda: self._hand.suspend(evse_id), evse_id)

    async def resume(self, evse_id: int) -> None:
        """Let the EV go on."""
        await self._do("resume", lambda: self._hand.resume(evse_id), evse_id)

    async def stop_by_ev(self, evse_id: int) -> None:
        """Let the EV end its session."""
        await self._do("stop_by_ev", lambda: self._hand.stop_by_ev(evse_id), evse_id)

    async def fault(self, evse_id: int, connector_id: int, code: str) -> None:
        """Break a connector."""
        await self._do("fault", lambda: self._hand.fault(evse_id, connector_id, code), evse_id, connector_id, code)

    async def clear(self, evse_id: int, connector_id: int) -> None:
        """Repair it."""
        await self._do("clear", lambda: self._hand.clear(evse_id, connector_id), evse_id, connector_id)

    async def emergency_stop(self, pressed: bool) -> None:
        """Press or release the emergency stop."""
        await self._do("emergency_stop", lambda: self._hand.emergency_stop(pressed), pressed)

    async def cut_power(self) -> None:
        """Take the mains away."""
        await self._do("cut_power", self._hand.cut_power)

    async def restore_power(self) -> None:
        """Give them back."""
        await self._do("restore_power", self._hand.restore_power)

    async def reboot(self) -> None:
        """Press the service button."""
        await self._do("reboot", self._hand.reboot)

    async def cut_network(self, interface: str | None = None) -> None:
        """Pull a network plug."""
        await self._do("cut_network", lambda: self._hand.cut_network(interface), interface)

    async def restore_network(self, interface: str | None = None) -> None:
        """Put it back."""
        await self._do("restore_network", lambda: self._hand.restore_network(interface), interface)
