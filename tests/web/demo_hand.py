"""The physical side of the demonstration: what a hand does there, and what the station says of it."""

import asyncio
import json
from datetime import datetime, timedelta
from itertools import count

import msgspec

from ohmstead.ports.bench import (
    CsmsTransaction,
    QueuedMessage,
    TraceLine,
    mask,
)
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import Screen
from tests.web.demo_bay import CARDS, EPOCH, EVS, Bay


class DemoHand:
    """Hand of one station (`ports.hand.Hand`); time is the event loop's."""

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

    # How it works inside

    def tick(self, seconds: float) -> None:
        """Let energy flow for a while."""
        for bay in self._bays.values():
            bay.flow(seconds)

    @property
    def _connected(self) -> bool:
        return self._powered and any(self._network.values())

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
        if self._connected:
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
