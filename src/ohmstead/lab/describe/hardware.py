"""EVSEs and connectors of a station: from its inventory and statuses, else from whoever stands before it."""

from collections.abc import Callable
from typing import Literal

import msgspec

from ohmstead.lab.describe.inquiry import StationFound
from ohmstead.lab.describe.questions import StationQuestion, connectors, number, one_of
from ohmstead.lab.describe.variables import FoundVariable, place_of
from ohmstead.product.features import CONNECTOR_TYPES
from ohmstead.product.profile import Evse, ProductConnector

MOST_EVSES, MOST_CONNECTORS = 50, 10
WATTS_A_PHASE = 230.0 * 32
DC_KILOWATTS = 50.0
DC_CONNECTORS = ("cccs1", "cccs2", "cg105", "cgbt", "cchaoji", "oppcharge", "pan")
"""Types that carry DC, in lower case."""


class StationReply(msgspec.Struct, frozen=True):
    """A value and where it comes from: `seen: ...`, `told`, `assumed`."""

    value: object
    source: str


Ask = Callable[[StationQuestion], StationReply]


class Described(msgspec.Struct, frozen=True):
    """EVSEs with the sources of their lines, by key path: `evses[1].phases`."""

    evses: tuple[Evse, ...]
    sources: dict[str, str]


class EvseReader:
    """Reads the EVSEs of a station; asks for what is not told, each thing once for all EVSEs."""

    def __init__(self, found: StationFound, ask: Ask) -> None:
        self._variables = found.variables
        self._told = found.places
        self._ask = ask
        self._asked: dict[str, StationReply] = {}
        self._sources: dict[str, str] = {}

    def read(self) -> Described:
        """Return them, numbered 1, 2, 3 ... as OCPP has it."""
        places = {place_of(key) for key in self._variables} | self._told
        ids = [evse for evse, _ in places if 0 < evse <= MOST_EVSES]
        count = max(ids, default=0)
        if not count:
            count = int(self._number("evses", "Number of EVSEs", "1", MOST_EVSES))
            self._sources["evses"] = self._asked["evses"].source
        evses = tuple(self._evse(evse, places) for evse in range(1, count + 1))
        return Described(evses, self._sources)

    def _evse(self, evse: int, places: set[tuple[int, int]]) -> Evse:
        last = max((at for one, at in places if one == evse and 0 < at <= MOST_CONNECTORS), default=1)
        types = [self._type(evse, connector) for connector in range(1, last + 1)]
        current, phases = self._phases(evse, types[0])
        where = f"evses[{evse - 1}]"
        power = self._power(where, evse, current, phases)
        return Evse(
            id=evse,
            current=current,
            phases=phases,
            max_power_w=power,
            connectors=tuple(
                ProductConnector(id=at, type=kind, cable="Detachable" if kind.startswith(("s", "Other")) else "Fixed")
                for at, kind in enumerate(types, start=1)
            ),
        )

    def _type(self, evse: int, connector: int) -> str:
        seen = self._variables.get(f"Connector#{evse}/{connector}.ConnectorType")
        by_letters = {name.lower(): name for name in CONNECTOR_TYPES}
        where = f"evses[{evse - 1}].connectors"
        if seen is not None and seen.value is not None and seen.value.lower() in by_letters:
            self._sources[where] = "seen: Connector.ConnectorType"
            return by_letters[seen.value.lower()]
        direct = any(one.value == "0" for one in self._supply(evse))
        text = "Connectors of an EVSE (sType2 is a socket, cType2 a cable, cCCS2 ...), joined by commas"
        kinds = self._once("connectors", text, "cCCS2" if direct else "sType2", connectors)
        self._sources[where] = self._asked["connectors"].source
        names = kinds if isinstance(kinds, tuple) and kinds else ("Unknown",)
        return str(names[(connector - 1) % len(names)])

    def _supply(self, evse: int) -> list[FoundVariable]:
        keys = (f"EVSE#{evse}.SupplyPhases", f"Connector#{evse}/1.SupplyPhases", "ChargingStation.SupplyPhases")
        return [self._variables[key] for key in keys if key in self._variables]

    def _phases(self, evse: int, kind: str) -> tuple[Literal["AC", "DC"], int]:
        where = f"evses[{evse - 1}]"
        for seen in self._supply(evse):
            if seen.value in ("0", "1", "2", "3"):
                self._sources[f"{where}.phases"] = self._sources[f"{where}.current"] = "seen: EVSE.SupplyPhases"
                return ("AC", int(seen.value)) if seen.value != "0" else ("DC", 0)
        usual = "DC" if kind.lower() in DC_CONNECTORS else "AC"
        current = self._once("current", "AC or DC", usual, one_of({"ac": "AC", "dc": "DC"}))
        self._sources[f"{where}.current"] = self._asked["current"].source
        if current == "DC":
            return "DC", 0
        phases = int(self._number("phases", "Phases of an EVSE (1 to 3)", "3", 3))
        self._sources[f"{where}.phases"] = self._asked["phases"].source
        return "AC", phases

    def _power(self, where: str, evse: int, current: str, phases: int) -> float:
        seen = self._variables.get(f"EVSE#{evse}.Power")
        if seen is not None and seen.max is not None and seen.max > 0:
            self._sources[f"{where}.max_power_w"] = "seen: maxLimit of EVSE.Power"
            return seen.max
        usual = WATTS_A_PHASE * phases / 1000 if current == "AC" else DC_KILOWATTS
        kilowatts = self._number("power", "Power of an EVSE in kW", f"{usual:g}", 10_000)
        self._sources[f"{where}.max_power_w"] = self._asked["power"].source
        return 1000.0 * kilowatts

    def _number(self, name: str, text: str, usual: str, most: float) -> float:
        value = self._once(name, text, usual, number(0.1 if name == "power" else 1, most))
        return float(value) if isinstance(value, int | float) else 0.0

    def _once(self, name: str, text: str, usual: str, read: Callable[[str], object]) -> object:
        if name not in self._asked:
            self._asked[name] = self._ask(StationQuestion(name=name, text=text, usual=usual, read=read))
        return self._asked[name].value
