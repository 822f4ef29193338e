"""The schemas of the OpenAPI document: each type as msgspec takes and sends it, narrowed to what one station has."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from ohmstead.ports.bench import Backoffice, StationView
from ohmstead.ports.hand import FAULT_CODE, KINDS
from ohmstead.wire.identifiers import IDENTIFIER, LONGEST_TOKEN
from ohmstead.wire.messages import IdTokenEnum

Node: TypeAlias = dict[str, Any]
"""An object of a JSON document."""
JSON = "application/json"
REFERENCE = "#/components/schemas/"


def node(inside: Node, *names: str) -> Node:
    """Return the object below an object, made where there is none."""
    for name in names:
        inside = inside.setdefault(name, {})
    return inside


class Schemas:
    """Gathers the types that travel, and says what they are: each once, under its name."""

    def __init__(self) -> None:
        self._taken: list[object] = []
        self._sent: list[object] = []

    def taken(self, kind: object) -> Node:
        """Return the schema of what a request carries."""
        self._taken.append(kind)
        return _schema(kind)

    def sent(self, kind: object) -> Node:
        """Return the schema of what a response carries."""
        self._sent.append(kind)
        return _schema(kind)

    def components(self) -> Node:
        """Return the named schemas; of what is sent, and never taken, every field is there, and no other."""
        taken, sent = _components(self._taken), _components(self._sent)
        for name, schema in sent.items():
            if name not in taken:
                _close(schema)
        return {**sent, **taken}


def _schema(kind: object) -> Node:
    return _schemas([kind])[0][0]


def _components(kinds: Iterable[object]) -> Node:
    return _schemas(kinds)[1]


def _schemas(kinds: Iterable[object]) -> tuple[tuple[Node, ...], Node]:
    return msgspec.json.schema_components(list(kinds), schema_hook=_anything, ref_template=f"{REFERENCE}{{name}}")


def _anything(kind: type) -> Node:
    """Return the schema of JSON of any kind, which is what `object` stands for here."""
    if kind is object:
        return {"description": "JSON of any kind."}
    raise NotImplementedError(kind)


def _close(schema: Node) -> None:
    """Say of what is sent that all of it is there, and nothing else."""
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        schema["additionalProperties"] = False
        for field in schema["properties"].values():
            field.pop("default", None)
    for part in _within(schema):
        if "prefixItems" in part:
            part["maxItems"] = len(part["prefixItems"])
            part.pop("items", None)  # `false`, which generators of clients do not know


def _within(schema: object) -> Iterator[Node]:
    """Yield each object within a piece of JSON, itself included."""
    if isinstance(schema, dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _within(part)


def of_this_station(components: Node, view: StationView) -> None:
    """Narrow the actions of the hand to the EVSEs, connectors, EV models ... that this station has."""
    models = "|".join(re.escape(model.name) for model in view.ev_models)
    here: Mapping[str, Node] = {
        "evse_id": _among([evse.id for evse in view.evses]),
        "connector_id": _among(sorted({connector.id for evse in view.evses for connector in evse.connectors})),
        "ev": {"type": "string", "pattern": f"^({models})(@[0-9]+([.][0-9]+)?(-[0-9]+([.][0-9]+)?)?)?$"},
        "code": {"type": "string", "pattern": FAULT_CODE},
        "interface": _among([interface.name for interface in view.interfaces]),
        "id_token": {"type": "string", "maxLength": LONGEST_TOKEN, "pattern": f"^{IDENTIFIER.pattern}$"},
        "type": _among(IdTokenEnum),
    }
    for kind in KINDS.values():
        properties = components.get(kind.__name__, {}).get("properties", {})
        for name in here.keys() & properties.keys():
            whole_evse = [0] if properties[name].get("minimum") == 0 else []
            _narrow(properties[name], here[name], whole_evse)


def parameters_of_this_station(item: Node, view: StationView, backoffice: Backoffice | None) -> None:
    """Narrow the parameters in a path in the same way."""
    stations = backoffice.stations() if backoffice is not None else ()
    here: Mapping[str, Node] = {
        "evse_id": _among([evse.id for evse in view.evses]),
        "station": _among([station.identity for station in stations]),
        "case_id": {"type": "string", "pattern": "^[A-Za-z0-9_]{1,24}$"},
    }
    for operation in item.values():
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"] in here:
                _narrow(parameter["schema"], here[parameter["name"]])


def _among(values: Sequence[int] | Iterable[str]) -> Node:
    words = list(values)
    return {"type": "integer" if words and isinstance(words[0], int) else "string", "enum": words} if words else {}


def _narrow(schema: Node, allowed: Node, more: Sequence[int] = ()) -> None:
    """Allow these values only, and null where it was allowed; what the station has none of stays as it is."""
    if not allowed:
        return
    if more:
        allowed = {**allowed, "enum": [*more, *allowed["enum"]]}
    if "anyOf" in schema:
        schema["anyOf"] = [allowed, {"type": "null"}]
        return
    for bound in ("minimum", "maximum", "minLength", "maxLength"):
        schema.pop(bound, None)
    schema.update(allowed)
