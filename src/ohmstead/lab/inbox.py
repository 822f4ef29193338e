"""What the station has said and nobody has looked at yet; expecting, and what counts as unexpected."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

from ohmstead.lab.bench import Bench
from ohmstead.lab.checks import matches, meets, words
from ohmstead.lab.config import LabConfig
from ohmstead.lab.exchange import Arrived
from ohmstead.lab.journal import Journal
from ohmstead.lab.outlet import Outlet
from ohmstead.lab.rules import PERIODIC
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


class Inbox(Journal):
    """Messages of the station in the order of their arrival; a case consumes those that it names.

    Attributes:
        product: the product under test.
        config: tokens, EVSEs, durations.
    """

    def __init__(self, bench: Bench, product: Product, config: LabConfig, delay: float = 0.0) -> None:
        super().__init__(bench, delay)
        self.product = product
        self.config = config
        self._outlets = {evse.id: Outlet(evse.id) for evse in product.evses}
        self._inbox: list[Arrived] = []
        self._arrived_as: dict[int, Arrived] = {}
        self._allowed: list[tuple[type[Request[Response]], dict[str, object]]] = []
        self._forbidden: set[type[Request[Response]]] = set()

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
            within: seconds to wait; None: the bench's patience.
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
                if _tells_status(one.message, status, evse_id, connector_id):
                    self._consume(one)
                    self.compare("status", "connectorStatus", _status_of(one.message), status)
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

    def _belongs(self, event: wire.TransactionEventRequest, outlet: Outlet, fields: dict[str, object]) -> bool:
        if _skipped(event, fields):
            return False
        identifier = event.transaction_info.transaction_id
        if outlet.transaction_id is not None and not outlet.ended:
            return identifier == outlet.transaction_id
        if event.evse is not None and event.evse.id != outlet.evse_id:
            return False
        return not any(identifier in other.transactions for other in self._outlets.values())

    def outlet(self, evse_id: int | None = None) -> Outlet:
        """Return what the lab knows of an EVSE (None: the configured one). Raises Inconclusive where there is none."""
        wanted = self.config.evse_id if evse_id is None else evse_id
        if wanted not in self._outlets:
            self.inconclusive(f"the product has no EVSE {wanted}")
        return self._outlets[wanted]

    # What came, and what else may come

    def arrived(self, message: Request[Response]) -> Arrived:
        """Return when a message that was received came, and under which id."""
        return self._arrived_as[id(message)]

    def answered(self, message: Request[Response]) -> float:
        """Return when a message that was received was answered, seconds of the loop: what it asks for begins then."""
        return self.arrived(message).at + self.delay

    def received(self, kind: type[Q]) -> list[Q]:
        """Return every message of a kind since the case began, consumed or not, retransmissions too."""
        return [one.message for one in self._arrived_as.values() if isinstance(one.message, kind)]

    def allow(self, kind: type[Request[Response]], **fields: object) -> None:
        """Let messages like this be, if nobody consumes them."""
        self._allowed.append((kind, fields))

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
            return all(_is_availability(data, "EVSE", "ChargingStation") for data in message.event_data)
        always = wire.HeartbeatRequest | wire.SecurityEventNotificationRequest | wire.MeterValuesRequest
        return isinstance(message, always)

    # Inside

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


def _is_availability(data: wire.EventData, *components: str) -> bool:
    """The availability of an EVSE or the station may be told beside that of its connectors (TC_G_04, TC_G_06)."""
    return data.component.name in components and data.variable.name == "AvailabilityState"


def statuses_apart(arrived: Arrived) -> list[Arrived]:
    """Return a NotifyEvent that tells the status of several connectors as so many; anything else as it is."""
    message = arrived.message
    if not isinstance(message, wire.NotifyEventRequest) or len(message.event_data) == 1:
        return [arrived]
    if not all(_is_availability(data, "Connector", "EVSE", "ChargingStation") for data in message.event_data):
        return [arrived]
    alone = [msgspec.structs.replace(message, event_data=(data,)) for data in message.event_data]
    return [msgspec.structs.replace(arrived, message=one) for one in alone]


def _status_of(message: Request[Response]) -> object:
    match message:
        case wire.StatusNotificationRequest():
            return message.connector_status
        case wire.NotifyEventRequest():
            return message.event_data[0].actual_value
    return None


def _tells_status(message: Request[Response], status: object, evse_id: int | None, connector_id: int | None) -> bool:
    match message:
        case wire.StatusNotificationRequest():
            return (
                meets(_status_of(message), status)
                and (message.evse_id == evse_id if evse_id is not None else message.evse_id > 0)
                and (message.connector_id == connector_id if connector_id is not None else message.connector_id > 0)
            )
        case wire.NotifyEventRequest():
            data = message.event_data[0]
            evse = data.component.evse
            return (
                data.trigger is wire.EventTriggerEnum.Delta
                and data.component.name == "Connector"
                and data.variable.name == "AvailabilityState"
                and meets(_status_of(message), status)
                and evse is not None
                and evse_id in (None, evse.id)
                and connector_id in (None, evse.connector_id)
            )
    return False
