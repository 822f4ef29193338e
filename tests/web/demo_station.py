"""A small station and back office in memory: honest implementations of the ports, to test and look at the page."""

import json
from collections.abc import Mapping

import msgspec

from ohmstead.ports.bench import (
    Card,
    CommandRefused,
    CommandResult,
    ConnectionView,
    CsmsStation,
    CsmsTransaction,
    FaultView,
    InterfaceView,
    SessionView,
    SetOutcome,
    StationView,
    TraceLine,
    UnknownStation,
    VariableKey,
    VariableView,
    mask,
)
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import CustomData
from tests.web.demo_bay import CARDS, EVS
from tests.web.demo_hand import DemoHand

SENT_BY_CSMS = ("Reset", "RequestStartTransaction", "SetVariables", "ChangeAvailability", "GetLog", "TriggerMessage")


def _hook(kind: type) -> dict[str, object]:
    """Say what JSON the types that carry raw values take."""
    assert kind in (CustomData, msgspec.Raw)
    return {"type": "object"} if kind is CustomData else {}


class DemoStation(DemoHand):
    """Bench, hand and back office of one station."""

    # Bench

    def view(self) -> StationView:
        """Return a snapshot."""
        online = self._connected
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
            evses=tuple(bay.view() for bay in self._bays.values()),
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

    # Back office

    @property
    def url(self) -> str:
        """Where it listens."""
        return "wss://localhost:9443/ocpp"

    def stations(self) -> tuple[CsmsStation, ...]:
        """Return the one station."""
        connected = self._connected
        statuses = {f"{bay.id}.1": bay.view().connectors[0].status for bay in self._bays.values()}
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

    # How it looks

    def _unbound(self) -> SessionView | None:
        if self._waiting is None:
            return None
        return SessionView(id="waiting", facts=("Authorized",), id_token=mask(self._waiting))

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
