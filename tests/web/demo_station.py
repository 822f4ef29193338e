"""A small station and back office in memory: honest implementations of the ports, to test and look at the page."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import msgspec

from ohmstead.ports.bench import (
    Card,
    CommandRefused,
    CommandResult,
    ConnectionView,
    ConnectorView,
    CsmsStation,
    CsmsTransaction,
    EvModel,
    EvseView,
    FaultView,
    InterfaceView,
    QueuedMessage,
    SessionView,
    SetOutcome,
    StationView,
    TraceLine,
    UnknownStation,
    VariableKey,
    VariableView,
    mask,
)
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import Screen
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import CustomData

EPOCH = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
CARDS = (
    Card(id_token="04A2B3C4D5E601", type="ISO14443", label="Ada", status="Accepted"),
    Card(id_token="04A2B3C4D5E602", type="ISO14443", label="Ben (Ada's group)", status="Accepted", group="ADA"),
    Card(id_token="04A2B3C4D5E603", type="ISO14443", label="Lost card", status="Blocked"),
    Card(id_token="04A2B3C4D5E604", type="ISO14443", label="Old card", status="Expired"),
    Card(id_token="04A2B3C4D5E6FF", type="ISO14443", label="Master pass", status="Accepted", master=True),
)
EVS = (
    EvModel(name="hatchback-58", label="Hatchback, 58 kWh", battery_kwh=58, max_power_w=135_000),
    EvModel(name="sedan-77", label="Sedan, 77 kWh", battery_kwh=77, max_power_w=236_000),
    EvModel(name="truck-400", label="Truck, 400 kWh", battery_kwh=400, max_power_w=350_000),
)
SENT_BY_CSMS = ("Reset", "RequestStartTransaction", "SetVariables", "ChangeAvailability", "GetLog", "TriggerMessage")


def _hook(kind: type) -> dict[str, object]:
    """Say what JSON the types that carry raw values take."""
    assert kind in (CustomData, msgspec.Raw)
    return {"type": "object"} if kind is CustomData else {}


@dataclass
class Bay:
    """One EVSE of the demonstration."""

    id: int
    ev: EvModel | None = None
    supply: str = "Off"
    power_w: float = 0.0
    soc: float = 18.0
    energy_wh: float = 0.0
    register_wh: float = 1_234_567.0
    authorized: str | None = None
    transaction: str | None = None
    seq_no: int = 0
    started_at: datetime | None = None
    occupied: bool = False
    faults: dict[int, str] = field(default_factory=dict)

    def facts(self) -> tuple[str, ...]:
        """Return the facts that hold."""
        holds = {
            "ParkingBayOccupancy": self.occupied,
            "EVConnected": self.ev is not None,
            "Authorized": self.authorized is not None,
            "PowerPathClosed": self.ev is not None and self.authorized is not None,
            "EnergyTransfer": self.supply == "Delivering",
        }
        return tuple(name for name, true in holds.items() if true)


class DemoStation:
    """Bench, hand and back office of one station; time is the event loop's."""

    def __init__(self, evses: int = 2) -> None:
        self._bays = {number: Bay(number) for number in range(1, evses + 1)}
        self._powered = True
        self._stopped = False
        self._network = {"Wired0": True, "Wireless0": True}
        self._waiting: str | None = None
        self._version = 1
        self._changed = asyncio.Event()
        self._lines: list[TraceLine] = []
        self._ids = count(1)
        self._queue: list[QueuedMessage] = []
        self._transactions: dict[str, CsmsTransaction] = {}
        self._values = {"HeartbeatInterval": "300", "TxStartPoint": "PowerPathClosed", "LocalAuthorizeOffline": "true"}
        self._message("sent", "BootNotification", {"reason": "PowerUp"}, {"status": "Accepted", "interval": 300})

    # Bench

    def view(self) -> StationView:
        """Return a snapshot."""
        online = self._powered and any(self._network.values())
        interface = next((name for name, up in self._network.items() if up), None)
        return StationView(
            version=self._version,
            powered=self._powered,
            identity="OHM-0001",
            product="sec1000-240y",
            vendor="Stella Energy",
            model="SEC1000",
            firmware="1.0.7",
            now=self._now(),
            local_time=f"{self._now():%H:%M}",
            connection=ConnectionView(
                state="Connected" if online else "Disconnected",
                boot_status="Accepted",
                url="wss://localhost:9443/ocpp/OHM-0001",
                security_profile=2,
                slot=1,
                interface=interface,
                last_error=None if online else "no network interface is up",
            ),
            queue=tuple(self._queue),
            screens=(self._screen(),) if self._powered else (),
            interfaces=(
                InterfaceView(name="Wired0", up=self._network["Wired0"], technology="Ethernet"),
                InterfaceView(name="Wireless0", up=self._network["Wireless0"], technology="Mobile network"),
            ),
            max_power_w=240_000,
            evses=tuple(self._evse(bay) for bay in self._bays.values()),
            unbound=self._unbound(),
            faults=tuple(
                FaultView(evse_id=bay.id, connector_id=connector, code=code)
                for bay in self._bays.values()
                for connector, code in bay.faults.items()
            ),
            emergency_stop=self._stopped,
            ev_models=EVS,
            fault_codes=("OverTemperature", "GroundFailure", "ConnectorLockFailure"),
        )

    async def wait_changed(self, version: int) -> int:
        """Return once there is something newer."""
        while self._version <= version:
            changed = self._changed
            await changed.wait()
        return self._version

    def variables(self) -> tuple[VariableView, ...]:
        """Return a little device model with every kind of value."""
        if not self._powered:
            return ()
        return (
            self._variable("OCPPCommCtrlr", "HeartbeatInterval", type="integer", unit="s", min=1, max=1800),
            self._variable(
                "TxCtrlr",
                "TxStartPoint",
                type="MemberList",
                values=("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed"),
            ),
            self._variable("AuthCtrlr", "LocalAuthorizeOffline", type="boolean"),
            VariableView(
                key=VariableKey(component="SecurityCtrlr", variable="BasicAuthPassword"),
                type="string",
                mutability="WriteOnly",
                max=40,
                writable=True,
            ),
            VariableView(
                key=VariableKey(component="EVSE", variable="Power", evse_id=1),
                type="decimal",
                mutability="ReadOnly",
                unit="W",
                max=240_000,
                value="0",
            ),
        )

    async def set_variable(self, key: VariableKey, value: str) -> SetOutcome:
        """Set one of the three writable variables."""
        if key.variable == "BasicAuthPassword":
            return SetOutcome(status="Accepted")
        if key.variable not in self._values:
            return SetOutcome(status="UnknownVariable", reason=f"there is no {key.component}.{key.variable}")
        if key.variable == "HeartbeatInterval" and not (value.isdecimal() and 1 <= int(value) <= 1800):
            return SetOutcome(status="Rejected", reason="HeartbeatInterval is 1 to 1800 s")
        self._values[key.variable] = value
        self._touch()
        return SetOutcome(status="Accepted")

    def trace(self, since: int = 0) -> tuple[TraceLine, ...]:
        """Return the frames after one."""
        return tuple(self._lines[since:])

    # Hand

    async def plug(self, evse_id: int, connector_id: int = 1, ev: str | None = None) -> None:
        """Connect an EV."""
        bay = self._bay(evse_id)
        model = next((model for model in EVS if model.name == (ev or EVS[0].name)), None)
        if model is None or connector_id != 1:
            raise HandRefused(f"there is no EV {ev!r} or no connector {connector_id}")
        if bay.ev is not None:
            raise HandRefused(f"an EV is already plugged in at EVSE {evse_id}")
        bay.ev, bay.occupied = model, True
        self._status(bay, "Occupied")
        if self._waiting is not None:
            bay.authorized, self._waiting = self._waiting, None
        self._advance(bay)

    async def unplug(self, evse_id: int) -> None:
        """Disconnect it."""
        bay = self._bay(evse_id)
        if bay.ev is None:
            raise HandRefused(f"no EV is plugged in at EVSE {evse_id}")
        bay.ev = None
        self._end(bay, "EVDisconnected")
        self._status(bay, "Available")

    async def present(self, id_token: str, type: str = "ISO14443", evse_id: int | None = None) -> None:
        """Present a card; the station asks the CSMS, which knows five."""
        self._need_power()
        card = next((card for card in CARDS if card.id_token == id_token), None)
        status = card.status if card else "Unknown"
        self._message(
            "sent",
            "Authorize",
            {"idToken": {"idToken": id_token, "type": type}},
            {"idTokenInfo": {"status": status}},
        )
        if status != "Accepted":
            return
        for bay in self._bays.values():
            if bay.authorized == id_token and evse_id in (None, bay.id):
                self._end(bay, "Local")
                return
        bay = next((bay for bay in self._bays.values() if bay.ev and bay.authorized is None), None) or Bay(0)
        if bay.id:
            bay.authorized = id_token
            self._advance(bay)
        else:
            self._waiting = id_token
            self._touch()

    async def choose(self, option: str) -> None:
        """Press an option; only the cancelling of a waiting card is on offer."""
        if (option, "Cancel") not in self._screen().options:
            raise HandRefused(f"the display does not show {option!r}")
        self._waiting = None
        self._touch()

    async def arrive(self, evse_id: int) -> None:
        """Drive in."""
        self._bay(evse_id).occupied = True
        self._touch()

    async def leave(self, evse_id: int) -> None:
        """Drive out."""
        bay = self._bay(evse_id)
        if bay.ev is not None:
            raise HandRefused("the EV is still plugged in")
        bay.occupied = False
        self._touch()

    async def suspend(self, evse_id: int) -> None:
        """Pause the transfer."""
        self._turn(evse_id, "Delivering", "SuspendedEV")

    async def resume(self, evse_id: int) -> None:
        """Take energy again."""
        self._turn(evse_id, "SuspendedEV", "Delivering")

    async def stop_by_ev(self, evse_id: int) -> None:
        """End the session from the EV."""
        self._turn(evse_id, "Delivering", "Off")

    async def fault(self, evse_id: int, connector_id: int, code: str) -> None:
        """Break a connector."""
        self._bay(evse_id).faults[connector_id] = code
        self._status(self._bay(evse_id), "Faulted")

    async def clear(self, evse_id: int, connector_id: int) -> None:
        """Repair it."""
        self._bay(evse_id).faults.pop(connector_id, None)
        self._status(self._bay(evse_id), "Available")

    async def emergency_stop(self, pressed: bool) -> None:
        """Press or release."""
        self._stopped = pressed
        for bay in self._bays.values():
            if pressed and bay.transaction:
                self._end(bay, "EmergencyStop")
        self._touch()

    async def cut_power(self) -> None:
        """Everything goes dark."""
        if not self._powered:
            raise HandRefused("the power is already cut")
        self._powered = False
        self._touch()

    async def restore_power(self) -> None:
        """And light again."""
        self._powered = True
        self._message("sent", "BootNotification", {"reason": "PowerUp"}, {"status": "Accepted", "interval": 300})

    async def reboot(self) -> None:
        """Start again."""
        self._need_power()
        self._message("sent", "BootNotification", {"reason": "LocalReset"}, {"status": "Accepted", "interval": 300})

    async def cut_network(self, interface: str | None = None) -> None:
        """Pull a plug."""
        self._plug_network(interface, False)

    async def restore_network(self, interface: str | None = None) -> None:
        """Put it back; what waited is sent."""
        self._plug_network(interface, True)
        waiting, self._queue = self._queue, []
        for message in waiting:
            self._message("sent", message.action, {"seqNo": message.seq_no}, {})

    # Back office

    @property
    def url(self) -> str:
        """Where it listens."""
        return "wss://localhost:9443/ocpp"

    def stations(self) -> tuple[CsmsStation, ...]:
        """Return the one station."""
        connected = self.view().connection.state == "Connected"
        statuses = {f"{bay.id}.1": self._evse(bay).connectors[0].status for bay in self._bays.values()}
        return (
            CsmsStation(
                identity="OHM-0001",
                connected=connected,
                vendor="Stella Energy",
                model="SEC1000",
                boot_status="Accepted",
                security_profile=2,
                last_seen=self._now(),
                connectors=statuses,
            ),
        )

    def tokens(self) -> tuple[Card, ...]:
        """Return the wallet."""
        return CARDS

    def transactions(self) -> tuple[CsmsTransaction, ...]:
        """Return what ran."""
        running = {bay.transaction: bay for bay in self._bays.values() if bay.transaction}
        return tuple(
            msgspec.structs.replace(entry, energy_wh=running[name].energy_wh) if name in running else entry
            for name, entry in reversed(self._transactions.items())
        )

    def commands(self) -> Mapping[str, Mapping[str, object]]:
        """Return the schemas of a few actions, from the messages themselves."""
        return {name: msgspec.json.schema(ACTIONS[name][0], schema_hook=_hook) for name in SENT_BY_CSMS}

    async def send(self, station: str, action: str, payload: Mapping[str, object]) -> CommandResult:
        """Check the payload as the wire does, and accept."""
        if station != "OHM-0001":
            raise UnknownStation(f"no station {station!r} has connected")
        if action not in SENT_BY_CSMS:
            raise CommandRefused(f"{action!r} is no action of a CSMS")
        try:
            msgspec.json.decode(json.dumps(payload), type=ACTIONS[action][0])
        except msgspec.ValidationError as error:
            raise CommandRefused(str(error)) from error
        self._message("received", action, dict(payload), {"status": "Accepted"})
        return CommandResult(kind="CALLRESULT", payload='{"status":"Accepted"}', latency=0.0042)

    # How it works inside

    def tick(self, seconds: float) -> None:
        """Let energy flow for a while."""
        for bay in self._bays.values():
            if bay.supply == "Delivering" and bay.ev is not None:
                taper = max(0.08, min(1.0, (100 - bay.soc) / 45))
                bay.power_w = min(bay.ev.max_power_w, 240_000) * taper
                gained = bay.power_w * seconds / 3600
                bay.energy_wh += gained
                bay.register_wh += gained
                bay.soc = min(100.0, bay.soc + gained / bay.ev.battery_kwh / 10)
            else:
                bay.power_w = 0.0

    def _now(self) -> datetime:
        return EPOCH + timedelta(seconds=asyncio.get_running_loop().time() % 86400)

    def _bay(self, evse_id: int) -> Bay:
        if evse_id not in self._bays:
            raise HandRefused(f"there is no EVSE {evse_id}")
        return self._bays[evse_id]

    def _need_power(self) -> None:
        if not self._powered:
            raise HandRefused("the station has no power")

    def _touch(self) -> None:
        self._version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _turn(self, evse_id: int, wanted: str, supply: str) -> None:
        bay = self._bay(evse_id)
        if bay.supply != wanted:
            raise HandRefused(f"the supply of EVSE {evse_id} is {bay.supply}, not {wanted}")
        bay.supply = supply
        self.tick(0)
        self._event(bay, "Updated", "ChargingStateChanged")

    def _plug_network(self, interface: str | None, up: bool) -> None:
        names = list(self._network) if interface is None else [interface]
        for name in names:
            if name not in self._network:
                raise HandRefused(f"there is no network interface {name!r}")
            self._network[name] = up
        self._touch()

    def _advance(self, bay: Bay) -> None:
        if bay.ev is None or bay.authorized is None or bay.transaction is not None:
            self._touch()
            return
        number = next(self._ids)
        bay.transaction, bay.seq_no, bay.started_at = f"5f0c2d1e-{number:04d}", -1, self._now()
        bay.energy_wh, bay.supply = 0.0, "Delivering"
        self._transactions[bay.transaction] = CsmsTransaction(
            station="OHM-0001",
            transaction_id=bay.transaction,
            evse_id=bay.id,
            id_token=mask(bay.authorized),
            started_at=bay.started_at,
            charging_state="Charging",
        )
        self.tick(1)
        self._event(bay, "Started", "CablePluggedIn")

    def _end(self, bay: Bay, reason: str) -> None:
        if bay.transaction is not None:
            entry = self._transactions[bay.transaction]
            self._transactions[bay.transaction] = msgspec.structs.replace(
                entry, ended_at=self._now(), energy_wh=bay.energy_wh, charging_state=None, stopped_reason=reason
            )
            bay.supply = "Off"
            self._event(bay, "Ended", "StopAuthorized")
        bay.transaction = bay.authorized = bay.started_at = None
        self.tick(0)
        self._touch()

    def _event(self, bay: Bay, event_type: str, trigger: str) -> None:
        bay.seq_no += 1
        payload = {
            "eventType": event_type,
            "timestamp": self._now().isoformat(),
            "triggerReason": trigger,
            "seqNo": bay.seq_no,
            "transactionInfo": {"transactionId": bay.transaction, "chargingState": "Charging"},
            "evse": {"id": bay.id, "connectorId": 1},
        }
        if self.view().connection.state == "Connected":
            self._message("sent", "TransactionEvent", payload, {"idTokenInfo": {"status": "Accepted"}})
            return
        waiting = QueuedMessage(
            message_id=f"m{next(self._ids)}",
            action="TransactionEvent",
            event_type=event_type,
            transaction_id=bay.transaction,
            seq_no=bay.seq_no,
            at=self._now(),
        )
        self._queue.append(waiting)
        self._touch()

    def _status(self, bay: Bay, status: str) -> None:
        self._message("sent", "StatusNotification", {"evseId": bay.id, "connectorId": 1, "connectorStatus": status}, {})

    def _message(self, direction: str, action: str, call: dict[str, object], result: dict[str, object]) -> None:
        message_id = f"m{next(self._ids)}"
        there, back = ("sent", "received") if direction == "sent" else ("received", "sent")
        for turn, kind, payload, latency in ((there, "CALL", call, None), (back, "CALLRESULT", result, 0.0123)):
            row = {
                "number": len(self._lines) + 1,
                "at": self._now(),
                "direction": turn,
                "station": "OHM-0001",
                "kind": kind,
                "action": action,
                "message_id": message_id,
                "payload": json.dumps(payload),
                "latency": latency,
            }
            self._lines.append(msgspec.convert(row, TraceLine))
        self._touch()

    def _screen(self) -> Screen:
        if self._stopped:
            return Screen(headline="Emergency stop", lines=("Release the button to go on.",))
        if self._waiting is not None:
            return Screen(headline="Plug in", lines=("Your card was accepted.",), options=(("cancel", "Cancel"),))
        charging = [bay for bay in self._bays.values() if bay.transaction]
        if charging:
            lines = tuple(f"EVSE {bay.id}: {bay.power_w / 1000:.0f} kW, {bay.soc:.0f} %" for bay in charging)
            return Screen(headline="Charging", lines=lines)
        if any(bay.ev for bay in self._bays.values()):
            return Screen(headline="Present your card", lines=("The cable is in.",))
        return Screen(headline="Welcome", lines=("Plug in or present your card.",))

    def _unbound(self) -> SessionView | None:
        if self._waiting is None:
            return None
        return SessionView(id="waiting", facts=("Authorized",), id_token=mask(self._waiting))

    def _evse(self, bay: Bay) -> EvseView:
        status = "Faulted" if bay.faults else "Occupied" if bay.ev else "Available"
        session = SessionView(
            id=f"s{bay.id}",
            facts=bay.facts(),
            id_token=mask(bay.authorized) if bay.authorized else None,
            transaction_id=bay.transaction,
            seq_no=bay.seq_no if bay.transaction else None,
            charging_state=("Charging" if bay.supply == "Delivering" else bay.supply) if bay.transaction else None,
            energy_wh=bay.energy_wh,
            started_at=bay.started_at,
        )
        return EvseView(
            id=bay.id,
            connectors=(ConnectorView(id=1, type="cCCS2", status=status, plugged=bay.ev is not None),),
            supply=bay.supply,
            bay_occupied=bay.occupied,
            ev=bay.ev.name if bay.ev else None,
            soc_percent=round(bay.soc, 1) if bay.ev else None,
            power_w=bay.power_w,
            max_power_w=240_000,
            voltage_v=400.0 if bay.power_w else 0.0,
            current_a=bay.power_w / 400,
            energy_wh=bay.register_wh,
            session=session if bay.facts() else None,
        )

    def _variable(
        self,
        component: str,
        name: str,
        *,
        type: str,
        unit: str | None = None,
        min: float | None = None,
        max: float | None = None,
        values: tuple[str, ...] | None = None,
    ) -> VariableView:
        return VariableView(
            key=VariableKey(component=component, variable=name),
            type=type,
            mutability="ReadWrite",
            unit=unit,
            min=min,
            max=max,
            values=values,
            value=self._values[name],
            writable=True,
        )
