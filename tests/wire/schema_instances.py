"""Instances of the official JSON schemas, and damaged copies of them, for tests of the decoder."""

import copy
import json
import string
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import TypeAlias

import jsonschema  # type: ignore[import-untyped]

from tools.wire_messages import schema_directory

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Schema: TypeAlias = dict[str, "Json"]

NAMES = sorted(path.stem for path in schema_directory().glob("*.json"))
"""The 128 messages."""

INSTANT = "2026-11-23T22:04:37Z"

STRANGE: list[Json] = [None, True, 0, -1, 1001, 0.5, "", "x", "Accepted", INSTANT, [], [1], {}, {"vendorId": "v"}]


@cache
def schema(name: str) -> Schema:
    loaded: Schema = json.loads((schema_directory() / f"{name}.json").read_text(encoding="utf-8-sig"))
    return loaded


@cache
def validator(name: str) -> jsonschema.Draft6Validator:
    return jsonschema.Draft6Validator(schema(name))


def is_valid(name: str, instance: Json) -> bool:
    return bool(validator(name).is_valid(instance))


def instance(name: str, random: Random, share: float | None = None) -> dict[str, Json]:
    """Return a valid payload of that message, with a share of its optional fields (None: a random one; 1: all)."""
    made = _instance(schema(name), schema(name), random, share)
    assert isinstance(made, dict)
    return made


def _instance(part: Json, root: Schema, random: Random, share: float | None) -> Json:
    part = _resolve(part, root)
    if "enum" in part:
        return random.choice(_list(part["enum"]))
    match part.get("type"):
        case "object":
            return _object(part, root, random, share)
        case "array":
            least = _int(part, "minItems", 0)
            most = max(least, min(_int(part, "maxItems", 3), 3))
            count = random.randint(least, most) if share is None else max(1, least)
            return [_instance(part["items"], root, random, share) for _ in range(count)]
        case "string":
            return INSTANT if "format" in part else _text(random, _int(part, "maxLength", 20))
        case "boolean":
            return random.random() < 0.5
        case "integer":
            return random.choice([_int(part, "minimum", -(2**31)), _int(part, "maximum", 2**31 - 1), 7])
        case "number":
            return random.choice([0.0, -1.5, 123456.789, 1e-9])
    contents: list[Json] = [1, "text", [None, {"null": None}], {"a": 1.5}]
    return random.choice(contents)


def _object(part: Schema, root: Schema, random: Random, share: float | None) -> Json:
    properties, required = _dict(part["properties"]), _list(part.get("required", []))
    likely = random.choice([0.0, 0.3, 1.0]) if share is None else share
    chosen = [name for name in properties if name in required or random.random() < likely]
    made = {name: _instance(properties[name], root, random, share) for name in chosen}
    if "additionalProperties" not in part and "vendorId" in made:
        made |= random.choice([{}, {"free": [None, 1.25]}, {"customData": {"x": None}}])
    return made


def _text(random: Random, longest: int) -> str:
    length = random.choice([0, 1, min(longest, 30), longest])
    return "".join(random.choice(string.printable + "äß€🚗\u2028") for _ in range(length))


def damaged(valid: dict[str, Json], random: Random) -> dict[str, Json]:
    """Return a copy with one change somewhere, which may or may not leave it valid."""
    made = copy.deepcopy(valid)
    holders = list(_containers(made))
    holder = random.choice(holders)
    if isinstance(holder, dict):
        _damage_object(holder, random)
    elif holder:
        holder[random.randrange(len(holder))] = _strange(random)
    else:
        holder.append(_strange(random))
    return made


def _damage_object(holder: dict[str, Json], random: Random) -> None:
    keys = list(holder)
    match random.randrange(6) if keys else 0:
        case 0:
            holder[random.choice(["unknown", "customData", "EvseId", "evse_id"])] = _strange(random)
        case 1:
            del holder[random.choice(keys)]
        case 2:
            key = random.choice(keys)
            value = holder[key]
            holder[key] = value * 40 + "x" if isinstance(value, str) else [value] * 5
        case 3:
            key = random.choice(keys)
            value = holder.pop(key)
            holder[random.choice([key.upper(), key + "s"])] = value
        case _:
            holder[random.choice(keys)] = _strange(random)


def _strange(random: Random) -> Json:
    return random.choice(STRANGE)


def _containers(value: Json) -> Iterator[dict[str, Json] | list[Json]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _containers(item)
    elif isinstance(value, list):
        yield value
        for item in value:
            yield from _containers(item)


def instants_ok(part: Json, value: Json, root: Schema) -> bool:
    """Whether every date-time in a valid instance is one; jsonschema does not look unless told how."""
    part = _resolve(part, root)
    if isinstance(value, dict) and "properties" in part:
        properties = _dict(part["properties"])
        return all(instants_ok(properties[key], item, root) for key, item in value.items() if key in properties)
    if isinstance(value, list) and "items" in part:
        return all(instants_ok(part["items"], item, root) for item in value)
    return "format" not in part or value == INSTANT


def _resolve(part: Json, root: Schema) -> Schema:
    part = _dict(part)
    if "$ref" in part:
        return _dict(_dict(root["definitions"])[str(part["$ref"]).rsplit("/", 1)[1]])
    return part


def _dict(value: Json) -> dict[str, Json]:
    assert isinstance(value, dict)
    return value


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


def _int(part: Schema, key: str, otherwise: int) -> int:
    value = part.get(key, otherwise)
    assert isinstance(value, int | float)
    return int(value)
