"""The tester: plays the CSMS, moves the hand, and says at once when something is not as it should be."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from itertools import count
from typing import NoReturn, TypeVar, cast

from ohmstead.lab.answers import Answers, Given
from ohmstead.lab.bench import Bench, FileServer, Firmware, FirmwareKind, Provisioning
from ohmstead.lab.checks import check, matches, meets, one_of
from ohmstead.lab.config import LabConfig
from ohmstead.lab.endpoint import Endpoint
from ohmstead.lab.exchange import Answer, Arrived, Exchange, Unanswered
from ohmstead.lab.hand import LoggedHand
from ohmstead.lab.outlet import Outlet
from ohmstead.lab.rules import PERIODIC, STEP, Rules
from ohmstead.lab.verdict import Failed, Finding, Inconclusive, LogEntry
from ohmstead.ports.clock import Clock
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Link
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode

R = TypeVar("R", bound=Response)
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

_KEY = re.compile(
    r"(?P<component>\w+)(?:\[(?P<ci>[^\]]+)\])?(?:#(?P<evse>\d+)(?:/(?P<connector>\d+))?)?"
    r"\.(?P<variable>\w+)(?:\[(?P<vi>[^\]]+)\])?"
)


class Tester:
    """What a case gets. Steps are the numbers of the case's text, or short names.

    Attributes:
        product: the product under test.
        config: tokens, EVSEs, durations.
        hand: the hand at the station.
        clock: the lab's wall clock.
        files: the lab's file server.
        answers: what the station's CALLs are answered with.
        rules: the general rules; a case may waive one.
        notes: remarks for the report.
        cached: tokens (lower case) that the station has in its authorization cache, as far as the lab knows.
        start_points: TxStartPoint as the lab has set it.
        stop_points: TxStopPoint as the lab has set it.
        settings: what the lab has set, by key.
    """

    def __init__(self, bench: Bench, product: Product, config: LabConfig, provisioning: Provisioning) -> None:
        self.bench = bench
        self.product = product
        self.config = config
        self.provisioning = provisioning
        self.clock: Clock = bench.clock
        self.rules = Rules(bench.tolerance)
        self.answers = Answers(config, bench.clock.now)
        self.files: FileServer = bench.files
        self.hand = LoggedHand(bench.hand, self._hand_moves)
        self.notes: list[str] = []
        self.log: list[LogEntry] = []
        self.cached: set[str] = set()
        self.settings: dict[str, str] = {}
        self.start_points: frozenset[str] = frozenset()
        self.stop_points: frozenset[str] = frozenset()
        self._outlets = {evse.id: Outlet(evse.id) for evse in product.evses}
        self._began = asyncio.get_running_loop().time()
        self._inbox: list[Arrived] = []
        self._arrived_as: dict[int, Arrived] = {}
        self._news = asyncio.Event()
        self._ids = (f"lab-{number}" for number in count(1))
        self._seen: set[str] = set()
        self._endpoints: dict[int, Endpoint] = {}
        self._allowed: list[tuple[type[Request[Response]], dict[str, object]]] = []
        self._forbidden: set[type[Request[Response]]] = set()
        self._remote_ids = count(1)

    # Beginning and end

    async def prepare(self) -> None:
        """Open the first endpoint, so that there is something to dial."""
        await self.open(1)

    async def start(self) -> None:
        """Give the fresh station its power; it dials endpoint 1."""
        self.remark("the station gets its power")
        await self.bench.start(self.provisioning)

    async def finish(self) -> None:
        """End of the case: nothing unexpected may be left, and the transactions have to be whole."""
        await self.quiet(step="end")
        self.rules.finish()
        self._raise_findings()

    # Endpoints

    async def open(self, number: int, *, own_root: bool = False) -> Endpoint:
        """Open another endpoint (B_50, B_49 ...).

        Args:
            number: 2, 3 ...
            own_root: its certificate comes from a root that the station does not trust yet; `endpoint.root` is it.
        """
        endpoint = Endpoint(number, self.remark, self._serve)
        self._endpoints[number] = endpoint
        endpoint.opened(await self.bench.open(number, endpoint.admit, endpoint.serve, own_root=own_root))
        return endpoint

    def endpoint(self, number: int = 1) -> Endpoint:
        """Return an endpoint that is open."""
        return self._endpoints[number]

    @property
    def connected(self) -> Endpoint | None:
        """The endpoint at which the station has its connection now."""
        return next((endpoint for endpoint in self._endpoints.values() if endpoint.connected), None)

    async def disconnect(self, *, refuse: bool = True) -> None:
        """Close the connection and, unless told otherwise, refuse every reconnect until `accept`."""
        self.rules.disturbed = True
        for endpoint in self._endpoints.values():
            if refuse:
                endpoint.refuse()
        for endpoint in self._endpoints.values():
            if endpoint.connected:
                await endpoint.drop()

    async def reconnect(self, *, within: float = 900.0, number: int = 1) -> None:
        """Accept connections again and wait for the station to come back. Raises Failed if it does not."""
        self.endpoint(number).accept()
        await self.connection(number=number, within=within)

    async def connection(self, *, number: int = 1, within: float = 900.0, step: int | str = "connect") -> None:
        """Wait for the station to connect to an endpoint. Raises Failed if it does not."""
        if not await self.endpoint(number).wait_connected(within):
            self._fail(step, f"connection to endpoint {number}", f"within {within:g} s", "none")

    async def _serve(self, number: int, link: Link) -> None:
        endpoint = self._endpoints[number]
        exchange = Exchange(
            link,
            number=number,
            ids=self._ids,
            seen=self._seen,
            now=self.clock.now,
            answer=self._take,
            log=self._log,
            fault=self._fault,
            asked=self.rules.asked,
        )
        endpoint.exchange = exchange
        self._log(".", f"connected to endpoint {number}", number)
        endpoint.changed.set()
        try:
            await exchange.run()
        finally:
            endpoint.changed.set()

    # Asking

    async def call(self, request: Request[R], *, step: int | str = "call", within: float = 60.0, **fields: object) -> R:
        """Ask the station and return the response; compares fields of it, if any are given.

        Raises Failed on a CALLERROR, silence, or a field that differs.
        """
        exchange = await self._exchange(step)
        name = type(request).__name__.removesuffix("Request")
        try:
            response = await exchange.call(request, within)
        except CallError as error:
            self._fail(step, f"{name}Response", "a CALLRESULT", f"CALLERROR {error}")
        except Unanswered as reason:
            self._fail(step, f"{name}Response", "an answer", str(reason))
        self._raise_findings()
        check(step, response, fields)
        return response

    async def call_error(
        self, request: Request[Response], *codes: ErrorCode | str, step: int | str = "call", within: float = 60.0
    ) -> CallError:
        """Ask, and expect a CALLERROR with one of these codes (none given: any)."""
        exchange = await self._exchange(step)
        name = type(request).__name__.removesuffix("Request")
        try:
            response = await exchange.call(request, within)
        except CallError as error:
            if codes and not meets(error.code, one_of(*codes)):
                self._fail(step, f"{name} errorCode", one_of(*codes).words, error.code)
            return error
        except Unanswered as reason:
            self._fail(step, f"{name}", "a CALLERROR", str(reason))
        return self._fail(step, name, "a CALLERROR", str(response))

    async def send_raw(self, text: str) -> None:
        """Send a frame as it stands; what comes back is in the wire log only."""
        exchange = await self._exchange("raw")
        await exchange.send(text)

    async def _exchange(self, step: int | str) -> Exchange:
        self._raise_findings()
        deadline = self.now() + 60
        while True:
            endpoint = self.connected
            if endpoint is not None and endpoint.exchange is not None:
                return endpoint.exchange
            if self.now() > deadline:
                self._fail(step, "connection", "one", "none")
            await asyncio.sleep(0.05)

    def next_id(self) -> int:
        """Return a fresh requestId or remoteStartId."""
        return next(self._remote_ids)

    # Variables

    async def set(self, key: str, value: str, *, step: int | str = "set", status: object = "Accepted") -> None:
        """Set a variable (`Component[instance]#evse/connector.Variable[instance]`) and check the status."""
        got = await self.try_set(key, value, step=step)
        if not meets(got, status):
            wanted = status if isinstance(status, str) else "another status"
            self._fail(step, f"SetVariablesResponse {key}={value}", str(wanted), got.value)

    async def try_set(self, key: str, value: str, *, step: int | str = "set") -> wire.SetVariableStatusEnum:
        """Set a variable and return the status."""
        component, variable = parse_key(key)
        data = wire.SetVariableData(attribute_value=value, component=component, variable=variable)
        response = await self.call(wire.SetVariablesRequest(set_variable_data=(data,)), step=step)
        status = response.set_variable_result[0].attribute_status
        if status in (wire.SetVariableStatusEnum.Accepted, wire.SetVariableStatusEnum.RebootRequired):
            self.knows_setting(key, value)
        return status

    async def get(self, key: str, *, step: int | str = "get") -> str | None:
        """Return the Actual value of a variable; None if the station does not give one."""
        component, variable = parse_key(key)
        data = wire.GetVariableData(component=component, variable=variable)
        response = await self.call(wire.GetVariablesRequest(get_variable_data=(data,)), step=step)
        return response.get_variable_result[0].attribute_value

    def knows_setting(self, key: str, value: str) -> None:
        """A variable of the station has this value now."""
        self.settings[key] = value
        if key == "TxCtrlr.TxStartPoint":
            self.start_points = frozenset(filter(None, value.split(",")))
        if key == "TxCtrlr.TxStopPoint":
            self.stop_points = frozenset(filter(None, value.split(",")))

    # Answering

    def answer(
        self,
        kind: type[Q],
        answer: Given[Q],
        *,
        where: Callable[[Q], bool] | None = None,
        times: int | None = None,
    ) -> None:
        """Answer a kind of request with a response, a CallError, or what a function of the request returns.

        The last one given goes first; `where` narrows it to some requests, `times` to so many. None leaves the
        request without an answer. `answers.plain(kind)` takes them all back.
        """
        self.answers.give(kind, answer, where, times)

    def withhold(self, kind: type[Q], *, where: Callable[[Q], bool] | None = None, times: int | None = None) -> None:
        """Leave a kind of request without an answer."""
        self.rules.disturbed = True
        self.answers.give(kind, None, where, times)

    def error(
        self,
        kind: type[Q],
        code: ErrorCode | str = ErrorCode.InternalError,
        *,
        where: Callable[[Q], bool] | None = None,
        times: int | None = None,
    ) -> None:
        """Answer a kind of request with a CALLERROR."""
        self.rules.disturbed = True
        self.answers.give(kind, CallError(code, "the lab says so"), where, times)

    def know(
        self,
        id_token: str,
        status: wire.AuthorizationStatusEnum = wire.AuthorizationStatusEnum.Accepted,
        *,
        group: str | None = None,
    ) -> None:
        """Answer for a token with a status and a group from now on."""
        self.answers.know(id_token, status, group=group)

    def _take(self, arrived: Arrived) -> Answer | Awaitable[Answer]:
        self.rules.observe(arrived)
        self._inbox.append(arrived)
        self._arrived_as[id(arrived.message)] = arrived
        answer = self.answers.answer(arrived)
        if not isinstance(answer, Awaitable):
            self.rules.answered(arrived.message, answer)
        self._news.set()
        return answer

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
        limit = self.bench.patience if within is None else within
        found = await self._wait_for(kind, limit, where, fields)
        if found is None:
            candidates = self._candidates(kind, where, fields)
            if candidates:
                check(step, candidates[0].message, fields)
            self._fail(step, kind.__name__, f"within {limit:g} s", f"none; {self._pending()}")
        self._consume(found)
        check(step, found.message, fields)
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
        deadline = self.now() + (self.settle if within is None else within)
        while True:
            for one in self._candidates(kind, where, fields):
                if matches(one.message, fields):
                    self._consume(one)
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
        status: str,
        *,
        evse_id: int | None = None,
        connector_id: int | None = None,
        within: float | None = None,
    ) -> None:
        """Wait for a connector's status, as StatusNotification or as NotifyEvent of AvailabilityState (G01.FR.01)."""
        limit = self.bench.patience if within is None else within
        deadline = self.now() + limit
        while True:
            for one in self._inbox:
                if _tells_status(one.message, status, evse_id, connector_id):
                    self._consume(one)
                    return
            if not await self._more(deadline):
                where = f"evse {evse_id or 'any'}/{connector_id or 'any'}"
                self._fail(step, f"connectorStatus of {where}", f"{status} within {limit:g} s", self._pending())

    async def expect_statuses(self, step: int | str, status: str, *, evse_id: int | None = None) -> None:
        """Wait for the status of every connector (of an EVSE), in any order."""
        for evse in self.product.evses:
            for connector in evse.connectors:
                if evse_id in (None, evse.id):
                    await self.expect_status(step, status, evse_id=evse.id, connector_id=connector.id)

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
        """Return what the lab knows of an EVSE (None: the configured one)."""
        return self._outlets[self.config.evse_id if evse_id is None else evse_id]

    def arrived(self, message: Request[Response]) -> Arrived:
        """Return when a message that was received came, and under which id."""
        return self._arrived_as[id(message)]

    def received(self, kind: type[Q]) -> list[Q]:
        """Return every message of a kind since the case began, consumed or not, retransmissions too."""
        return [one.message for one in self._arrived_as.values() if isinstance(one.message, kind)]

    # What else may come

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
        always = wire.HeartbeatRequest | wire.SecurityEventNotificationRequest | wire.MeterValuesRequest
        return isinstance(message, always)

    # Time and remarks

    @property
    def settle(self) -> float:
        """Seconds after which nothing more is to be expected of a station that has nothing to do."""
        return max(1.0, 1.5 * self.bench.tolerance)

    def now(self) -> float:
        """Return the loop's time, seconds."""
        return asyncio.get_running_loop().time()

    async def elapse(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)
        self._raise_findings()

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays show."""
        return await self.bench.screens()

    def firmware(self, kind: FirmwareKind = FirmwareKind.Good) -> Firmware:
        """Put a firmware image on the file server; its root is not installed yet."""
        return self.bench.firmware(kind)

    async def choose(self, option: str) -> None:
        """Wait until the display offers an option, and press it. Raises Failed if it never does."""
        deadline = self.now() + self.bench.patience
        while True:
            offered = [identifier for screen in await self.screens() for identifier, _ in screen.options]
            if option in offered:
                break
            if self.now() > deadline:
                self._fail("display", "options", option, ", ".join(offered) or "none")
            await asyncio.sleep(0.1)
        await self.hand.choose(option)

    def remark(self, text: str) -> None:
        """Write a line into the wire log."""
        self._log(".", text, 0)

    def note(self, text: str) -> None:
        """Write a line into the report."""
        if text not in self.notes:
            self.notes.append(text)

    def fail(self, step: int | str, field: str, wanted: object, got: object) -> None:
        """Fail the case."""
        self._fail(step, field, str(wanted), str(got))

    def require(self, step: int | str, holds: bool, field: str, wanted: object, got: object) -> None:
        """Fail the case unless a condition holds."""
        if not holds:
            self._fail(step, field, str(wanted), str(got))

    def inconclusive(self, reason: str) -> None:
        """End the case: it cannot be carried out."""
        raise Inconclusive(reason)

    # Inside

    def _hand_moves(self, name: str, arguments: tuple[object, ...]) -> None:
        self.remark(f"hand: {name}{arguments}")
        match name, arguments:
            case "plug", (int(evse_id), *_):
                self.rules.plugged(evse_id, self.clock.now())
            case "unplug", (int(evse_id),):
                self.rules.unplugged(evse_id)
            case "present", (str(token), str(kind), _):
                self.rules.presented(wire.IdToken(id_token=token, type=wire.IdTokenEnum(kind)))
            case (("cut_power" | "cut_network" | "reboot"), _):
                self.rules.disturbed = True

    def _log(self, way: str, text: str, endpoint: int) -> None:
        at = asyncio.get_running_loop().time() - self._began
        self.log.append(LogEntry(at=round(at, 3), way=way, text=text, endpoint=endpoint))

    def _fault(self, field: str, wanted: str, got: str) -> None:
        self.rules.findings.append(Finding(step=STEP, field=field, wanted=wanted, got=got))
        self._news.set()

    def _fail(self, step: int | str, field: str, wanted: str, got: str) -> NoReturn:
        self._raise_findings()
        raise Failed(Finding(step=str(step), field=field, wanted=wanted, got=got))

    def _raise_findings(self) -> None:
        if self.rules.findings:
            raise Failed(self.rules.findings[0])

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


def parse_key(key: str) -> tuple[wire.Component, wire.Variable]:
    """Return component and variable of `Component[instance]#evse/connector.Variable[instance]`."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"{key} names no variable")
    evse = None
    if match["evse"]:
        connector = int(match["connector"]) if match["connector"] else None
        evse = wire.EVSE(id=int(match["evse"]), connector_id=connector)
    component = wire.Component(name=match["component"], instance=match["ci"], evse=evse)
    return component, wire.Variable(name=match["variable"], instance=match["vi"])


def _skipped(event: wire.TransactionEventRequest, fields: dict[str, object]) -> bool:
    """Periodic values are passed over unless they are what is asked for."""
    if event.trigger_reason not in PERIODIC or event.event_type is not wire.TransactionEventEnum.Updated:
        return False
    return "trigger_reason" not in fields or not meets(event.trigger_reason, fields["trigger_reason"])


def _tells_status(message: Request[Response], status: str, evse_id: int | None, connector_id: int | None) -> bool:
    match message:
        case wire.StatusNotificationRequest():
            return (
                message.connector_status.value == status
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
                and data.actual_value == status
                and evse is not None
                and evse_id in (None, evse.id)
                and connector_id in (None, evse.connector_id)
            )
    return False
