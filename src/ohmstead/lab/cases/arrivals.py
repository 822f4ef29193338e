"""What the station has said in a case, when it came, and what of it nobody has looked at yet."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ohmstead.lab.cases.case_log import CaseLog
from ohmstead.lab.cases.checks import matches, meets
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.exchange import Arrived
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.rules import PERIODIC, UNASKED
from ohmstead.lab.cases.statuses import Statuses, StatusReport, apart, told_by
from ohmstead.lab.rig import Rig
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

Q = TypeVar("Q", bound=Request[Response])

UNORDERED: frozenset[type[Request[Response]]] = frozenset(
    {
        wire.StatusNotificationRequest,
        wire.NotifyEventRequest,
        wire.SecurityEventNotificationRequest,
        wire.MeterValuesRequest,
        wire.HeartbeatRequest,
    }
)
"""Kinds that may come in any order among themselves: `expect` takes the first that fits, not the first that came."""


class Arrivals(CaseLog):
    """Messages of the station in the order of their arrival, and which of them are unexpected; base of the tester.

    Attributes:
        product: the product under test.
        config: tokens, EVSEs, durations.
    """

    def __init__(self, rig: Rig, product: Product, config: LabConfig, delay: float = 0.0) -> None:
        super().__init__(rig, delay)
        self.product = product
        self.config = config
        self._outlets = {evse.id: Progress(evse.id) for evse in product.evses}
        self._inbox: list[Arrived] = []
        self._arrived_as: dict[int, Arrived] = {}
        self._parts: dict[int, tuple[Arrived, Arrived]] = {}
        self._allowed: list[tuple[type[Request[Response]], dict[str, object]]] = []
        self._forbidden: set[type[Request[Response]]] = set()
        self._statuses = Statuses()

    def outlet(self, evse_id: int | None = None) -> Progress:
        """Return what the lab knows of an EVSE (None: the configured one). Raises Inconclusive where there is none."""
        wanted = self.config.evse_id if evse_id is None else evse_id
        if wanted not in self._outlets:
            self.inconclusive(f"the product has no EVSE {wanted}")
        return self._outlets[wanted]

    def _put(self, arrived: Arrived) -> None:
        """A message has come."""
        self._arrived_as[id(arrived.message)] = arrived
        for one in apart(arrived):
            # A part is kept with its whole: both are known by their identity.
            self._parts[id(one.message)] = (one, arrived)
            self._statuses.observe(one.message)
            self._inbox.append(one)

    def arrived(self, message: Request[Response]) -> Arrived:
        """Return when a message that was received came, and under which id."""
        return self._parts[id(message)][1] if id(message) in self._parts else self._arrived_as[id(message)]

    def answered(self, message: Request[Response]) -> float:
        """Return when a message that was received was answered, seconds of the loop: what it asks for begins then."""
        return self.arrived(message).at + self.delay

    def received(self, kind: type[Q]) -> list[Q]:
        """Return every message of a kind since the case began, consumed or not, retransmissions too."""
        return [one.message for one in self._arrived_as.values() if isinstance(one.message, kind)]

    def allow(self, kind: type[Request[Response]], **fields: object) -> None:
        """Let messages like this be, if nobody consumes them."""
        self._allowed.append((kind, fields))

    def allow_status(self, status: object, *, evse_id: int | None = None) -> None:
        """Let a status be, by whichever message it is told, if nobody consumes it."""
        self.allow(wire.StatusNotificationRequest, connector_status=status, **_at("evse_id", evse_id))
        self.allow(
            wire.NotifyEventRequest,
            event_data__0__component__name="Connector",
            event_data__0__actual_value=status,
            **_at("event_data__0__component__evse__id", evse_id),
        )

    def statuses(self, evse_id: int | None = None, *, since: float = 0.0) -> list[StatusReport]:
        """Return what was told of the connectors (of an EVSE) since a moment of the loop, oldest first."""
        told = (one for one in self._statuses.told if evse_id in (None, one.place[0]))
        return [one for one in told if self.arrived(one.message).at >= since]

    def ask_status(self) -> None:
        """The lab asks for a status: what it is told then counts, even if it has been told before."""
        self._statuses.ask()

    def forbid(self, kind: type[Request[Response]]) -> None:
        """Let a kind of message that is always allowed count as unexpected in this case."""
        self._forbidden.add(kind)

    def clear(self) -> None:
        """Forget what has come so far without judging it (preparations)."""
        self._take_findings()
        self._inbox.clear()

    async def quiet(self, *, step: int | str = "quiet", seconds: float | None = None) -> None:
        """Wait a moment, and fail if anything has come that nobody expected."""
        await self.elapse(self.settle if seconds is None else seconds)
        for one in self._inbox:
            if not self._is_allowed(one.message):
                kind = type(one.message).__name__
                wanted = "none: nothing that the case does not name"
                self._fail(step, kind, wanted, self._short(one), frame=one.id, cited=(UNASKED,))
            self._note_beside(one.message)
        self._inbox.clear()

    def _is_allowed(self, message: Request[Response]) -> bool:
        for kind, fields in self._allowed:
            if isinstance(message, kind) and matches(message, fields):
                return True
        if type(message) in self._forbidden:
            return False
        if isinstance(message, wire.TransactionEventRequest):
            return message.trigger_reason in PERIODIC and message.event_type is wire.TransactionEventEnum.Updated
        if isinstance(message, wire.NotifyEventRequest):
            return told_by(message) is None or self._statuses.is_double(message)
        if isinstance(message, wire.StatusNotificationRequest):
            return self._statuses.is_double(message)
        always = wire.HeartbeatRequest | wire.SecurityEventNotificationRequest | wire.MeterValuesRequest
        return isinstance(message, always)

    def _note_beside(self, message: Request[Response]) -> None:
        """What nothing forbids, and no case names."""
        if self._statuses.is_double(message):
            self.note("a change of status was told by StatusNotification and by NotifyEvent")
        elif isinstance(message, wire.NotifyEventRequest) and told_by(message) is None:
            for data in message.event_data:
                self.note(f"NotifyEvent of {data.component.name}.{data.variable.name}, which no case names")

    # Waiting

    def _late(self, within: float) -> float:
        """Return how long something is waited for that comes within some seconds, if answers do not hold it up."""
        return within + 2 * self.delay if within else within

    async def _wait_for(
        self,
        kind: type[Q],
        limit: float,
        where: Callable[[Q], bool] | None,
        fields: dict[str, object],
    ) -> Arrived | None:
        deadline = self.now() + limit
        while True:
            for one in self._candidates(kind, where, fields):
                if kind not in UNORDERED or matches(one.message, fields):
                    return one
            if not await self._more(deadline):
                return None

    def _candidates(self, kind: type[Q], where: Callable[[Q], bool] | None, fields: dict[str, object]) -> list[Arrived]:
        found = []
        for one in self._inbox:
            message = one.message
            if not isinstance(message, kind):
                continue
            if where is not None:
                if where(message):
                    found.append(one)
            elif not (isinstance(message, wire.TransactionEventRequest) and skipped(message, fields)):
                found.append(one)
        return found

    async def _more(self, deadline: float) -> bool:
        """Wait for news until a deadline; say whether there is reason to look again."""
        self._take_findings()
        remaining = deadline - self.now()
        if remaining <= 0:
            return False
        self._news.clear()
        try:
            async with asyncio.timeout(remaining):
                await self._news.wait()
        except TimeoutError:
            self._take_findings()
            return False
        return True

    def _consume(self, one: Arrived) -> None:
        self._inbox.remove(one)

    def _pending(self) -> str:
        waiting = [self._short(one) for one in self._inbox if not self._is_allowed(one.message)]
        return f"what came instead: {', '.join(waiting)}" if waiting else "nothing else came"

    @staticmethod
    def _short(one: Arrived) -> str:
        message = one.message
        name = type(message).__name__.removesuffix("Request")
        match message:
            case wire.TransactionEventRequest():
                state = message.transaction_info.charging_state
                return (
                    f"{name}({message.event_type.value}, {message.trigger_reason.value}, "
                    f"{state.value if state else '-'}, seqNo {message.seq_no})"
                )
            case wire.StatusNotificationRequest():
                return f"{name}({message.connector_status.value}, {message.evse_id}/{message.connector_id})"
        return f"{name}"


def skipped(event: wire.TransactionEventRequest, fields: dict[str, object]) -> bool:
    """Periodic values are passed over unless they are what is asked for."""
    if event.trigger_reason not in PERIODIC or event.event_type is not wire.TransactionEventEnum.Updated:
        return False
    return "trigger_reason" not in fields or not meets(event.trigger_reason, fields["trigger_reason"])


def _at(field: str, evse_id: int | None) -> dict[str, object]:
    return {} if evse_id is None else {field: evse_id}
