"""What a person's hands do at the simulated machine: the physical half of `ports.hand.Hand`, without await."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from ohmstead.edge.simulator.drive import Drive
from ohmstead.edge.simulator.ev import Ev, draw
from ohmstead.edge.simulator.outlet import Outlet
from ohmstead.ports.hand import HandRefused, NotKept
from ohmstead.ports.hardware import (
    BayOccupied,
    DisplayChosen,
    EmergencyStopChanged,
    EvStopped,
    FaultChanged,
    Observation,
    PlugIn,
    PlugOut,
    Supply,
    TokenPresented,
)
from ohmstead.product.profile import Connector, Product
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
    "InternalError",
    "Jammed",
)
"""Codes to choose from; any other short name does as well, except that `Jammed` has a meaning of its own."""
JAMMED = "Jammed"
"""A lock that is stuck: nobody notices until an unlock fails, so it is no observed fault and stops no energy."""

_CARDS = ("ISO14443", "ISO15693")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,49}")


class Touch:
    """The hands at one machine; each action raises HandRefused when it is impossible now.

    What hands do happens also while the machine cannot write it down; NotKept says so then.
    """

    def __init__(self, product: Product, drive: Drive, random: Random) -> None:
        self._product = product
        self._drive = drive
        self._machine = drive.machine
        self._random = random

    def plug(self, evse_id: int, connector_id: int = 1, ev: str | None = None) -> None:
        """Plug in another car, drawn anew: `model`, `model@start` or `model@start-target` with charges in %."""
        outlet = self._outlet(evse_id)
        connector = self._connector(outlet, connector_id)
        if outlet.connector:
            raise HandRefused(f"EVSE {evse_id} has an EV at connector {outlet.connector.id}: unplug it first")
        dc = outlet.evse.current == "DC"
        try:
            car = draw(ev, self._random, dc=dc)
        except ValueError as error:
            raise HandRefused(str(error)) from None
        if not dc and not car.model.ac_phases:
            raise HandRefused(f"{car.model.name} has no AC charger, and EVSE {evse_id} gives AC only")
        with self._acting() as (now, seen):
            outlet.plug(connector, car, now)
            seen.append(PlugIn(evse_id, connector_id))

    def unplug(self, evse_id: int) -> None:
        """Pull the cable out of the car, under power too: the contactors open at once (emergency separation)."""
        outlet, _ = self._plugged(evse_id)
        with self._acting() as (now, seen):
            seen.append(PlugOut(evse_id, outlet.connector.id if outlet.connector else 0))
            outlet.unplug(now)

    def present(self, id_token: str, type: str = "ISO14443", evse_id: int | None = None) -> None:
        """Hold a card against the reader: the one of the station, or of an EVSE where each has its own.

        A KeyCode is typed at the display instead.
        """
        self._need_mains("the readers are dark")
        hardware = self._product.hardware
        wrong = wrong_token(id_token)
        if wrong is not None:
            raise HandRefused(wrong)
        if type == "KeyCode":
            if not hardware.displays:
                raise HandRefused("the station has no display to type a code at")
        elif type not in _CARDS:
            raise HandRefused(f"no reader reads {type}; cards are {' or '.join(_CARDS)}, and a KeyCode can be typed")
        elif hardware.rfid_readers == "None":
            raise HandRefused("the station has no card reader")
        if hardware.rfid_readers == "PerEVSE":
            if evse_id is None:
                raise HandRefused("each EVSE has a reader of its own: name the EVSE")
            self._outlet(evse_id)
        elif evse_id is not None:
            raise HandRefused("one reader serves the whole station: leave the EVSE out")
        self._need_memory("the card is not read")
        self._drive.emit([TokenPresented(id_token, type, evse_id)])

    def choose(self, option: str) -> None:
        """Press an option that the display shows, by its id."""
        self._need_mains("the display is dark")
        shown = [identifier for identifier, _ in self._machine.screen.options] if self._machine.screen else []
        if option not in shown:
            raise HandRefused(f"the display does not offer {option!r}, but {', '.join(shown) or 'nothing'}")
        self._need_memory("nothing is chosen")
        self._drive.emit([DisplayChosen(option)])

    def arrive(self, evse_id: int) -> None:
        """Drive an EV into the bay; noticed where the product has a sensor for it (C-09.6, C-10.5)."""
        outlet = self._outlet(evse_id)
        if outlet.occupied:
            raise HandRefused(f"the bay of EVSE {evse_id} is occupied")
        self._park(outlet, True)

    def leave(self, evse_id: int) -> None:
        """Drive the EV out of the bay."""
        outlet = self._outlet(evse_id)
        if outlet.connector:
            raise HandRefused(f"the EV in the bay of EVSE {evse_id} is plugged in: unplug it first")
        if not outlet.occupied:
            raise HandRefused(f"the bay of EVSE {evse_id} is empty")
        self._park(outlet, False)

    def suspend(self, evse_id: int) -> None:
        """Let the EV take no energy, now or once it is offered some."""
        _, ev = self._plugged(evse_id)
        if ev.paused or ev.ended:
            raise HandRefused(f"the EV at EVSE {evse_id} takes nothing already")
        with self._acting():
            ev.paused = True

    def resume(self, evse_id: int) -> None:
        """Let the EV take energy again."""
        _, ev = self._plugged(evse_id)
        if ev.ended:
            raise HandRefused(f"the EV at EVSE {evse_id} has ended its session: authorize anew, or plug it in again")
        if not ev.paused:
            raise HandRefused(f"the EV at EVSE {evse_id} is {'full' if ev.full else 'not suspended'}")
        with self._acting():
            ev.paused = False

    def stop_by_ev(self, evse_id: int) -> None:
        """Let the EV end its session for good."""
        outlet, ev = self._plugged(evse_id)
        if ev.ended or outlet.supply is Supply.Off:
            raise HandRefused(f"the EV at EVSE {evse_id} has no session to end: it was not offered energy, or ended it")
        with self._acting() as (_, seen):
            ev.ended = True
            seen.append(EvStopped(evse_id))

    def fault(self, evse_id: int, connector_id: int, code: str) -> None:
        """Break a connector (0: the whole EVSE): no energy there until it is cleared. `Jammed` only sticks its lock."""
        outlet = self._outlet(evse_id)
        if not _CODE.fullmatch(code):
            raise HandRefused(f"{code!r} is no code; take a short name such as {', '.join(FAULTS)}")
        if code == JAMMED:
            if self._connector(outlet, connector_id).cable == "Fixed":
                raise HandRefused(f"connector {connector_id} of EVSE {evse_id} is a fixed cable: it has no lock")
            with self._acting():
                outlet.jammed.add(connector_id)
            return
        if connector_id:
            self._connector(outlet, connector_id)
        if (connector_id, code) in outlet.faults:
            raise HandRefused(f"connector {connector_id} of EVSE {evse_id} has that fault already")
        with self._acting() as (_, seen):
            outlet.faults.append((connector_id, code))
            seen.append(FaultChanged(evse_id, connector_id, code, True))

    def clear(self, evse_id: int, connector_id: int, code: str | None = None) -> None:
        """Repair one fault of a connector (0: of the EVSE itself), or everything that is broken there."""
        outlet = self._outlet(evse_id)
        gone = [one for one in outlet.faults if one[0] == connector_id and code in (None, one[1])]
        jammed = connector_id in outlet.jammed and code in (None, JAMMED)
        if not gone and not jammed:
            what = "nothing is broken" if code is None else f"there is no {code}"
            raise HandRefused(f"{what} at connector {connector_id} of EVSE {evse_id}")
        with self._acting() as (_, seen):
            if jammed:
                outlet.jammed.discard(connector_id)
            outlet.faults = [one for one in outlet.faults if one not in gone]
            seen += [FaultChanged(evse_id, at, broken, False) for at, broken in gone]

    def emergency_stop(self, pressed: bool) -> None:
        """Press the emergency stop, which opens every contactor, or release it."""
        if pressed is self._machine.emergency_stop:
            raise HandRefused(f"the emergency stop is {'pressed' if pressed else 'released'} already")
        with self._acting() as (_, seen):
            self._machine.emergency_stop = pressed
            seen.append(EmergencyStopChanged(pressed))

    def cut_power(self) -> None:
        """Take the mains away: contactors open, commands and screen are forgotten, nobody is told any more.

        Cars stay plugged in, faults stay, registers keep.
        """
        self._need_mains("the power is cut already")
        self._drive.observe(None)
        with self._drive.acting():
            self._machine.black_out()

    def restore_power(self) -> None:
        """Give the mains back."""
        if self._machine.mains:
            raise HandRefused("the station has power")
        self._machine.mains = True

    @contextmanager
    def _acting(self) -> Iterator[tuple[float, list[Observation]]]:
        """Change the machine inside the block. Raises NotKept after it, where the change could not be written down."""
        with self._drive.acting() as acted:
            yield acted
        self._need_memory("it is done, but forgotten if the process ends now")

    def _need_memory(self, consequence: str) -> None:
        fault = self._machine.memory_fault
        if fault is not None:
            raise NotKept(f"nothing can be written down ({fault}): {consequence}")

    def _park(self, outlet: Outlet, occupied: bool) -> None:
        with self._acting() as (_, seen):
            outlet.occupied = occupied
            if self._machine.bay_sensor:
                seen.append(BayOccupied(outlet.evse.id, occupied))

    def _outlet(self, evse_id: int | None) -> Outlet:
        outlet = self._machine.outlets.get(evse_id or 0)
        if outlet is None:
            known = ", ".join(str(number) for number in self._machine.outlets)
            raise HandRefused(f"there is no EVSE {evse_id}; name one of {known}")
        return outlet

    def _connector(self, outlet: Outlet, connector_id: int) -> Connector:
        for connector in outlet.evse.connectors:
            if connector.id == connector_id:
                return connector
        known = ", ".join(str(connector.id) for connector in outlet.evse.connectors)
        raise HandRefused(f"EVSE {outlet.evse.id} has no connector {connector_id}; name one of {known}")

    def _plugged(self, evse_id: int) -> tuple[Outlet, Ev]:
        outlet = self._outlet(evse_id)
        self._drive.catch_up()
        if outlet.ev is None:
            raise HandRefused(f"no EV is plugged in at EVSE {evse_id}")
        return outlet, outlet.ev

    def _need_mains(self, consequence: str) -> None:
        if not self._machine.mains:
            raise HandRefused(f"the station has no power: {consequence}")
