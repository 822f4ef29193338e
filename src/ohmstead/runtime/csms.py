"""The CSMS as the blocks see it: registration, what may be sent, and how long a station that leaves waits for it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from ohmstead.blocks.context import Registration, Trigger
from ohmstead.blocks.work import Lifetime
from ohmstead.model.device import DeviceModel
from ohmstead.runtime.calls import StationCalls
from ohmstead.runtime.delivery import Delivery
from ohmstead.runtime.outbox import Outbox
from ohmstead.runtime.unit import Units
from ohmstead.runtime.work import StationWork
from ohmstead.wire.messages import MessageTriggerEnum

DELIVERY_ROUNDS = 4
"""Of MessageTimeout, for which a station that leaves is kept waiting by a CSMS that answers."""
LAST_ANSWER = 0.5
"""Seconds for which a link that is to be closed waits for the answer to its last call."""

Then = Callable[[Callable[[], None]], None]
"""Carries out an action once the response to what is being served has been written."""
Leave = Callable[[str], Coroutine[object, object, None]]
"""Closes the link, for a reason, and dials again."""

_log = logging.getLogger(__name__)


class StationCsms:
    """Implements `blocks.context.Csms` for one run of a station."""

    def __init__(
        self,
        calls: StationCalls,
        outbox: Outbox,
        delivery: Delivery,
        device: DeviceModel,
        units: Units,
        work: StationWork,
        then: Then,
        leave: Leave,
        changed: Callable[[], None],
    ) -> None:
        self.calls = calls
        self.triggers: dict[MessageTriggerEnum, Trigger] = {}
        self.waiting_transactions = outbox.transactions
        self.unregistered: str | None = None
        """Why the last BootNotification got no answer that can be used; None: it did."""
        self._outbox = outbox
        self._delivery = delivery
        self._device = device
        self._units = units
        self._work = work
        self._then = then
        self._leave = leave
        self._changed = changed

    @property
    def registration(self) -> Registration:
        """What the CSMS has answered to BootNotification."""
        return self.calls.registration

    def register(self, registration: Registration) -> None:
        """Take note of it; Accepted opens the outbox."""
        self.calls.registration = registration
        self.unregistered = None
        self._units.after(self._changed)
        if registration is Registration.Accepted:
            self._units.after(self._delivery.open.set)

    def registration_failed(self, why: str) -> None:
        """Take note of it."""
        self.unregistered = why
        self._changed()

    def reconnect(self, reason: str) -> None:
        """Dial again, once the response is out."""

        def go() -> None:
            self._work.spawn("reconnect", lambda: self._answered_and_left(reason), Lifetime.Job)

        self._then(go)

    async def _answered_and_left(self, reason: str) -> None:
        """Close the link once what is on its way has been answered: else it would go again over the next one."""
        if self.calls.rpc is not None:
            await self.calls.rpc.drain(LAST_ANSWER)
        await self._leave(reason)

    async def drained(self, seconds: float) -> None:
        """Wait for an empty outbox."""
        await self.delivered(self._outbox.empty, seconds)
        if self._outbox.entries:
            _log.warning("%d messages wait in the outbox", len(self._outbox.entries))

    async def delivered(self, empty: asyncio.Event, seconds: float) -> None:
        """Wait until nothing waits for the CSMS, as long as it goes on answering."""
        for _ in range(DELIVERY_ROUNDS):
            rpc = self.calls.rpc
            linked = rpc is not None and not rpc.lost
            # A second more than the answer may take: else it would meet a connection that is just closed.
            patience = self._device.ocpp_comm.message_timeout + 1 if linked else seconds
            before = rpc.answered if rpc is not None else 0
            try:
                async with asyncio.timeout(max(seconds, patience)):
                    await empty.wait()
                return
            except TimeoutError:
                if rpc is None or rpc is not self.calls.rpc or rpc.answered == before:
                    return
