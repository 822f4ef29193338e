"""The hardware feature set and the EVSE table of an abstract."""

import re
from typing import Literal

import msgspec

from ohmstead.product.abstract import Abstract, CertificateError, TableRow
from ohmstead.product.features import CONNECTOR_TYPES
from ohmstead.product.profile import Evse, HardwareFeatures, ProductConnector

VOLTS = 230
AMPERES = 32
"""What an AC EVSE gives a phase: abstracts do not say it. One phase makes 7.36 kW, three make 22.08 kW."""
DC_WATTS = 50_000.0
"""For a DC station whose abstract has no HFS-11, as those before edition 4."""
MOST_ROWS = 500
ALIASES = {
    "ccs1": "cCCS1", "combo1": "cCCS1", "ccs": "cCCS2", "ccs2": "cCCS2", "combo2": "cCCS2", "chademo": "cG105",
    "tesla": "cTesla", "nacs": "cTesla", "j1772": "cType1", "gbt": "cGBT", "chaoji": "cChaoJi", "schuko": "sCEE-7-7",
}  # fmt: skip
WAYS = {
    "Ethernet": ("ethernet", "lan", "wired"),
    "Mobile network": ("mobile", "cellular", "lte", "gprs", "umts", "2g", "3g", "4g", "5g", "gsm"),
    "Wi-Fi": ("wifi", "wlan", "wireless"),
}


class TableFact(msgspec.Struct, frozen=True):
    """What the EVSE table says about a line of the hardware feature set."""

    holds: bool
    evidence: str


class PlugRow:
    """One row of the EVSE table, understood."""

    def __init__(self, abstract: Abstract, row: TableRow, evse: int, current: Literal["AC", "DC"]) -> None:
        self.row = row
        self.evse = evse
        self.current = current
        self.number = _number(row.cells.get("connector", ""))
        self.type = _type(abstract, row)
        self.cable = _cable(abstract, row, self.type)
        digits = re.findall(r"[123]", row.cells.get("phases", ""))
        self.phases = max(map(int, digits), default=0)


def hardware(
    abstract: Abstract, features: dict[str, bool], plugs: list[PlugRow]
) -> tuple[tuple[Evse, ...], HardwareFeatures]:
    """Return the EVSEs and the rest of the hardware."""
    numbers = sorted({plug.evse for plug in plugs})
    if numbers != list(range(1, len(numbers) + 1)):
        listed = ", ".join(map(str, numbers))
        abstract.fail(plugs[0].row.line, f"the EVSE table lists {listed}; OCPP counts 1, 2, 3 ...")
    _count(abstract, len(numbers))
    dc_watts = _dc_watts(abstract, any(plug.current == "DC" for plug in plugs))
    evses = tuple(_evse(abstract, features, number, plugs, dc_watts) for number in numbers)
    power = sum(evse.max_power_w for evse in evses if evse.current == "AC")
    if any(evse.current == "DC" for evse in evses):
        power += dc_watts
    return evses, HardwareFeatures(
        max_power_w=power,
        communication=_communication(abstract),
        rfid_readers=_readers(abstract),
        displays=_displays(abstract),
        subtype=_subtype(abstract),
    )


def plugs_of(abstract: Abstract) -> list[PlugRow]:
    """Return the rows of the EVSE table, understood; one that is not is an error of the abstract."""
    if len(abstract.evses) > MOST_ROWS:
        raise CertificateError(abstract.evses[MOST_ROWS].line, f"more than {MOST_ROWS} rows in the EVSE table")
    found: list[PlugRow] = []
    for row in abstract.evses:
        written = row.cells.get("evse", "")
        number = _number(written) or (found[-1].evse if found and not written else 0)
        if number < 1:
            abstract.fail(row.line, f"{written!r} is no number of an EVSE")
            continue
        current = row.cells.get("current", "").upper()
        if not current and found and found[-1].evse == number:
            current = found[-1].current
        if current not in ("AC", "DC"):
            current = _guess(abstract, row, current)
        plug = PlugRow(abstract, row, number, "AC" if current == "AC" else "DC")
        same = next((other for other in found if (other.evse, other.number) == (number, plug.number)), None)
        if same is not None and plug.number:
            abstract.fail(row.line, f"EVSE {number} has connector {plug.number} already in line {same.row.line}")
            continue
        found.append(plug)
    return found


def _guess(abstract: Abstract, row: TableRow, written: str) -> str:
    connector = _type(abstract, row, quiet=True)
    if connector in ("cCCS1", "cCCS2", "cG105", "cGBT", "cChaoJi"):
        current = "DC"
    elif connector.startswith(("s", "Other")):
        current = "AC"
    else:
        abstract.fail(row.line, f"EVSE {row.cells.get('evse', '')}: current {written!r} is neither AC nor DC")
        return "DC"
    abstract.warn(row.line, f"current {written!r} is neither AC nor DC; {current} is taken, from connector {connector}")
    return current


def _count(abstract: Abstract, listed: int) -> None:
    said = abstract.answers.get("HFS-8")
    if said is None:
        return
    claimed = _number(said.value)
    if not claimed:
        abstract.warn(said.line, f"HFS-8: {said.value!r} is not a number; the EVSE table lists {listed}")
    elif claimed != listed:
        abstract.fail(said.line, f"HFS-8 says {claimed} EVSEs, the EVSE table lists {listed}")


def _dc_watts(abstract: Abstract, wanted: bool) -> float:
    said = abstract.answers.get("HFS-11")
    match = re.fullmatch(r"([0-9]{1,6}(?:[.,][0-9]{1,3})?)\s*([kM]?W)?", said.value, re.IGNORECASE) if said else None
    if not wanted:
        return 0.0
    if match is not None and float(match[1].replace(",", ".")) > 0:
        unit = {"w": 1, "mw": 1_000_000}.get((match[2] or "").lower(), 1000)
        return float(match[1].replace(",", ".")) * unit
    line = said.line if said is not None else 0
    wrong = f"{said.value!r} is no power in kW" if said is not None and said.value else "no DC power level"
    abstract.warn(line, f"HFS-11: {wrong}; {DC_WATTS / 1000:.0f} kW is taken")
    return DC_WATTS


def _evse(abstract: Abstract, features: dict[str, bool], number: int, plugs: list[PlugRow], dc_watts: float) -> Evse:
    own = [plug for plug in plugs if plug.evse == number]
    if any(plug.current == "DC" for plug in own):
        for plug in own:
            if plug.current == "DC" and plug.phases:
                abstract.note(plug.row.line, f"EVSE {number} gives DC; its {plug.phases} phases are left out")
        if any(plug.current == "AC" for plug in own):
            beside = _phases(abstract, features, number, [plug for plug in own if plug.current == "AC"])
            abstract.note(own[0].row.line, f"EVSE {number} gives DC, and AC at some connectors; one charges at a time")
        else:
            beside = 0
        connectors = _connectors(abstract, own, beside)
        return Evse(id=number, current="DC", connectors=connectors, max_power_w=dc_watts)
    connectors = _connectors(abstract, own)
    phases = _phases(abstract, features, number, own)
    return Evse(
        id=number, current="AC", connectors=connectors, phases=phases, max_power_w=float(VOLTS * AMPERES * phases)
    )


def _phases(abstract: Abstract, features: dict[str, bool], number: int, plugs: list[PlugRow]) -> int:
    """Return how many phases the AC connectors of an EVSE have: by their rows, else by the hardware feature set."""
    phases = max(plug.phases for plug in plugs)
    if not phases:
        phases = next((count for count, key in ((3, "HFS-7"), (2, "HFS-6"), (1, "HFS-5")) if features.get(key)), 0)
        if not phases:
            text = f"EVSE {number} gives AC, but neither its row nor HFS-5 to 7 say how many phases"
            abstract.fail(plugs[0].row.line, text)
        abstract.note(plugs[0].row.line, f"EVSE {number}: {phases} phases, from the hardware feature set")
    return phases


def _connectors(abstract: Abstract, own: list[PlugRow], beside: int = 0) -> tuple[ProductConnector, ...]:
    """Return the connectors of an EVSE; of a DC one, those of AC beside its cables have so many phases at most."""
    given = [plug.number for plug in own]
    wanted = list(range(1, len(own) + 1))
    if given != wanted:
        text = f"EVSE {own[0].evse}: its connectors are numbered {_listed(given)}, OCPP counts {_listed(wanted)}"
        abstract.warn(own[0].row.line, f"{text}; renumbered")
    return tuple(
        ProductConnector(
            id=number,
            type=plug.type,
            cable=plug.cable,
            current="AC" if beside and plug.current == "AC" else None,
            phases=(plug.phases or beside) if beside and plug.current == "AC" else 0,
        )
        for number, plug in zip(wanted, own, strict=True)
    )


def _listed(numbers: list[int]) -> str:
    return ", ".join(str(number) if number else "-" for number in numbers)


def _type(abstract: Abstract, row: TableRow, *, quiet: bool = False) -> str:
    written = row.cells.get("type", "")
    if written in CONNECTOR_TYPES:
        return written
    letters = _alike(written)
    found = next((name for name in CONNECTOR_TYPES if _alike(name) == letters), "") or ALIASES.get(
        re.sub(r"[^a-z0-9]", "", written.lower()), ""
    )
    if not quiet and found:
        abstract.note(row.line, f"connector type {written!r} is read as {found}")
        abstract.kept(_place(row), written)
    elif not quiet:
        abstract.warn(row.line, f"connector type {written!r} is not known; taken as Unknown")
        abstract.kept(_place(row), written)
    return found or "Unknown"


def _place(row: TableRow) -> str:
    return f"EVSE {row.cells.get('evse', '')}.{row.cells.get('connector', '')}".rstrip(".")


def _alike(name: str) -> str:
    """Return a name with letters that look the same made the same: `cCCSI` and `cCCS1`."""
    return re.sub(r"[\s_/-]", "", name.lower()).translate(str.maketrans("ilo", "110"))


def _cable(abstract: Abstract, row: TableRow, connector: str) -> Literal["Fixed", "Detachable"]:
    written = row.cells.get("cable", "").lower()
    if "fixed" in written or "captive" in written or "attached" in written:
        if connector.startswith("s"):
            abstract.warn(row.line, f"{connector} is a socket, with a fixed cable")
        return "Fixed"
    if "detach" in written or "socket" in written or "loose" in written:
        return "Detachable"
    cable: Literal["Fixed", "Detachable"] = "Detachable" if connector.startswith(("s", "Other")) else "Fixed"
    abstract.warn(row.line, f"cable type {written!r} is not known; {cable} is taken, from connector {connector}")
    return cable


def facts(plugs: list[PlugRow], evses: tuple[Evse, ...]) -> dict[str, TableFact]:
    """Return what the EVSE table says about the lines of the hardware feature set."""
    found = {}
    checks: list[tuple[str, str, list[PlugRow]]] = [
        ("HFS-1", "a detachable cable", [plug for plug in plugs if plug.cable == "Detachable"]),
        ("HFS-2", "a fixed cable", [plug for plug in plugs if plug.cable == "Fixed"]),
        ("HFS-3", "AC", [plug for plug in plugs if plug.current == "AC"]),
        ("HFS-4", "DC", [plug for plug in plugs if plug.current == "DC"]),
    ]
    for identifier, what, having in checks if plugs else []:
        one = having[0] if having else None
        evidence = f"EVSE {one.evse} has {what} in line {one.row.line}" if one else f"no EVSE of the table has {what}"
        found[identifier] = TableFact(one is not None, evidence)
    for count, identifier in ((1, "HFS-5"), (2, "HFS-6"), (3, "HFS-7")):
        evse = next((evse for evse in evses if count in map(evse.phases_of, evse.connectors)), None)
        if evse is not None:
            found[identifier] = TableFact(True, f"EVSE {evse.id} has {count} phases")
    return found


def _communication(abstract: Abstract) -> tuple[str, ...]:
    said = abstract.answers.get("HFS-9")
    if said is None or not said.value:
        abstract.warn(said.line if said else 0, "HFS-9: no communication technology; Ethernet is taken")
        return ("Ethernet",)
    found = []
    for part in re.split(r"\s*(?:[,;/+&]|\band\b|\bor\b)\s*", said.value):
        letters = re.sub(r"[^a-z0-9]", "", part.lower())
        if not letters:
            continue
        way = next((way for way, words in WAYS.items() if any(letters.startswith(word) for word in words)), None)
        if way is None:
            abstract.warn(said.line, f"HFS-9: {part!r} is not known; kept as it is written")
        found.append(way or part)
    return tuple(dict.fromkeys(found)) or ("Ethernet",)


def _readers(abstract: Abstract) -> Literal["None", "Single", "PerEVSE"]:
    said = abstract.answers.get("HFS-10")
    if said is None:
        abstract.warn(0, "HFS-10: RFID readers are not mentioned; a single one is taken")
        return "Single"
    value = said.value.lower()
    number = _number(value)
    if value in ("none", "no", "-", "0", "n/a", "not present"):
        return "None"
    if "evse" in value or "multiple" in value or number > 1:
        return "PerEVSE"
    if "single" not in value and number != 1 and value != "one":
        abstract.warn(said.line, f"HFS-10: {said.value!r} is not known; a single reader is taken")
    return "Single"


def _displays(abstract: Abstract) -> int:
    said = abstract.answers.get("HFS-12")
    if said is None:
        user_interface = abstract.answers.get("C-07")
        displays = 0 if user_interface is not None and user_interface.value.lower().startswith("no") else 1
        abstract.note(0, f"HFS-12: displays are not mentioned; {displays} is taken, from C-07")
        return displays
    if re.fullmatch(r"[0-9]{1,3}", said.value):
        return int(said.value)
    displays = 0 if said.value.lower() in ("no", "none", "-", "n/a") else 1
    abstract.warn(said.line, f"HFS-12: {said.value!r} is not a number; {displays} is taken")
    return displays


def _subtype(abstract: Abstract) -> Literal["", "Mode 1/2-only"]:
    said = abstract.header.get("product subtype")
    if said is None or not said.value:
        return ""
    if re.search(r"mode\s*1\s*(/|and|or|,|-|\+)\s*(mode\s*)?2", said.value, re.IGNORECASE):
        return "Mode 1/2-only"
    abstract.note(said.line, f"the product subtype {said.value!r} changes nothing that is tested here; left out")
    return ""


def _number(text: str) -> int:
    """Return the number that a cell begins with, 0 where there is none."""
    match = re.match(r"[0-9]{1,6}", text)
    return int(match[0]) if match else 0
