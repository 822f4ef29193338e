"""Variables of a station as it reported them, in whatever state the report was.

Read from the JSON of NotifyReport, not from its typed form: a station that breaks the schema is told so by the cases;
here it is taken for what it says.
"""

import math
from collections.abc import Iterator, Mapping

import msgspec

from ohmstead.lab.cases.keys import spelled

Json = dict[str, object]
MOST_VARIABLES = 20_000
"""Variables of one station that are kept."""
ACTUAL = ("Actual", None)


class FoundVariable(msgspec.Struct, frozen=True, kw_only=True):
    """One variable at one place."""

    value: str | None = None
    """Actual value; None: it was not told."""
    writable: bool = False
    values: tuple[str, ...] = ()
    """Of its valuesList."""
    min: float | None = None
    max: float | None = None
    reported: bool = True
    """False: only its value was read, so whether it can be set is not known."""

    @property
    def options(self) -> tuple[str, ...]:
        """The values that it may have, or has where it has no list."""
        return self.values or listed(self.value)


def listed(text: object) -> tuple[str, ...]:
    """Return the items of a list that is written with commas."""
    return tuple(filter(None, (item.strip() for item in text.split(",")))) if isinstance(text, str) else ()


def found_in(payload: object) -> Iterator[tuple[str, FoundVariable]]:
    """Yield key and variable of every reportData of a NotifyReport that names one."""
    data = payload.get("reportData") if isinstance(payload, dict) else None
    for one in data if isinstance(data, list) else ():
        key = key_of(one)
        if key:
            yield key, _variable(one)


def key_of(data: object) -> str:
    """Return `Component[instance]#evse/connector.Variable[instance]` in standard spelling; empty: it names none."""
    component, variable = _object(data, "component"), _object(data, "variable")
    name, what = _text(component, "name"), _text(variable, "name")
    if not name or not what:
        return ""
    evse = _object(component, "evse")
    place = ""
    if _whole(evse.get("id")):
        connector = evse.get("connectorId")
        place = f"#{evse['id']}" + (f"/{connector}" if _whole(connector) and connector else "")
    return f"{spelled(name)}{_instance(component)}{place}.{spelled(what)}{_instance(variable)}"


def place_of(key: str) -> tuple[int, int]:
    """Return EVSE and connector of a key; 0 where it names none."""
    place = key.partition(".")[0].partition("#")[2]
    evse, _, connector = place.partition("/")
    return int(evse or 0), int(connector or 0)


def anywhere(variables: Mapping[str, FoundVariable], name: str) -> list[FoundVariable]:
    """Return a variable (`EVSE.Power`) of every place that has it, the station itself first."""
    component, _, variable = name.partition(".")
    found = [(place_of(key), one) for key, one in variables.items() if _without_place(key) == f"{component}.{variable}"]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _without_place(key: str) -> str:
    component, _, variable = key.partition(".")
    return f"{component.partition('#')[0]}.{variable}"


def _variable(data: Json) -> FoundVariable:
    what = _object(data, "variableCharacteristics")
    attributes = data.get("variableAttribute")
    actual: Json = {}
    for one in attributes if isinstance(attributes, list) else ():
        if isinstance(one, dict) and one.get("type") in ACTUAL:
            actual = one
            break
    value = actual.get("value")
    return FoundVariable(
        value=value if isinstance(value, str) else None,
        writable=actual.get("mutability") in (None, "ReadWrite", "WriteOnly") and bool(actual),
        values=listed(what.get("valuesList")),
        min=_number(what.get("minLimit")),
        max=_number(what.get("maxLimit")),
    )


def _object(data: object, name: str) -> Json:
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _text(data: Json, name: str) -> str:
    value = data.get(name)
    return value[:50] if isinstance(value, str) else ""


def _instance(data: Json) -> str:
    name = _text(data, "instance")
    return f"[{spelled(name)}]" if name else ""


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000


def _number(value: object) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if fits and isinstance(value, int | float) else None
