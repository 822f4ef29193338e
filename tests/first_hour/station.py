"""An unknown station: one EVSE, a card reader, the PyPI package `ocpp`, and up to five mistakes.

It is written as one writes a charge point that is meant to be sold, without certificates, firmware and log files, and
shares no code with the lab. Whoever moves its cable talks to its bench port, a line of JSON for each action.
"""

import asyncio
import json
import logging
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from ocpp.v201 import call
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.first_hour.life import Life
from tests.first_hour.variables import POWER, DeviceModel, Json

RECONNECT = 0.5
AFTER = 0.05
"""Seconds after which a response has left, and what follows from it may begin."""
_log = logging.getLogger(__name__)


class UnknownStation:
    """The station; what it knows survives connections."""

    def __init__(self, password: str, identity: str = "CS-001", bugs: frozenset[str] = frozenset()) -> None:
        self._identity, self._password, self._bugs = identity, password, bugs
        self.device = DeviceModel(sets_read_only=self.has("sets-read-only"), knows_all=self.has("knows-all-variables"))
        self._life: Life | None = None
        self._connection: ClientConnection | None = None
        self._powered = asyncio.Event()
        self._powered.set()
        self._boot_reason = "PowerUp"
        self._registered = False
        self._outbox: deque[object] = deque()
        self._filled = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._energy, self._since = 0.0, 0.0
        self._sampled = self._kept_at = 0.0
        self._kept: list[Json] = []
        self._aligned = 0
        self.operative = True
        self.away_when_idle = self.reset_when_idle = False
        self.plugged = False
        self._full = False
        self.authorized: Json | None = None
        self._group: str | None = None
        self._remote_start_id: int | None = None
        self.transaction_id: str | None = None
        self._count = self._seq_no = 0
        self._state = "Idle"
        self._tasks: set[asyncio.Task[None]] = set()

    def has(self, bug: str) -> bool:
        """Say whether it has a mistake."""
        return bug in self._bugs

    def now(self) -> str:
        """Return the time of day as OCPP writes it."""
        form = "%Y-%m-%dT%H:%M:%S" + ("" if self.has("local-time") else "Z")
        return datetime.now(UTC).strftime(form)  # noqa: TID251 - this station has a clock of its own

    def after(self, what: Callable[[], None]) -> None:
        """Do something once the response that is being made has left."""
        asyncio.get_running_loop().call_later(AFTER, what)

    def later(self, request: object) -> None:
        """Say something once the response that is being made has left."""
        self.after(lambda: self.say(request))

    def say(self, request: object) -> None:
        """Put a request behind the others; without a connection only transactions are kept."""
        kept = isinstance(request, call.TransactionEvent)
        if self._life is None and (not kept or self.has("forgets-offline")):
            return
        self._outbox.append(request)
        self._filled.set()

    def waiting(self, transaction_id: str | None) -> bool:
        """Say whether events (of a transaction) have not been delivered yet."""
        events = (one for one in self._outbox if isinstance(one, call.TransactionEvent))
        return any(transaction_id in (None, one.transaction_info["transaction_id"]) for one in events)

    # Connection

    async def run(self, url: str) -> None:
        """Connect again and again, for ever."""
        credentials = b64encode(f"{self._identity}:{self._password}".encode()).decode()
        meter = asyncio.create_task(self._measure())
        try:
            while True:
                await self._powered.wait()
                with suppress(OSError, WebSocketException, TimeoutError):
                    async with connect(
                        f"{url}/{self._identity}",
                        subprotocols=[Subprotocol("ocpp2.0.1")],
                        additional_headers={"Authorization": f"Basic {credentials}"},
                        close_timeout=1,
                    ) as connection:
                        await self._live(connection)
                await asyncio.sleep(RECONNECT)
        finally:
            meter.cancel()

    async def _live(self, connection: ClientConnection) -> None:
        self._connection, self._life = connection, Life(self._identity, connection, self)
        speaker = asyncio.create_task(self._speak(self._life))
        try:
            await self._life.start()
        finally:
            speaker.cancel()
            self._life = self._connection = None
            self._outbox = deque(one for one in self._outbox if isinstance(one, call.TransactionEvent))

    async def _speak(self, life: Life) -> None:
        while not self._registered:
            await self._boot(life)
        while True:
            if not self._outbox:
                self._filled.clear()
                await self._filled.wait()
            try:
                response = await life.call(self._outbox[0])
            except (WebSocketException, OSError):
                return
            except Exception as error:
                _log.info("not said: %r", error)
                response = None
            request = self._outbox.popleft()
            if isinstance(request, call.Authorize):
                self._authorize(request, response)
            if isinstance(request, call.TransactionEvent):
                self._answered(request, response)

    async def _boot(self, life: Life) -> None:
        station = {"vendor_name": "Unknown & Daughters", "model": "Unknown One", "firmware_version": "0.9"}
        reason = "Unknown" if self.has("boot-reason") else self._boot_reason
        response = await life.call(call.BootNotification(charging_station=station, reason=reason))
        if getattr(response, "status", None) != "Accepted":
            await asyncio.sleep(max(1, getattr(response, "interval", 1)))
            return
        self._registered = True
        self.tell_status()
        event = "StartupOfTheDevice"
        self.say(call.SecurityEventNotification(type=event, timestamp=self.now()))

    # What it says

    def tell_status(self) -> None:
        """Tell the status of the only connector."""
        occupied = self.plugged and not self.has("never-occupied")
        status = "Unavailable" if not self.operative else "Occupied" if occupied else "Available"
        self.say(call.StatusNotification(timestamp=self.now(), connector_status=status, evse_id=1, connector_id=1))

    def triggered(self, message: str) -> Callable[[], None] | None:
        """Return what says a message; None: it cannot be said."""
        says: dict[str, Callable[[], None]] = {
            "Heartbeat": lambda: self.say(call.Heartbeat()),
            "StatusNotification": self.tell_status,
            "MeterValues": lambda: self.say(call.MeterValues(evse_id=1, meter_value=self._meter("Trigger"))),
            "TransactionEvent": lambda: self._event("Updated", "Trigger", self._state, context="Trigger"),
        }
        return says.get(message)

    def _meter(self, context: str) -> list[Json]:
        if self._state == "Charging":
            now = asyncio.get_running_loop().time()
            self._energy += (now - self._since) * POWER / 3600
            self._since = now
        value = {"value": round(self._energy, 1), "context": context, "measurand": "Energy.Active.Import.Register"}
        return [{"timestamp": self.now(), "sampled_value": [value]}]

    def _event(self, kind: str, trigger: str, state: str, *, context: str = "", **more: object) -> None:
        if self.transaction_id is None:
            return
        info: Json = {"transaction_id": self.transaction_id, "charging_state": state}
        info |= {name: more.pop(name) for name in ("stopped_reason", "remote_start_id") if name in more}
        meter = self._meter(context) if context else None
        if meter is not None and kind == "Ended":
            meter = self._kept + meter
        if self._state != "Charging":
            self._since = asyncio.get_running_loop().time()
        self._state = state
        offline = {"offline": True} if self._life is None else {}
        request = call.TransactionEvent(
            event_type=kind,
            timestamp=self.now(),
            trigger_reason=trigger,
            seq_no=self._seq_no,
            transaction_info=info,
            meter_value=meter,
            **offline,
            **more,
        )
        if not self.has("seq-no-stands"):
            self._seq_no += 1
        self.say(request)

    async def _measure(self) -> None:
        """Sample from time to time, and at the full minutes of the clock."""
        while True:
            await asyncio.sleep(0.25)
            now = asyncio.get_running_loop().time()
            every = self.device.number("SampledDataCtrlr.TxUpdatedInterval")
            if self.transaction_id is not None and every and now - self._sampled >= every:
                self._sampled = now
                self._event("Updated", "MeterValuePeriodic", self._state, context="Sample.Periodic")
            every = self.device.number("SampledDataCtrlr.TxEndedInterval")
            if self.transaction_id is not None and every and now - self._kept_at >= every:
                self._kept_at += every
                self._kept += self._meter("Sample.Periodic")
            self._align(self.device.number("AlignedDataCtrlr.Interval"))

    def _align(self, every: int) -> None:
        turn = int(datetime.now(UTC).timestamp()) // every if every else 0  # noqa: TID251 - its own clock
        before, self._aligned = self._aligned, turn
        if not every or not before or turn == before:
            return
        if self.transaction_id is not None:
            self._event("Updated", "MeterValueClock", self._state, context="Sample.Clock")
        else:
            self.say(call.MeterValues(evse_id=1, meter_value=self._meter("Sample.Clock")))

    # Charging

    def grant(self, token: Json, remote_start_id: int | None = None) -> None:
        """A driver may charge: at once where a cable is in, else within EVConnectionTimeOut."""
        self.authorized, self._remote_start_id = token, remote_start_id
        if self.plugged:
            self._begin("Authorized")
        elif not self.has("waits-for-ever"):
            seconds = self.device.number("TxCtrlr.EVConnectionTimeOut")
            self._timer = asyncio.get_running_loop().call_later(seconds, self._forget)

    def _forget(self) -> None:
        self._timer = None
        if self.transaction_id is None:
            self.authorized = self._remote_start_id = None

    def _begin(self, trigger: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._count, self._seq_no = self._count + 1, 0
        self.transaction_id = f"unknown-{self._count}-{int(datetime.now(UTC).timestamp())}"  # noqa: TID251 - its own clock
        self._sampled = self._kept_at = asyncio.get_running_loop().time()
        self._kept = []
        more: Json = {"evse": {"id": 1, "connector_id": 1}, "id_token": self.authorized}
        if self._remote_start_id is not None:
            trigger = "Authorized" if self.has("remote-trigger") else "RemoteStart"
            if not self.has("no-remote-start-id"):
                more["remote_start_id"] = self._remote_start_id
        self._event("Started", trigger, "EVConnected", context="Transaction.Begin", **more)
        if self._full or not self.has("no-charging"):
            self._event("Updated", "ChargingStateChanged", "SuspendedEV" if self._full else "Charging")

    def end(self, trigger: str, reason: str, state: str = "EVConnected", token: Json | None = None) -> None:
        """The transaction ends."""
        more: Json = {"id_token": token} if token is not None else {}
        context = "" if self.has("no-last-meter") else "Transaction.End"
        self._event("Ended", trigger, state, context=context, stopped_reason=reason, **more)
        self.authorized = self.transaction_id = self._group = self._remote_start_id = None
        self._state = state
        if self.away_when_idle:
            self.away_when_idle = False
            self.set_operative(False)
        if self.reset_when_idle:
            self.reset_when_idle = False
            self.reset("ScheduledReset")

    def set_operative(self, operative: bool) -> None:
        """Go into service, or out of it."""
        if operative != self.operative:
            self.operative = operative
            self.tell_status()

    def reset(self, reason: str) -> None:
        """Start anew, once what has happened is told."""
        if self.transaction_id is not None:
            self.end("ResetCommand", "ImmediateReset")
        task = asyncio.ensure_future(self._restart(reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _restart(self, reason: str) -> None:
        for _ in range(40):
            if not self._outbox:
                break
            await asyncio.sleep(0.05)
        self.authorized = None
        self._boot_reason, self._registered = reason, False
        if self._connection is not None:
            await self._connection.close()

    def _authorize(self, request: call.Authorize, response: object) -> None:
        info = getattr(response, "id_token_info", None) or {}
        accepted = info.get("status") == "Accepted" or (self.has("invalid-charges") and bool(info))
        group = (info.get("group_id_token") or {}).get("id_token")
        if self.authorized is not None:
            if accepted and group is not None and group == self._group:
                self.end("StopAuthorized", "Local", token=request.id_token)
        elif accepted and self.operative:
            self._group = group
            self.grant(request.id_token)

    def _answered(self, request: call.TransactionEvent, response: object) -> None:
        info = getattr(response, "id_token_info", None) or {}
        mine = request.transaction_info["transaction_id"] == self.transaction_id
        if mine and info.get("status", "Accepted") != "Accepted" and not self.has("invalid-charges"):
            self.end("Deauthorized", "DeAuthorized")

    # The bench

    async def act(self, action: str, arguments: Json) -> str:
        """Do what a hand would; returns an error, or nothing."""
        match action:
            case "plug" | "unplug":
                self._move_cable(action == "plug")
            case "present":
                self._card({"id_token": str(arguments["id_token"]), "type": str(arguments["type"])})
            case "suspend":
                self._full = True
                if self._state == "Charging":
                    self._event("Updated", "ChargingStateChanged", "SuspendedEV")
            case "resume":
                self._full = False
                if self._state == "SuspendedEV":
                    self._event("Updated", "ChargingStateChanged", "Charging")
            case "cut_power":
                self._powered.clear()
                if self.transaction_id is not None:
                    self.end("AbnormalCondition", "PowerLoss")
                await self._restart("PowerUp")
            case "restore_power":
                self._powered.set()
            case _:
                return "not possible now"
        return ""

    def _move_cable(self, plugged: bool) -> None:
        if plugged == self.plugged:
            return
        self.plugged = plugged
        if not self.has("no-status"):
            self.tell_status()
        if plugged and self.authorized is not None and self.transaction_id is None:
            self._begin("CablePluggedIn")
        if not plugged and self.transaction_id is not None:
            self.end("EVCommunicationLost", "EVDisconnected", "Idle")
        if not plugged:
            self._state, self._full = "Idle", False

    def _card(self, token: Json) -> None:
        if self.authorized == token:
            if self.transaction_id is not None:
                self.end("StopAuthorized", "Local", token=token)
            return
        self.say(call.Authorize(id_token=token))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the bench port: `{"action": "plug", ...}`, answered by an empty line or an error."""
        asked = json.loads(await reader.readline() or b"{}")
        writer.write((await self.act(asked.pop("action", ""), asked)).encode() + b"\n")
        await writer.drain()
        writer.close()
