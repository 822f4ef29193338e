"""The way to the CSMS: what may leave, and what happens to what may not."""

import logging
from collections.abc import Callable
from typing import TypeVar

from ohmstead.blocks.context import Registration
from ohmstead.model.device import DeviceModel
from ohmstead.ports.calls import Cause, NotSent, Rank, Waiting
from ohmstead.ports.store import Delete
from ohmstead.rpc.connection import RpcConnection
from ohmstead.runtime.counts import StationCounts
from ohmstead.runtime.outbox import KIND, Outbox, OutboxEntry
from ohmstead.runtime.sender import Sender
from ohmstead.runtime.unit import Units
from ohmstead.wire.base import Request, Response
from ohmstead.wire.messages import (
    AuthorizeRequest,
    BootNotificationRequest,
    NotifyCustomerInformationRequest,
    NotifyReportRequest,
)

RANKS: dict[type, Rank] = {
    AuthorizeRequest: Rank.Driver,
    BootNotificationRequest: Rank.Driver,
    NotifyReportRequest: Rank.Report,
    NotifyCustomerInformationRequest: Rank.Report,
}
"""What somebody waits for, and what may take its time; all else is usual, events of transactions among it."""
R = TypeVar("R", bound=Response)
_log = logging.getLogger(__name__)


class StationCalls:
    """Implements the port `Calls` for one run of a station."""

    def __init__(
        self,
        device: DeviceModel,
        units: Units,
        outbox: Outbox,
        new_id: Callable[[], str],
        counts: StationCounts,
    ) -> None:
        self._device = device
        self._counts = counts
        self._units = units
        self._outbox = outbox
        self._new_id = new_id
        self.sender = Sender(self.call)
        self.rpc: RpcConnection | None = None
        self.registration = Registration.Unknown
        self.fault: str | None = None
        """What the CSMS last sent over this connection that cannot be used."""

    @property
    def online(self) -> bool:
        """Say whether the link is up and the CSMS has accepted the station."""
        return not self.offline and self.registration is Registration.Accepted

    @property
    def waiting(self) -> Waiting:
        """What the CSMS does not have yet; see the port."""
        return self._outbox.waiting

    @property
    def offline(self) -> bool:
        """Say whether there is no connection; see the port."""
        return self.rpc is None or self.rpc.lost

    def _may_pass(self, cause: Cause) -> bool:
        if self.registration is Registration.Accepted or cause is Cause.Boot:
            return True
        return cause is Cause.Asked and self.registration is not Registration.Rejected

    async def call(self, request: Request[R], cause: Cause = Cause.Own) -> R:
        """Send a request and return its response; see the port."""
        if self.rpc is None:
            raise NotSent("there is no connection to the CSMS")
        if not self._may_pass(cause):
            raise NotSent("the CSMS has not accepted the station yet")
        return await self.rpc.call(request, rank=rank_of(request))

    def send(
        self, request: Request[R], cause: Cause = Cause.Own, undelivered: Callable[[], None] = lambda: None
    ) -> None:
        """Send a request without waiting; see the port."""
        if self._device.ocpp_comm.queue_all_messages and cause is Cause.Own:
            self.post(request)
        elif self.rpc is not None and self._may_pass(cause):
            self.sender.tell(request, cause, undelivered)
        else:
            _log.info("%s is not sent: offline", type(request).__name__)
            undelivered()

    def post(self, request: Request[R]) -> None:
        """Put a request into the outbox; see the port."""
        with self._units.open():
            entry, writes = self._outbox.prepare(request, self._new_id())
            self._units.write(*writes)
            self._units.after(lambda: self._outbox.append(entry))
            self._units.after(lambda: self._counts.posted(request))
            self._make_room()

    def _make_room(self) -> None:
        dropped = self._outbox.plan_room()
        if dropped:
            self._units.write(*(Delete(KIND, entry.key) for entry in dropped))
            self._units.after(lambda: self._discard(dropped))

    def _discard(self, dropped: list[OutboxEntry]) -> None:
        self._outbox.discard(dropped)
        self._counts.discarded += len(dropped)


def rank_of(request: Request[Response]) -> Rank:
    """Say before which of the calls that wait a request goes."""
    return RANKS.get(type(request), Rank.Usual)
