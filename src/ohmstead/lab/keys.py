"""Names of variables in short: `Component[instance]#evse/connector.Variable[instance]`."""

import re

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
    """Say whether a key names them; customData is no part of a name."""
    return _names(component, variable) == _names(*parse_key(key))


def _names(component: wire.Component, variable: wire.Variable) -> tuple[object, ...]:
    evse = component.evse
    place = (evse.id, evse.connector_id) if evse is not None else None
    return (component.name, component.instance, place, variable.name, variable.instance)
