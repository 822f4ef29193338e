"""A conversation with a station that judges nothing: who it is, its inventory, what it can be triggered to say."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.exchange import Unanswered
from ohmstead.lab.cases.keys import parse_key
from ohmstead.lab.cases.subjects import ABSENT_CODES
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.describe.variables import MOST_VARIABLES, FoundVariable, Json, found_in
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.product.profile import Product
from ohmstead.wire import frames
from ohmstead.wire import messages as wire
from ohmstead.wire.actions import ACTION_OF
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError
from ohmstead.wire.messages import MessageTriggerEnum, ReportBaseEnum

R = TypeVar("R", bound=Response)
BOOT_TAKES = 10.0
"""Seconds for which a BootNotification is waited for after the connection: a station that was up before sends none."""
ANSWER_TAKES = 30.0
REPORT_RESTS = 1.0
"""Seconds of silence after which a report is over that says so."""
LOOK = 0.05
TRIGGERS = (
    MessageTriggerEnum.BootNotification,
    MessageTriggerEnum.LogStatusNotification,
    MessageTriggerEnum.FirmwareStatusNotification,
    MessageTriggerEnum.Heartbeat,
    MessageTriggerEnum.MeterValues,
    MessageTriggerEnum.StatusNotification,
    MessageTriggerEnum.TransactionEvent,
)
"""What is asked for; none of it changes anything at a station."""


class StationFound(msgspec.Struct, kw_only=True):
    """What a station has said of itself."""

    boot: wire.BootNotificationRequest | None = None
    variables: dict[str, FoundVariable] = {}
    inventory: str = ""
    """The report base that was answered; empty: none."""
    complete: bool = False
    """The last part of that report came."""
    summary: bool | None = None
    """Whether it gives a SummaryInventory; None: not known."""
    triggers: dict[str, str] = {}
    """MessageTriggerEnumType -> status of the response, or what else came."""
    places: set[tuple[int, int]] = set()
    """EVSE and connector of every StatusNotification."""
    security_profile: int = 1
    suites: tuple[str, ...] = ()
    """Offered in its ClientHello."""
    missing: dict[str, str] = {}
    """Messages that it does not have -> what came instead."""


class Inquiry:
    """Asks one station, over the connection of an external rig.

    Attributes:
        found: so far.
        t: the tester that plays the CSMS.
    """

    def __init__(self, rig: ExternalRig, product: Product, tell: Callable[[str], None]) -> None:
        """Ask at a rig that listens.

        Args:
            rig: for no other purpose meanwhile.
            product: what the rig was told; nothing is taken from it.
            tell: told what is being done, a line each.
        """
        self._rig = rig
        self._tell = tell
        rig.next_case()
        self.t = Tester(rig, product, LabConfig(), rig.provisioning)
        self.found = StationFound(security_profile=rig.provisioning.security_profile)
        self._numbers = iter(range(1, 1 << 30))

    async def meet(self, within: float) -> bool:
        """Wait for the station and its BootNotification; say whether it connected."""
        await self.t.prepare()
        self.t.number_from(self._rig.persistent.number)
        await self._rig.lend()
        self._rig.use_tester(self.t)
        if not await self.t.endpoint().wait_connected(within):
            return False
        await self.until(lambda: bool(self.t.received(wire.BootNotificationRequest)), BOOT_TAKES)
        # What belongs to the boot: statuses, security events.
        await asyncio.sleep(self.t.settle)
        self._note_boot()
        hello = next((one.hello for one in reversed(self.t.endpoint().attempts) if one.hello is not None), None)
        self.found.suites = hello.cipher_suites if hello is not None else ()
        return True

    async def ask(self, request: Request[R], within: float = ANSWER_TAKES) -> R | str:
        """Ask, and return the response, or what came instead in words; what the station does not have is noted."""
        exchange = self.t.endpoint().exchange
        if exchange is None or not exchange.open:
            await self.t.endpoint().wait_connected(within)
            exchange = self.t.endpoint().exchange
        if exchange is None or not exchange.open:
            return "the connection is lost"
        try:
            return await exchange.call(request, within)
        except CallError as error:
            answer = f"CALLERROR {error.code}"
            if error.code in ABSENT_CODES:
                self.found.missing[ACTION_OF[type(request)]] = answer
            return answer
        except Unanswered as silence:
            return str(silence)

    async def read_inventory(self) -> None:
        """Read the most that the station reports of its variables; what no report told is asked for one by one."""
        for base in (ReportBaseEnum.FullInventory, ReportBaseEnum.ConfigurationInventory):
            if await self._report(base):
                break
        before = self.found.inventory, self.found.complete
        self.found.summary = await self._report(ReportBaseEnum.SummaryInventory)
        if before[0]:
            self.found.inventory, self.found.complete = before

    async def _report(self, base: ReportBaseEnum) -> bool:
        if "GetBaseReport" in self.found.missing:
            return False
        self._tell(f"asks for its {base.value}")
        begun = len(self.t.log)
        response = await self.ask(wire.GetBaseReportRequest(request_id=next(self._numbers), report_base=base))
        accepted = isinstance(response, wire.GetBaseReportResponse) and response.status == "Accepted"
        # Some report whatever they answer.
        await self._parts(begun, self._rig.patience if accepted else self.t.settle)
        parts = list(self._payloads("NotifyReport", begun))
        for part in parts:
            for key, variable in found_in(part):
                if len(self.found.variables) < MOST_VARIABLES:
                    self.found.variables.setdefault(key, variable)
        if not parts:
            status = response if isinstance(response, str) else response.status.value
            self._tell(f"{base.value}: {status}, and no report")
            return False
        self.found.inventory, self.found.complete = base.value, _is_last(parts)
        rest = "" if self.found.complete else "; its last part did not come"
        self._tell(f"{base.value}: {len(self.found.variables)} variables in {len(parts)} messages{rest}")
        return True

    async def _parts(self, begun: int, patience: float) -> None:
        """Wait until a report is over: its last part has come, or no further one comes."""
        seen, since = 0, self.t.now()
        while True:
            parts = list(self._payloads("NotifyReport", begun))
            if len(parts) != seen:
                seen, since = len(parts), self.t.now()
            rest = REPORT_RESTS if parts and _is_last(parts) else patience
            if self.t.now() - since > rest or not self.t.endpoint().connected:
                return
            await asyncio.sleep(LOOK)

    async def read_variables(self, keys: list[str]) -> None:
        """Ask for variables by GetVariables, one at a time; what the station does not know is left out."""
        for key in keys:
            if key in self.found.variables or "GetVariables" in self.found.missing:
                continue
            component, variable = parse_key(key)
            data = wire.GetVariableData(component=component, variable=variable)
            response = await self.ask(wire.GetVariablesRequest(get_variable_data=(data,)))
            if isinstance(response, str):
                self._tell(f"GetVariables: {response}")
                return
            for one in response.get_variable_result[:1]:
                if one.attribute_status == "Accepted":
                    self.found.variables[key] = FoundVariable(value=one.attribute_value, reported=False)

    async def try_triggers(self) -> None:
        """Ask for each message that a TriggerMessage can name; nothing changes by it."""
        self._tell("asks which messages it can be triggered to send")
        evse = wire.EVSE(id=1, connector_id=1)
        for message in TRIGGERS:
            if "TriggerMessage" in self.found.missing:
                return
            at = evse if message is MessageTriggerEnum.StatusNotification else None
            response = await self.ask(wire.TriggerMessageRequest(requested_message=message, evse=at))
            self.found.triggers[message.value] = response if isinstance(response, str) else response.status.value
            await asyncio.sleep(self.t.settle)
        self._note_boot()

    def _note_boot(self) -> None:
        boots = self.t.received(wire.BootNotificationRequest)
        self.found.boot = boots[0] if boots else self.found.boot
        for one in self.t.received(wire.StatusNotificationRequest):
            if one.evse_id > 0 and one.connector_id > 0:
                self.found.places.add((one.evse_id, one.connector_id))

    async def until(self, holds: Callable[[], bool], within: float) -> None:
        """Wait until something holds, but not longer than this."""
        deadline = self.t.now() + within
        while True:
            if holds() or self.t.now() > deadline:
                return
            await asyncio.sleep(LOOK)

    def _payloads(self, action: str, begun: int) -> Iterator[Json]:
        """Yield what the station sent by an action since a line of the wire log, whether it meets the schema or not."""
        for entry in self.t.log[begun:]:
            if entry.way != "<" or f'"{action}"' not in entry.text:
                continue
            with suppress(frames.FrameError, msgspec.DecodeError):
                frame = frames.parse(entry.text)
                if isinstance(frame, frames.Call) and frame.action == action:
                    payload = msgspec.json.decode(frame.payload)
                    if isinstance(payload, dict):
                        yield payload


def _is_last(parts: list[Json]) -> bool:
    """Say whether the part that ends a report has come, in whatever order."""
    return any(part.get("tbc") is not True for part in parts)
