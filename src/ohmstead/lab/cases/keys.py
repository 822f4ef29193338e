"""Names of variables in short: `Component[instance]#evse/connector.Variable[instance]`, in whatever case."""

import functools
import re
from importlib import resources

from ohmstead.wire import messages as wire

_KEY = re.compile(
    r"(?P<component>\w+)(?:\[(?P<ci>[^\]]+)\])?(?:#(?P<evse>\d+)(?:/(?P<connector>\d+))?)?"
    r"\.(?P<variable>\w+)(?:\[(?P<vi>[^\]]+)\])?"
)


def parse_key(key: str) -> tuple[wire.Component, wire.Variable]:
    """Return component and variable of `Component[instance]#evse/connector.Variable[instance]`."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"{key} names no variable")
    evse = None
    if match["evse"]:
        connector = int(match["connector"]) if match["connector"] else None
        evse = wire.EVSE(id=int(match["evse"]), connector_id=connector)
    component = wire.Component(name=match["component"], instance=match["ci"], evse=evse)
    return component, wire.Variable(name=match["variable"], instance=match["vi"])


def is_named(key: str, component: wire.Component, variable: wire.Variable) -> bool:
    """Say whether a key names them: case does not matter (ComponentType, VariableType), customData is no part of it."""
    return _names(component, variable) == _names(*parse_key(key))


def _names(component: wire.Component, variable: wire.Variable) -> tuple[object, ...]:
    evse = component.evse
    place = (evse.id, evse.connector_id) if evse is not None else None
    words = (component.name, component.instance or "", variable.name, variable.instance or "")
    return (place, *(word.lower() for word in words))


def spelled(name: str) -> str:
    """Return a name as the standard spells it, however a station does; any other name as it is."""
    return _spellings().get(name.lower(), name)


@functools.cache
def _spellings() -> dict[str, str]:
    text = resources.files("ohmstead.lab").joinpath("data", "variables.tsv").read_text(encoding="utf-8")
    return {word.lower(): word for line in text.splitlines()[1:] for word in line.split("\t")[:3]}
