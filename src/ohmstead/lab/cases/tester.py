"""The tester: plays the CSMS, moves the hand, and says at once when something is not as it should be."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from typing import TypeVar
from urllib.parse import urlsplit

from ohmstead.lab.cases.answers import Answers, Given
from ohmstead.lab.cases.checks import Wanted, fields_in_words, meets, one_of, right_of, words
from ohmstead.lab.cases.config import LabConfig, LabToken
from ohmstead.lab.cases.configured import configured
from ohmstead.lab.cases.dialect import speech_of
from ohmstead.lab.cases.endpoint import Endpoint
from ohmstead.lab.cases.exchange import Answer, Arrived, Exchange, Unanswered
from ohmstead.lab.cases.hand import LoggedHand
from ohmstead.lab.cases.inbox import Inbox
from ohmstead.lab.cases.keys import parse_key
from ohmstead.lab.cases.subjects import ABSENT_CODES, MessageMissing, is_subject
from ohmstead.lab.rig import Certificates, FileServer, FirmwareImage, FirmwareKind, Provisioning, Rig
from ohmstead.ports.hand import (
    Action,
    Arrive,
    ConnectEv,
    CutNetwork,
    CutPower,
    DisconnectEv,
    InsertCable,
    Plug,
    Present,
    Reboot,
    RemoveCable,
    Unplug,
)
from ohmstead.ports.hardware import Screen
from ohmstead.ports.link import Link
from ohmstead.product.profile import Product
from ohmstead.product.token_types import CARDS, local_start_types, local_stop_types
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode

R = TypeVar("R", bound=Response)
Q = TypeVar("Q", bound=Request[Response])
PLAIN_PROFILE = 1
"""The security profile without TLS."""

ANY = Wanted("anything", lambda _: True)
BEGINNINGS = (Arrive, ConnectEv, InsertCable, Plug, Present)
"""Actions of the hand that begin a transaction by one start point or the other."""


def _with(fields: Mapping[str, object]) -> str:
    asked = fields_in_words(fields)
    return f" with {asked}" if asked else ""


class Tester(Inbox):
    """What a case gets. Steps are the numbers of the case's text, or short names.

    Attributes:
        hand: the hand at the station.
        files: the lab's file server.
        certificates: the lab's authorities.
        answers: what the station's CALLs are answered with.
        cached: tokens (lower case) that the station has in its authorization cache, as far as the lab knows.
        start_points: TxStartPoint as the lab has set it.
        stop_points: TxStopPoint as the lab has set it.
        settings: what the lab has set, by key.
        unset: general preconditions that could not be brought about, by key, and why: no transaction may begin.
        case_id: which case runs; empty: none.
        requirements: what the case proves; by them is decided which messages it is about.
    """

    def __init__(
        self, rig: Rig, product: Product, config: LabConfig, provisioning: Provisioning, case_id: str = ""
    ) -> None:
        speech = speech_of(config.dialect)
        super().__init__(rig, product, configured(config, product, case_id), speech.delay(config.message_timeout))
        self.provisioning = provisioning
        self._redactor.know(provisioning.password)
        self.answers = Answers(self.config, rig.clock.now)
        self.files: FileServer = rig.files
        self.certificates: Certificates = rig.certificates
        self.hand = LoggedHand(rig.hand, self._hand_moves)
        self.cached: set[str] = set()
        self.settings: dict[str, str] = {}
        self.unset: dict[str, str] = {}
        self.case_id = case_id
        self.requirements: tuple[str, ...] = ()
        self.start_points: frozenset[str] = frozenset()
        self.stop_points: frozenset[str] = frozenset()
        self._speech = speech
        self._ids = (self._speech.message_id(f"lab-{number}") for number in count(1))
        self._seen: set[str] = set()
        self._endpoints: dict[int, Endpoint] = {}
        self._numbers = count(self._speech.first_number)

    # Beginning and end

    async def prepare(self) -> None:
        """Open the first endpoint, so that there is something to dial."""
        await self.open(1)

    async def start(self) -> None:
        """Give the fresh station its power; it dials endpoint 1."""
        self.remark("the station gets its power")
        await self.rig.start(self.provisioning)

    async def finish(self) -> None:
        """End of the case: nothing unexpected may be left, and the transactions have to be whole."""
        await self.quiet(step="end")
        self.rules.finish()
        self._take_findings()

    # Endpoints

    async def open(self, number: int, *, own_root: bool = False) -> Endpoint:
        """Open another endpoint (B_50, B_49 ...); in security profile 1 without TLS, unless it has a root of its own.

        Args:
            number: 2, 3 ...
            own_root: its certificate comes from a root that the station does not trust yet; `endpoint.root` is it.
        """
        endpoint = Endpoint(number, self.remark, self._serve)
        self._endpoints[number] = endpoint
        endpoint.opened(await self.rig.open(number, endpoint.admit, endpoint.serve, own_root=own_root))
        plain = self.provisioning.security_profile == PLAIN_PROFILE and not own_root
        if plain and urlsplit(endpoint.url).scheme == "wss":
            endpoint.plain()
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
            self._fail(step, f"WebSocket connection: to endpoint {number}", f"one within {within:g} s", "none")

    async def _serve(self, number: int, link: Link) -> None:
        endpoint = self._endpoints[number]
        self.rules.linked(self.clock.now())
        exchange = Exchange(
            link,
            number=number,
            ids=self._ids,
            seen=self._seen,
            now=self.clock.now,
            answer=self._take,
            log=self._log,
            fault=self._fault,
            shown=self._shown_payload,
            asked=self.rules.asked,
            speech=self._speech,
            delay=self.delay,
            lenient=self.goes_on,
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
        name = type(request).__name__.removesuffix("Request")
        if isinstance(request, wire.RequestStartTransactionRequest):
            self._needs_preconditions()
        response = await self.ask(request, step=step, within=within)
        if isinstance(response, CallError):
            if response.code in ABSENT_CODES and not is_subject(name, self.case_id, self.requirements):
                raise MessageMissing(name, f"CALLERROR {response.code}")
            self._fail(step, f"{name}Response", f"a CALLRESULT{_with(fields)}", words(response), right=right_of(fields))
        self._take_findings()
        status = str(getattr(response, "status", ""))
        refused = status in ABSENT_CODES and not meets(status, fields.get("status", status))
        if refused and not is_subject(name, self.case_id, self.requirements):
            raise MessageMissing(name, status)
        self._check(step, response, fields)
        return response

    def _needs_preconditions(self) -> None:
        """Raise Inconclusive where a transaction would begin under other settings than the case presupposes."""
        for reason in self.unset.values():
            self.inconclusive(reason)

    async def call_error(
        self, request: Request[Response], *codes: ErrorCode | str, step: int | str = "call", within: float = 60.0
    ) -> CallError:
        """Ask, and expect a CALLERROR with one of these codes (none given: any)."""
        name = type(request).__name__.removesuffix("Request")
        error = await self.ask(request, step=step, within=within)
        if not isinstance(error, CallError):
            wanted = f"a CALLERROR{f' {one_of(*codes).words}' if codes else ''}"
            self._fail(step, f"{name}Response", wanted, words(error))
        if codes and not meets(error.code, one_of(*codes)):
            self._fail(step, f"{name}Response.errorCode", one_of(*codes).words, error.code)
        return error

    async def ask(self, request: Request[R], *, step: int | str = "call", within: float = 60.0) -> R | CallError:
        """Ask the station and return the response, or the CALLERROR. Raises Failed on silence."""
        exchange = await self._exchange(step)
        try:
            return await exchange.call(request, within)
        except CallError as error:
            return error
        except Unanswered as reason:
            name = type(request).__name__.removesuffix("Request")
            return self._fail(step, f"{name}Response", f"an answer within {within:g} s", f"none; {reason}")

    async def _exchange(self, step: int | str) -> Exchange:
        self._take_findings()
        deadline = self.now() + 60
        while True:
            endpoint = self.connected
            if endpoint is not None and endpoint.exchange is not None:
                return endpoint.exchange
            if self.now() > deadline:
                self._fail(step, "WebSocket connection", "one", "none")
            await asyncio.sleep(0.05)

    def number_from(self, case: int) -> None:
        """Number messages and requests apart from those of the cases before, which went over the same connection."""
        self._ids = (self._speech.message_id(f"lab-{case}-{number}") for number in count(1))
        self._numbers = count(self._speech.first_number + 1000 * case)

    def next_id(self) -> int:
        """Return a fresh requestId or remoteStartId."""
        return next(self._numbers)

    # Variables

    async def set(self, key: str, value: str, *, step: int | str = "set", status: object = "Accepted") -> None:
        """Set a variable (`Component[instance]#evse/connector.Variable[instance]`) and check the status."""
        got = await self.try_set(key, value, step=step)
        if not meets(got, status):
            field = "SetVariablesResponse.setVariableResult.0.attributeStatus"
            right = right_of({"set_variable_result__0__attribute_status": status})
            self._fail(step, field, f"{words(status)} for {key}={value}", got.value, right=right)

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

    async def get_number(self, key: str, *, step: int | str = "get") -> float | None:
        """Return the Actual value of a variable that is a number; None if the station does not give one.

        Raises Failed for a value that is none.
        """
        text = await self.get(key, step=step)
        try:
            return float(text) if text else None
        except ValueError:
            return self._fail(step, f"GetVariablesResponse: {key}", "a number", str(text))

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
        self._put(arrived)
        answer = self.answers.answer(arrived)
        if not isinstance(answer, Awaitable):
            self.rules.answered(arrived.message, answer)
        self._news.set()
        return answer

    # The station's physical side

    async def screens(self) -> tuple[Screen, ...]:
        """Return what the displays show."""
        return await self.rig.screens()

    def firmware(self, kind: FirmwareKind = FirmwareKind.Good) -> FirmwareImage:
        """Put a firmware image on the file server; its root is not installed yet."""
        return self.rig.firmware(kind)

    async def present(self, token: LabToken, evse_id: int | None = None) -> None:
        """Identify a driver by what the product has: a card, a code, the car, a button; from afar where it has none.

        A reader or keypad is the station's, or an EVSE's where each has its own; cars and buttons are an EVSE's.

        Args:
            token: which.
            evse_id: whom it is meant for; None: the configured EVSE.
        """
        outlet = self.outlet(evse_id)
        place = outlet.evse_id
        stops = outlet.authorized and not outlet.stopped and token.type in local_stop_types(self.product)
        if not stops and not local_start_types(self.product):
            await self.start_remotely(token, place, step="present")
            return
        shared = token.type in (*CARDS, "KeyCode") and self.product.hardware.rfid_readers != "PerEVSE"
        if shared and self.product.chooses_evse:
            await self._select(f"select-{place}")
        await self.hand.present(token.id_token, token.type.value, None if shared else place)

    async def _select(self, option: str) -> None:
        """Choose the EVSE that a token is for (AQ-8), where the station lets it be chosen now."""
        if any(option == identifier for screen in await self.screens() for identifier, _ in screen.options):
            await self.hand.choose(option)

    async def start_remotely(
        self,
        token: LabToken,
        evse_id: int,
        *,
        step: str,
        profile: wire.ChargingProfile | None = None,
        transaction_id: object = ANY,
    ) -> None:
        """Ask for a remote start, which has to be accepted, with such a transactionId in the response."""
        request = wire.RequestStartTransactionRequest(
            id_token=token.wire, remote_start_id=self.next_id(), evse_id=evse_id, charging_profile=profile
        )
        await self.call(request, step=step, status="Accepted", transaction_id=transaction_id)

    async def choose(self, option: str) -> None:
        """Wait until the display offers an option, and press it. Raises Failed if it never does."""
        deadline = self.now() + self.patience
        while True:
            offered = [identifier for screen in await self.screens() for identifier, _ in screen.options]
            if option in offered:
                break
            if self.now() > deadline:
                self._fail("display", "display: options", option, ", ".join(offered) or "none")
            await asyncio.sleep(0.1)
        await self.hand.choose(option)

    def _hand_moves(self, action: Action) -> None:
        if isinstance(action, BEGINNINGS):
            self._needs_preconditions()
        told = ", ".join(words(part) for part in action.logged() if part is not None)
        self.remark(f"hand: {action.name}({told})")
        match action:
            case Plug(evse_id=evse_id) | ConnectEv(evse_id=evse_id):
                self.rules.plugged(evse_id, self.clock.now())
            case Unplug(evse_id=evse_id) | DisconnectEv(evse_id=evse_id) | RemoveCable(evse_id=evse_id):
                self.rules.unplugged(evse_id)
            case Present(id_token=token, type=kind):
                self.rules.presented(wire.IdToken(id_token=token, type=wire.IdTokenEnum(kind)))
            case CutPower() | CutNetwork() | Reboot():
                self.rules.disturbed = True
