"""The JSON schema of a scenario file, for editors and validators; it is made of the types that read it."""

from typing import Any, TypeAlias

import msgspec

from ohmstead.ports.hand import HandAction
from ohmstead.scenario.document import Head
from ohmstead.scenario.steps import BARE, NESTED, VERBS

Node: TypeAlias = dict[str, Any]
"""An object of a JSON document."""
ID = "urn:ohmstead:scenario"


def scenario_schema() -> Node:
    """Return the schema (JSON Schema, draft 2020-12)."""
    kinds = [Head, *(kind for word, kind in VERBS.items() if word not in NESTED)]
    (_, *shown), definitions = msgspec.json.schema_components(
        kinds, ref_template="#/$defs/{name}", schema_hook=_anything
    )
    top = definitions.pop(Head.__name__)
    verbs = dict(zip((word for word in VERBS if word not in NESTED), shown, strict=True))
    properties = {word: _argument(word, schema, definitions) for word, schema in verbs.items()}
    definitions["Steps"] = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Step"}}
    definitions["Step"] = _step(properties | _nested())
    top["properties"]["steps"] = {"$ref": "#/$defs/Steps"}
    used = {name for name in definitions if f'"#/$defs/{name}"' in _text([top, definitions])}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        **top,
        "title": "Ohmstead scenario",
        "$defs": {name: schema for name, schema in sorted(definitions.items()) if name in used},
    }


def _argument(word: str, schema: Node, definitions: Node) -> Node:
    """Return what stands behind a verb: its fields, its only field, or nothing where it needs none."""
    kind = VERBS[word]
    own = definitions[schema["$ref"].rpartition("/")[2]]
    about = {"description": kind.summary if issubclass(kind, HandAction) else own.get("description", "")}
    if word in BARE:
        return {**own["properties"][BARE[word]], **about}
    if own.get("required"):
        return {**schema, **about}
    return {"anyOf": [schema, {"type": "null"}], **about}


def _nested() -> Node:
    steps = {"$ref": "#/$defs/Steps"}
    times = {"type": "integer", "minimum": 1, "maximum": 100_000}
    return {
        "repeat": {
            "description": "The steps are done again and again.",
            "type": "object",
            "properties": {"times": times, "steps": steps},
            "required": ["times", "steps"],
            "additionalProperties": False,
        },
        "together": {
            "description": "Lists of steps that are done side by side.",
            "type": "array",
            "minItems": 1,
            "items": steps,
        },
    }


def _step(properties: Node) -> Node:
    common = {
        "station": {"type": "string", "description": "Which one; none: that of the step around it, or the first."},
        "name": {"type": "string", "maxLength": 200, "description": "For people."},
        "within": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}], "description": "Time at most."},
    }
    return {
        "description": "One verb with its arguments.",
        "type": "object",
        "properties": properties | common,
        "oneOf": [{"required": [word]} for word in properties],
        "additionalProperties": False,
    }


def _anything(kind: type) -> Node:
    """Return the schema of JSON of any kind, which is what `object` stands for here."""
    if kind is object:
        return {"description": "JSON of any kind."}
    raise NotImplementedError(kind)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
