"""A charging station that is not ours: the PyPI package `ocpp`, one EVSE, and a small HTTP adapter as its hand.

It is written the way one writes a first charge point, as well as its few lines allow, and not to please the lab: what
it does not do (security events, scheduled availability, a timeout for the cable) it leaves out in good faith. Nothing
of `ohmstead` is imported here.
"""

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

Json = dict[str, object]
RECONNECT = 0.3
AFTER = 0.05
"""Seconds after which a response has left, and what follows from it may be said."""
READ_ONLY = {"TxCtrlr.TxStartPoint", "TxCtrlr.TxStopPoint"}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251 - this station has a clock of its own


class Life(ChargePoint):  # type: ignore[misc]  # the package has no types
    """What the station says and hears on one connection."""

    def __init__(self, identity: str, connection: ClientConnection, station: "Stranger") -> None:
        super().__init__(identity, connection, response_timeout=60)
        self.station = station

    @on("GetVariables")  # type: ignore[untyped-decorator]
    def on_get_variables(self, get_variable_data: list[Json], **_: object) -> object:
        """Read variables."""
        return call_result.GetVariables(get_variable_result=[self.station.get(one) for one in get_variable_data])

    @on("SetVariables")  # type: ignore[untyped-decorator]
    def on_set_variables(self, set_variable_data: list[Json], **_: object) -> object:
        """Set variables."""
        return call_result.SetVariables(set_variable_result=[self.station.set(one) for one in set_variable_data])

    @on("DataTransfer")  # type: ignore[untyped-decorator]
    def on_data_transfer(self, **_: object) -> object:
        """Nobody's extensions are known."""
        return call_result.DataTransfer(status="UnknownVendorId")

    @on("TriggerMessage")  # type: ignore[untyped-decorator]
    def on_trigger_message(self, requested_message: str, **_: object) -> object:
        """Say something because the CSMS wants to hear it."""
        says = self.station.triggers.get(requested_message)
        if says is None:
            return call_result.TriggerMessage(status="NotImplemented")
        self.station.later(says)
        return call_result.TriggerMessage(status="Accepted")

    @on("ChangeAvailability")  # type: ignore[untyped-decorator]
    def on_change_availability(self, operational_status: str, **_: object) -> object:
        """In service, or out of it; at once, for want of anything better."""
        self.station.operative = operational_status == "Operative"
        self.station.later(self.station.tell_status)
        return call_result.ChangeAvailability(status="Accepted")

    @on("RequestStartTransaction")  # type: ignore[untyped-decorator]
    def on_request_start(self, id_token: Json, remote_start_id: int, **_: object) -> object:
        """Start from afar."""
        station = self.station
        if station.authorized is not None or not station.operative:
            return call_result.RequestStartTransaction(status="Rejected")
        station.authorized, station.remote_start_id = id_token, remote_start_id
        if station.plugged:
            station.later(station.begin)
        return call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")  # type: ignore[untyped-decorator]
    def on_request_stop(self, transaction_id: str) -> object:
        """Stop from afar."""
        if transaction_id != self.station.transaction_id:
            return call_result.RequestStopTransaction(status="Rejected")
        self.station.later(lambda: self.station.end("RemoteStop", "Remote"))
        return call_result.RequestStopTransaction(status="Accepted")

    @on("Reset")  # type: ignore[untyped-decorator]
    def on_reset(self, **_: object) -> object:
        """Start anew."""
        self.station.later(self.station.reset)
        return call_result.Reset(status="Accepted")


class Stranger:
    """The station; what it knows survives connections, and power cuts too, save a running transaction."""

    def __init__(self, password: str, identity: str = "CS-001") -> None:
        self._identity, self._password = identity, password
        self._life: Life | None = None
        self._connection: ClientConnection | None = None
        self._powered = asyncio.Event()
        self._powered.set()
        self._boot_reason: str | None = "PowerUp"
        self._say: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self.variables = {
            "TxCtrlr.TxStartPoint": "PowerPathClosed",
            "TxCtrlr.TxStopPoint": "Authorized,EVConnected",
            "TxCtrlr.EVConnectionTimeOut": "30",
            "AuthCtrlr.Enabled": "true",
            "AuthCtrlr.LocalPreAuthorize": "false",
            "AuthCtrlr.AuthorizeRemoteStart": "false",
            "AuthCtrlr.DisableRemoteAuthorization": "false",
            "OCPPCommCtrlr.HeartbeatInterval": "300",
            "OCPPCommCtrlr.OfflineThreshold": "60",
        }
        self.operative = True
        self.plugged = False
        self.authorized: Json | None = None
        self.remote_start_id: int | None = None
        self.transaction_id: str | None = None
        self._seq_no = 0
        self._state = "Idle"
        self.triggers: dict[str, Callable[[], Awaitable[None]]] = {
            "Heartbeat": self._heartbeat,
            "StatusNotification": self.tell_status,
            "BootNotification": lambda: self._boot("Triggered"),
            "MeterValues": self._meter_values,
            "TransactionEvent": self._triggered_event,
        }

    # Connection

    async def run(self, url: str) -> None:
        """Connect again and again, for ever."""
        credentials = b64encode(f"{self._identity}:{self._password}".encode()).decode()
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

    async def _live(self, connection: ClientConnection) -> None:
        self._connection, self._life = connection, Life(self._identity, connection, self)
        if self._boot_reason is not None:
            reason, self._boot_reason = self._boot_reason, None
            self._say.put_nowait(lambda: self._boot(reason))
            self._say.put_nowait(self.tell_status)
        speaker = asyncio.create_task(self._speak())
        try:
            await self._life.start()
        finally:
            speaker.cancel()
            self._life = self._connection = None

    async def _speak(self) -> None:
        while True:
            say = await self._say.get()
            try:
                await say()
            except Exception as error:
                logging.getLogger(__name__).info("not said: %r", error)

    def later(self, say: Callable[[], Awaitable[None]]) -> None:
        """Say something once the response that is being made has left."""
        asyncio.get_running_loop().call_later(AFTER, lambda: self._say.put_nowait(say))

    async def _call(self, request: object) -> object:
        if self._life is None:
            raise ConnectionError("offline")
        return await self._life.call(request)

    # What it says

    async def _boot(self, reason: str) -> None:
        station = {"vendor_name": "Strange & Sons", "model": "One", "firmware_version": "0.1"}
        response = await self._call(call.BootNotification(charging_station=station, reason=reason))
        if getattr(response, "status", None) != "Accepted":
            await asyncio.sleep(max(1, getattr(response, "interval", 1)))
            await self._boot(reason)

    async def _heartbeat(self) -> None:
        await self._call(call.Heartbeat())

    async def tell_status(self) -> None:
        """Tell the status of the only connector."""
        status = "Unavailable" if not self.operative else "Occupied" if self.plugged else "Available"
        await self._call(call.StatusNotification(timestamp=_now(), connector_status=status, evse_id=1, connector_id=1))

    async def _meter_values(self) -> None:
        await self._call(call.MeterValues(evse_id=1, meter_value=_meter("Trigger")))

    async def _event(self, kind: str, trigger: str, state: str, **more: object) -> None:
        info: Json = {"transaction_id": self.transaction_id, "charging_state": state}
        for name in ("stopped_reason", "remote_start_id"):
            if more.get(name) is not None:
                info[name] = more.pop(name)
        more.pop("stopped_reason", None), more.pop("remote_start_id", None)
        contexts = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}
        context = contexts.get(kind, "Trigger" if trigger == "Trigger" else "Other")
        request = call.TransactionEvent(
            event_type=kind,
            timestamp=_now(),
            trigger_reason=trigger,
            seq_no=self._seq_no,
            transaction_info=info,
            meter_value=_meter(context),
            **more,
        )
        self._seq_no, self._state = self._seq_no + 1, state
        await self._call(request)

    async def _triggered_event(self) -> None:
        if self.transaction_id is not None:
            await self._event("Updated", "Trigger", self._state)

    async def begin(self, trigger: str = "Authorized") -> None:
        """A transaction starts: cable in, and authorized."""
        self.transaction_id, self._seq_no = f"strange-{datetime.now(UTC).timestamp()}", 0  # noqa: TID251 - its own clock
        remote, self.remote_start_id = self.remote_start_id, None
        await self._event(
            "Started",
            "RemoteStart" if remote is not None else trigger,
            "EVConnected",
            evse={"id": 1, "connector_id": 1},
            id_token=self.authorized,
            remote_start_id=remote,
        )
        await self._event("Updated", "ChargingStateChanged", "Charging")

    async def end(self, trigger: str, reason: str, state: str = "EVConnected") -> None:
        """The transaction ends."""
        token = self.authorized if trigger == "StopAuthorized" else None
        extra = {"id_token": token} if token else {}
        await self._event("Ended", trigger, state, stopped_reason=reason, **extra)
        self.authorized = self.transaction_id = None

    async def reset(self, reason: str = "RemoteReset") -> None:
        """Start anew."""
        self.authorized = self.transaction_id = None
        self._boot_reason = reason
        self._say = asyncio.Queue()
        if self._connection is not None:
            await self._connection.close()

    # Variables

    @staticmethod
    def _named(one: Json) -> tuple[str, Json]:
        component, variable = one["component"], one["variable"]
        assert isinstance(component, dict)
        assert isinstance(variable, dict)
        kind = one.get("attribute_type")
        result: Json = {"component": component, "variable": variable, **({"attribute_type": kind} if kind else {})}
        return f"{component['name']}.{variable['name']}", result

    def _status(self, name: str, result: Json) -> str | None:
        if name in self.variables:
            return None if result.get("attribute_type", "Actual") == "Actual" else "NotSupportedAttributeType"
        components = {known.split(".")[0] for known in self.variables}
        return "UnknownVariable" if name.split(".")[0] in components else "UnknownComponent"

    def get(self, one: Json) -> Json:
        """Read a variable."""
        name, result = self._named(one)
        status = self._status(name, result)
        if status is not None:
            return {**result, "attribute_status": status}
        return {**result, "attribute_status": "Accepted", "attribute_value": self.variables[name]}

    def set(self, one: Json) -> Json:
        """Set a variable."""
        name, result = self._named(one)
        value = str(one["attribute_value"])
        status = self._status(name, result)
        if status is None:
            number = self.variables[name].isdigit()
            wrong = name in READ_ONLY or (number and not value.isdigit())
            status = "Rejected" if wrong else "Accepted"
        if status == "Accepted":
            self.variables[name] = value
        return {**result, "attribute_status": status}

    # The hand

    async def hand(self, action: str, arguments: Json) -> int:
        """Do what a person would; returns an HTTP status."""
        match action:
            case "arrive" | "leave":
                pass  # it does not watch its bay
            case "plug":
                self.plugged = True
                self._say.put_nowait(self.tell_status)
                if self.authorized is not None:
                    self._say.put_nowait(lambda: self.begin("CablePluggedIn"))
            case "unplug":
                self.plugged = False
                self._say.put_nowait(self.tell_status)
                if self.transaction_id is not None:
                    self._say.put_nowait(lambda: self.end("EVCommunicationLost", "EVDisconnected", "Idle"))
            case "present":
                token: Json = {"id_token": str(arguments["id_token"]), "type": str(arguments["type"])}
                self._say.put_nowait(lambda: self._card(token))
            case "suspend" | "resume" if self.transaction_id is not None:
                state = "SuspendedEV" if action == "suspend" else "Charging"
                self._say.put_nowait(lambda: self._event("Updated", "ChargingStateChanged", state))
            case "cut-power":
                self._powered.clear()
                await self.reset("PowerUp")
            case "restore-power":
                self._powered.set()
            case "reboot":
                await self.reset("LocalReset")
            case _:
                return 404
        return 200

    async def _card(self, token: Json) -> None:
        if self.authorized is not None:
            if self.authorized == token and self.transaction_id is not None:
                await self.end("StopAuthorized", "Local")
            return
        response = await self._call(call.Authorize(id_token=token))
        if getattr(response, "id_token_info", {}).get("status") == "Accepted":
            self.authorized = token
            if self.plugged:
                await self.begin()


def _meter(context: str) -> list[Json]:
    value = {"value": 1234.5, "context": context, "measurand": "Energy.Active.Import.Register"}
    return [{"timestamp": _now(), "sampled_value": [value]}]


async def _serve_hand(station: Stranger, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next((int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:")), 0)
    arguments = json.loads(await reader.readexactly(length) or b"{}")
    status = await station.hand(head.split()[1].rpartition("/")[2], arguments)
    writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    writer.close()


@asynccontextmanager
async def serving(station: Stranger) -> AsyncIterator[str]:
    """Run the adapter; yields its URL."""
    server = await asyncio.start_server(lambda reader, writer: _serve_hand(station, reader, writer), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hand"
    finally:
        server.close()


@asynccontextmanager
async def stranger(station: Stranger, url: str) -> AsyncIterator[None]:
    """Run the station; it dials a URL."""
    task = asyncio.create_task(station.run(url))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
