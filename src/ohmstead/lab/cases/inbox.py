"""Expecting: a case names the message that has to come, or what may not come."""

from collections.abc import Callable
from typing import TypeVar, cast

from ohmstead.lab.cases.arrivals import Arrivals, skipped
from ohmstead.lab.cases.checks import Wanted, fields_in_words, matches, meets, right_of
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.statuses import told_by
from ohmstead.lab.verdict import Finding
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.identifiers import folded

Q = TypeVar("Q", bound=Request[Response])
STATUS = "StatusNotificationRequest"
"""What a status is told by, for the report; NotifyEvent of AvailabilityState will do as well."""


class Inbox(Arrivals):
    """Expects messages in the order of their arrival; a case consumes those that it names."""

    # Messages and statuses

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
                self._check(step, candidates[0].message, fields, candidates[0].id)
                self._consume(candidates[0])
                return cast(Q, candidates[0].message)
            asked = fields_in_words(fields)
            wanted = f"one{f' with {asked}' if asked else ''} within {limit:g} s"
            self._fail(step, kind.__name__, wanted, f"none; {self._pending()}", right=right_of(fields))
        self._consume(found)
        self._check(step, found.message, fields, found.id)
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
                    self._check("maybe", one.message, fields, one.id)
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
                    asked = fields_in_words(fields)
                    wanted = f"none{f' with {asked}' if asked else ''} for {seconds:g} s"
                    self._fail(step, kind.__name__, wanted, self._short(one), frame=one.id)
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
    ) -> bool:
        """Wait for a connector's status, as StatusNotification or as NotifyEvent of AvailabilityState (G01.FR.01).

        A station that does not tell it fails, and can do everything else all the same. Returns whether it was told.
        """
        limit = self.patience if within is None else self._late(within)
        place = {"evse_id": evse_id, "connector_id": connector_id}
        if await self.maybe_status(status, **place, within=within or self.patience):
            return True
        fields = {name: value for name, value in {"connector_status": status, **place}.items() if value is not None}
        wanted = f"one with {fields_in_words(fields)} within {limit:g} s"
        got, right = f"none; {self._pending()}", right_of(fields)
        self._find(Finding(step=str(step), field=STATUS, wanted=wanted, got=got, right=right))
        return False

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
                    self.compare("status", f"{STATUS}.connectorStatus", self._status_of(one.message), status)
                    return True
            if not await self._more(deadline):
                return False

    async def expect_statuses(self, step: int | str, status: object, *, evse_id: int | None = None) -> None:
        """Wait for the status of every connector (of an EVSE), in any order."""
        for evse in self.product.evses:
            for connector in evse.connectors:
                if evse_id in (None, evse.id):
                    await self.expect_status(step, status, evse_id=evse.id, connector_id=connector.id)

    async def expect_no_status(self, step: int | str, seconds: float) -> None:
        """Wait some seconds, and fail if the status of a connector is told."""
        deadline = self.now() + seconds
        while True:
            for one in self._inbox:
                if self._tells(one.message, Wanted("any", lambda _: True), None, None):
                    self._fail(step, STATUS, f"none for {seconds:g} s", self._short(one), frame=one.id)
            if not await self._more(deadline):
                return

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
        if skipped(event, fields):
            return False
        identifier = folded(event.transaction_info.transaction_id)
        if outlet.transaction_id is not None and not outlet.ended:
            return identifier == folded(outlet.transaction_id)
        if event.evse is not None and event.evse.id != outlet.evse_id:
            return False
        return not any(identifier in other.transactions for other in self._outlets.values())
