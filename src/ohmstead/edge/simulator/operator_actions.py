"""What a person's hands do at the simulated machine: the physical half of `ports.hand`, without await."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar, cast

from ohmstead.edge.simulator.cable_actions import CableActions
from ohmstead.edge.simulator.evse import SimulatedEvse
from ohmstead.ports import hand
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hand_methods import HandMethods
from ohmstead.ports.hardware import (
    POWER_SWITCH_FAILURE,
    BayOccupied,
    CertificateRemoved,
    DisplayChosen,
    EmergencyStopChanged,
    EvStopped,
    FaultChanged,
    Supply,
    TokenPresented,
)
from ohmstead.product.feature_table import Feature
from ohmstead.product.token_types import CARDS, has_keypad, local_start_types, local_stop_types
from ohmstead.wire.identifiers import wrong_token

FAULTS = (
    "OverTemperature",
    "GroundFailure",
    "IsolationFailure",
    "OverCurrent",
    "OverVoltage",
    "UnderVoltage",
    "ContactorWelded",
    "PowerModuleFailure",
    "EVCommunicationError",
    "PilotShort",
    "InternalError",
    "Jammed",
    "Welded",
    "StuckOpen",
    "SignerSilent",
)
"""Codes to choose from; any other short name does as well, except that those of `QUIET` have a meaning of their own."""
JAMMED = "Jammed"
"""A lock that is stuck: nobody notices until an unlock fails, so it is no observed fault and stops no energy."""
WELDED = "Welded"
"""A contactor that does not open any more once it has closed: the station finds it by the feedback contact."""
STUCK_OPEN = "StuckOpen"
"""A contactor that does not close any more once it has opened: the same."""
SIGNER_SILENT = "SignerSilent"
"""A meter that signs nothing any more, and goes on measuring."""
QUIET = frozenset({JAMMED, WELDED, STUCK_OPEN, SIGNER_SILENT})
"""What breaks without a word of the machine."""

_CODE = re.compile(hand.FAULT_CODE)


class OperatorActions(CableActions, HandMethods[None]):
    """The hands at one machine; each action raises HandRefused when it is impossible now.

    What hands do happens also while the machine cannot write it down; NotKept says so then.
    """

    def perform(self, action: hand.Action) -> None:
        """Do it. Raises HandRefused, NotKept."""
        _DEEDS[type(action)](self, action)

    def _present(self, action: hand.Present) -> None:
        """Hold a card against a reader, type a code, let the car tell its MAC address, or press a button.

        Readers and keypads are the station's, or an EVSE's where each has its own; buttons and cars are an EVSE's.
        """
        self._need_mains("the readers are dark")
        match action.type:
            case "Local" | "NoAuthorization":
                self._press(action)
            case "MacAddress":
                _, ev = self._plugged(self._named_evse(action, "the car stands at one"))
                self._need_feature(local_start_types(self._product), action, "no radio or wire that asks a car for it")
                self._need_readable(action)
                with self._acting():
                    ev.mac = action.id_token
            case _:
                self._need_reader(action)
                self._need_readable(action)
        self._need_memory("the token is not read")
        self._drive.emit([TokenPresented(action.id_token, action.type, action.evse_id)])

    def _press(self, action: hand.Present) -> None:
        if action.id_token:
            raise HandRefused(f"a button is no token: leave id_token empty for {action.type}")
        buttons = (*local_start_types(self._product), *local_stop_types(self._product))
        self._need_feature(buttons, action, "no such button")
        self._outlet(self._named_evse(action, "each has a button of its own"))

    def _need_reader(self, action: hand.Present) -> None:
        if action.type == "KeyCode":
            if not has_keypad(self._product):
                raise HandRefused("the station has no keypad to type a code at")
        elif action.type not in CARDS:
            cards = " or ".join(CARDS)
            raise HandRefused(f"no reader reads {action.type}; cards are {cards}, and a KeyCode can be typed")
        elif self._product.hardware.rfid_readers == "None":
            raise HandRefused("the station has no card reader")
        if self._product.hardware.rfid_readers == "PerEVSE":
            self._outlet(self._named_evse(action, "each has a reader of its own"))
        elif action.evse_id is not None:
            raise HandRefused("one reader serves the whole station: leave the EVSE out")

    @staticmethod
    def _need_readable(action: hand.Present) -> None:
        wrong = wrong_token(action.id_token)
        if wrong is not None:
            raise HandRefused(wrong)

    @staticmethod
    def _need_feature(types: Collection[str], action: hand.Present, missing: str) -> None:
        if action.type not in types:
            raise HandRefused(f"the station has {missing}: {action.type} is none of its ways to start or stop")

    @staticmethod
    def _named_evse(action: hand.Present, why: str) -> int:
        if action.evse_id is None:
            raise HandRefused(f"{why}: name the EVSE")
        return action.evse_id

    def _choose(self, action: hand.Choose) -> None:
        """Press an option that the display shows, by its id."""
        self._need_mains("the display is dark")
        shown = [identifier for identifier, _ in self._machine.screen.options] if self._machine.screen else []
        if action.option not in shown:
            raise HandRefused(f"the display does not offer {action.option!r}, but {', '.join(shown) or 'nothing'}")
        self._need_memory("nothing is chosen")
        self._drive.emit([DisplayChosen(action.option)])

    def _arrive(self, action: hand.Arrive) -> None:
        """Drive an EV into the bay; noticed where the product has a sensor for it (C-09.6, C-10.5)."""
        outlet = self._outlet(action.evse_id)
        if outlet.occupied:
            raise HandRefused(f"the bay of EVSE {action.evse_id} is occupied")
        self._park(outlet, True)

    def _leave(self, action: hand.Leave) -> None:
        """Drive the EV out of the bay."""
        outlet = self._outlet(action.evse_id)
        if outlet.connector:
            raise HandRefused(f"the EV in the bay of EVSE {action.evse_id} is plugged in: unplug it first")
        if not outlet.occupied:
            raise HandRefused(f"the bay of EVSE {action.evse_id} is empty")
        self._park(outlet, False)

    def _suspend(self, action: hand.Suspend) -> None:
        """Let the EV take no energy, now or once it is offered some; one in the bay need not be plugged in yet."""
        outlet = self._outlet(action.evse_id)
        if outlet.occupied and not outlet.connector and not outlet.not_ready:
            with self._acting():
                outlet.not_ready = True
            return
        _, ev = self._plugged(action.evse_id)
        if ev.paused or ev.ended:
            raise HandRefused(f"the EV at EVSE {action.evse_id} takes nothing already")
        with self._acting():
            ev.paused = True

    def _resume(self, action: hand.Resume) -> None:
        """Let the EV take energy again."""
        evse_id = action.evse_id
        _, ev = self._plugged(evse_id)
        if ev.ended:
            raise HandRefused(f"the EV at EVSE {evse_id} has ended its session: authorize anew, or plug it in again")
        if not ev.paused:
            raise HandRefused(f"the EV at EVSE {evse_id} is {'full' if ev.full else 'not suspended'}")
        with self._acting():
            ev.paused = False

    def _stop_by_ev(self, action: hand.StopByEv) -> None:
        """Let the EV end its session for good."""
        evse_id = action.evse_id
        outlet, ev = self._plugged(evse_id)
        if ev.ended or outlet.supply is Supply.Off:
            raise HandRefused(f"the EV at EVSE {evse_id} has no session to end: it was not offered energy, or ended it")
        with self._acting() as (_, seen):
            ev.ended = True
            seen.append(EvStopped(evse_id))

    def _fault(self, action: hand.Fault) -> None:
        """Break a connector (0: the whole EVSE): no energy there until it is cleared.

        `Jammed` only sticks its lock, `Welded` and `StuckOpen` the contactor of the EVSE, `SignerSilent` its meter's
        signature: nobody is told.
        """
        evse_id, connector_id, code = action.evse_id, action.connector_id, action.code
        outlet = self._outlet(evse_id)
        if not _CODE.fullmatch(code):
            raise HandRefused(f"{code!r} is no code; take a short name such as {', '.join(FAULTS)}")
        if code in QUIET:
            self._break_quietly(outlet, connector_id, code)
            return
        if connector_id:
            self._connector(outlet, connector_id)
        if (connector_id, code) in outlet.faults:
            raise HandRefused(f"connector {connector_id} of EVSE {evse_id} has that fault already")
        with self._acting() as (_, seen):
            outlet.faults.append((connector_id, code))
            seen.append(FaultChanged(evse_id, connector_id, code, True))

    def _break_quietly(self, outlet: SimulatedEvse, connector_id: int, code: str) -> None:
        """Stick the lock of a connector, or the contactor of an EVSE, or silence the signature of its meter."""
        if code == JAMMED:
            self._connector(outlet, connector_id)
            if not outlet.sockets.motor(connector_id):
                raise HandRefused(f"connector {connector_id} of EVSE {outlet.evse.id} cannot jam: it has no lock")
            with self._acting():
                outlet.sockets.jammed.add(connector_id)
            return
        if connector_id:
            what = "meter" if code == SIGNER_SILENT else "contactor"
            raise HandRefused(f"the {what} is that of the whole EVSE {outlet.evse.id}: take connector 0")
        if code == SIGNER_SILENT and outlet.signer is None:
            raise HandRefused(f"the meter of EVSE {outlet.evse.id} does not sign")
        with self._acting():
            outlet.signer_silent |= code == SIGNER_SILENT
            outlet.contactor.welded |= code == WELDED
            outlet.contactor.stuck |= code == STUCK_OPEN

    def _clear(self, action: hand.Clear) -> None:
        self.repair(action.evse_id, action.connector_id)

    def repair(self, evse_id: int, connector_id: int, code: str | None = None) -> None:
        """Repair one fault of a connector (0: of the EVSE itself), or everything that is broken there."""
        outlet = self._outlet(evse_id)
        gone = [one for one in outlet.faults if one[0] == connector_id and code in (None, one[1])]
        jammed = connector_id in outlet.sockets.jammed and code in (None, JAMMED)
        switch = outlet.contactor.broken and not connector_id and code in (None, WELDED, STUCK_OPEN)
        silent = outlet.signer_silent and not connector_id and code in (None, SIGNER_SILENT)
        if not (gone or jammed or switch or silent):
            what = "nothing is broken" if code is None else f"there is no {code}"
            raise HandRefused(f"{what} at connector {connector_id} of EVSE {evse_id}")
        with self._acting() as (_, seen):
            if jammed:
                outlet.sockets.jammed.discard(connector_id)
            outlet.signer_silent &= not silent
            outlet.faults = [one for one in outlet.faults if one not in gone]
            seen += [FaultChanged(evse_id, at, broken, False) for at, broken in gone]
            if switch:
                outlet.contactor.repair()
                seen.append(FaultChanged(evse_id, 0, POWER_SWITCH_FAILURE, False))

    def _emergency_stop(self, action: hand.EmergencyStop) -> None:
        """Press the emergency stop, which opens every contactor, or release it."""
        pressed = action.pressed
        if pressed is self._machine.emergency_stop:
            raise HandRefused(f"the emergency stop is {'pressed' if pressed else 'released'} already")
        with self._acting() as (_, seen):
            self._machine.emergency_stop = pressed
            seen.append(EmergencyStopChanged(pressed))

    def _remove_certificate(self, _action: hand.RemoveCertificate) -> None:
        """Use the maker's tool, which is there where the product lets the last certificate go (AQ-3)."""
        if not self._product.has(Feature.LAST_STATION_CERTIFICATE_REMOVABLE):
            raise HandRefused("this station does not let its last certificate go (AQ-3)")
        self._need_mains("the station has no power")
        self._need_memory("nothing is removed")
        self._drive.emit([CertificateRemoved()])

    def _cut_power(self, _action: hand.CutPower) -> None:
        """Take the mains away: contactors open, commands and screen are forgotten, nobody is told any more.

        Cars stay plugged in, faults stay, registers keep.
        """
        self._need_mains("the power is cut already")
        self._drive.observe(None)
        with self._drive.acting():
            self._machine.black_out()

    def _restore_power(self, _action: hand.RestorePower) -> None:
        """Give the mains back."""
        if self._machine.mains:
            raise HandRefused("the station has power")
        self._machine.mains = True

    def _elsewhere(self, action: hand.HandAction) -> None:
        """Service button and network plugs belong to the station's computer, which is none of the machine."""
        raise HandRefused(f"{action.path()} is not done at the machine")

    def _park(self, outlet: SimulatedEvse, occupied: bool) -> None:
        with self._acting() as (_, seen):
            outlet.occupied, outlet.not_ready = occupied, False
            if self._machine.bay_sensor:
                seen.append(BayOccupied(outlet.evse.id, occupied))


A = TypeVar("A", bound=hand.HandAction)
_Deed = Callable[[OperatorActions, hand.Action], None]


def _deed(kind: type[A], method: Callable[[OperatorActions, A], None]) -> tuple[type[hand.HandAction], _Deed]:
    return kind, cast(_Deed, method)


def _all_of(*deeds: tuple[type[hand.HandAction], _Deed]) -> Mapping[type[hand.HandAction], _Deed]:
    """Return them by the type of the action. Raises TypeError where an action of the hand is not among them."""
    table = dict(deeds)
    missing = [kind.__name__ for kind in hand.KINDS.values() if kind not in table]
    if missing:
        raise TypeError(f"the simulator does not know how to do {', '.join(missing)}")
    return table


_DEEDS = _all_of(
    _deed(hand.Plug, OperatorActions._plug),
    _deed(hand.Unplug, OperatorActions._unplug),
    _deed(hand.InsertCable, OperatorActions._insert_cable),
    _deed(hand.RemoveCable, OperatorActions._remove_cable),
    _deed(hand.ConnectEv, OperatorActions._connect_ev),
    _deed(hand.DisconnectEv, OperatorActions._disconnect_ev),
    _deed(hand.Present, OperatorActions._present),
    _deed(hand.Choose, OperatorActions._choose),
    _deed(hand.Arrive, OperatorActions._arrive),
    _deed(hand.Leave, OperatorActions._leave),
    _deed(hand.Suspend, OperatorActions._suspend),
    _deed(hand.Resume, OperatorActions._resume),
    _deed(hand.StopByEv, OperatorActions._stop_by_ev),
    _deed(hand.Fault, OperatorActions._fault),
    _deed(hand.Clear, OperatorActions._clear),
    _deed(hand.EmergencyStop, OperatorActions._emergency_stop),
    _deed(hand.RemoveCertificate, OperatorActions._remove_certificate),
    _deed(hand.CutPower, OperatorActions._cut_power),
    _deed(hand.RestorePower, OperatorActions._restore_power),
    _deed(hand.Reboot, OperatorActions._elsewhere),
    _deed(hand.CutNetwork, OperatorActions._elsewhere),
    _deed(hand.RestoreNetwork, OperatorActions._elsewhere),
)
"""What does each action of the hand: a kind that is missing here is an error at import."""
