"""What the station has said and nobody has looked at yet; expecting, and what counts as unexpected."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

from ohmstead.lab.cases.checks import Wanted, matches, meets, words
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.exchange import Arrived
from ohmstead.lab.cases.journal import CaseLog
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.rules import PERIODIC
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


class Inbox(CaseLog):
    """Messages of the station in the order of their arrival; a case consumes those that it names.

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

    # Expecting

    async def expect(
        self,
        step: int | str,
        kind: type[Q],
        *,
        within: float | None = None,
        where: Callable[[Q], bool] | None = None,
        **fields: object,
    ) -> Q:
        """Wait for a message and consume it.

        Args:
            step: for the report.
            kind: of the message. Of kinds in UNORDERED the first that fits is taken, of the others the first that came.
            within: seconds to wait; None: the rig's patience.
            where: looks only at messages for which this holds, passing over the others.
            fields: `transaction_info__charging_state="Charging"`; see `checks`. Periodic and clock-aligned
                TransactionEvents are passed over unless `trigger_reason` or `where` asks for them.

        Raises Failed.
        """
        limit = self.patience if within is None else self._late(within)
        found = await self._wait_for(kind, limit, where, fields)
        if found is None:
            candidates = self._candidates(kind, where, fields)
            if candidates:
                self._check(step, candidates[0].message, fields)
            self._fail(step, kind.__name__, f"within {limit:g} s", f"none; {self._pending()}")
        self._consume(found)
        self._check(step, found.message, fields)
        return cast(Q, found.message)

    async def maybe(
        self,
        kind: type[Q],
        *,
        within: float | None = None,
        where: Callable[[Q], bool] | None = None,
        **fields: object,
    ) -> Q | None:
        """Consume a message that may come, with exactly these fields, and return it; None if it does not come."""
        deadline = self.now() + (self.settle if within is None else self._late(within))
        while True:
            for one in self._candidates(kind, where, fields):
                if matches(one.message, fields):
                    self._consume(one)
                    self._check("maybe", one.message, fields)
                    return cast(Q, one.message)
            if not await self._more(deadline):
                return None

    async def expect_none(
        self,
        step: int | str,
        kind: type[Q],
        seconds: float,
        *,
        where: Callable[[Q], bool] | None = None,
        **fields: object,
    ) -> None:
        """Wait some seconds, and fail if a message like this comes, or is here already."""
        deadline = self.now() + seconds
        while True:
            for one in self._candidates(kind, where, fields):
                if matches(one.message, fields):
                    self._fail(step, kind.__name__, f"none for {seconds:g} s", self._short(one))
            if not await self._more(deadline):
                return

    async def expect_status(
        self,
        step: int | str,
        status: object,
        *,
        evse_id: int | None = None,
        connector_id: int | None = None,
        within: float | None = None,
    ) -> None:
        """Wait for a connector's status, as StatusNotification or as NotifyEvent of AvailabilityState (G01.FR.01)."""
        limit = self.patience if within is None else self._late(within)
        if not await self.maybe_status(
            status, evse_id=evse_id, connector_id=connector_id, within=within or self.patience
        ):
            where = f"evse {evse_id or 'any'}/{connector_id or 'any'}"
            self._fail(step, f"connectorStatus of {where}", f"{words(status)} within {limit:g} s", self._pending())

    async def maybe_status(
        self,
        status: object,
        *,
        evse_id: int | None = None,
        connector_id: int | None = None,
        within: float | None = None,
    ) -> bool:
        """Consume a connector's status that may come, and say whether it did."""
        deadline = self.now() + (self.settle if within is None else self._late(within))
        while True:
            for one in self._inbox:
                if self._tells(one.message, status, evse_id, connector_id):
                    self._consume(one)
                    self.compare("status", "connectorStatus", self._status_of(one.message), status)
                    return True
            if not await self._more(deadline):
                return False

    async def expect_statuses(self, step: int | str, status: object, *, evse_id: int | None = None) -> None:
        """Wait for the status of every connector (of an EVSE), in any order."""
        for evse in self.product.evses:
            for connector in evse.connectors:
                if evse_id in (None, evse.id):
                    await self.expect_status(step, status, evse_id=evse.id, connector_id=connector.id)

    # Transaction events

    async def event(
        self,
        step: int | str,
        *,
        evse_id: int | None = None,
        within: float | None = None,
        where: Callable[[wire.TransactionEventRequest], bool] | None = None,
        **fields: object,
    ) -> wire.TransactionEventRequest:
        """Wait for the next TransactionEvent of the transaction at an EVSE (None: the configured one)."""
        outlet = self.outlet(evse_id)

        def mine(event: wire.TransactionEventRequest) -> bool:
            return self._belongs(event, outlet, fields) and (where is None or where(event))

        event = await self.expect(step, wire.TransactionEventRequest, within=within, where=mine, **fields)
        outlet.take(event)
        return event

    async def maybe_event(
        self, *, evse_id: int | None = None, within: float | None = None, **fields: object
    ) -> wire.TransactionEventRequest | None:
        """Consume the next TransactionEvent of an EVSE if it comes and has these fields."""
        outlet = self.outlet(evse_id)
        event = await self.maybe(
            wire.TransactionEventRequest,
            within=within,
            where=lambda event: self._belongs(event, outlet, fields),
            **fields,
        )
        if event is not None:
            outlet.take(event)
        return event

    def _belongs(self, event: wire.TransactionEventRequest, outlet: Progress, fields: dict[str, object]) -> bool:
        if _skipped(event, fields):
            return False
        identifier = event.transaction_info.transaction_id
        if outlet.transaction_id is not None and not outlet.ended:
            return identifier == outlet.transaction_id
        if event.evse is not None and event.evse.id != outlet.evse_id:
            return False
        return not any(identifier in other.transactions for other in self._outlets.values())

    def outlet(self, evse_id: int | None = None) -> Progress:
        """Return what the lab knows of an EVSE (None: the configured one). Raises Inconclusive where there is none."""
        wanted = self.config.evse_id if evse_id is None else evse_id
        if wanted not in self._outlets:
            self.inconclusive(f"the product has no EVSE {wanted}")
        return self._outlets[wanted]

    # What came, and what else may come

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

    async def expect_no_status(self, step: int | str, seconds: float) -> None:
        """Wait some seconds, and fail if the status of a connector is told."""
        deadline = self.now() + seconds
        while True:
            for one in self._inbox:
                if self._tells(one.message, Wanted("any", lambda _: True), None, None):
                    self._fail(step, "connectorStatus", f"none for {seconds:g} s", self._short(one))
            if not await self._more(deadline):
                return

    def forbid(self, kind: type[Request[Response]]) -> None:
        """Let a kind of message that is always allowed count as unexpected in this case."""
        self._forbidden.add(kind)

    def clear(self) -> None:
        """Forget what has come so far without judging it (preparations)."""
        self._raise_findings()
        self._inbox.clear()

    async def quiet(self, *, step: int | str = "quiet", seconds: float | None = None) -> None:
        """Wait a moment, and fail if anything has come that nobody expected."""
        await self.elapse(self.settle if seconds is None else seconds)
        for one in self._inbox:
            if not self._is_allowed(one.message):
                self._fail(step, "message", "none that the case does not name", self._short(one))
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

    # Inside

    def _tells(self, message: Request[Response], status: object, evse_id: int | None, connector_id: int | None) -> bool:
        told = None if self._statuses.is_double(message) else told_by(message)
        if told is None or not meets(self._status_of(message), status):
            return False
        return all(
            (got == wanted if wanted is not None else got > 0)
            for got, wanted in zip(told.place, (evse_id, connector_id), strict=True)
        )

    @staticmethod
    def _status_of(message: Request[Response]) -> object:
        told = told_by(message)
        return None if told is None else told.status

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
            elif not (isinstance(message, wire.TransactionEventRequest) and _skipped(message, fields)):
                found.append(one)
        return found

    async def _more(self, deadline: float) -> bool:
        """Wait for news until a deadline; say whether there is reason to look again."""
        self._raise_findings()
        remaining = deadline - self.now()
        if remaining <= 0:
            return False
        self._news.clear()
        try:
            async with asyncio.timeout(remaining):
                await self._news.wait()
        except TimeoutError:
            self._raise_findings()
            return False
        return True

    def _consume(self, one: Arrived) -> None:
        self._inbox.remove(one)

    def _pending(self) -> str:
        waiting = [self._short(one) for one in self._inbox if not self._is_allowed(one.message)]
        return f"not consumed: {', '.join(waiting)}" if waiting else "nothing else came"

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


def _skipped(event: wire.TransactionEventRequest, fields: dict[str, object]) -> bool:
    """Periodic values are passed over unless they are what is asked for."""
    if event.trigger_reason not in PERIODIC or event.event_type is not wire.TransactionEventEnum.Updated:
        return False
    return "trigger_reason" not in fields or not meets(event.trigger_reason, fields["trigger_reason"])


def _at(field: str, evse_id: int | None) -> dict[str, object]:
    return {} if evse_id is None else {field: evse_id}
