"""The generated messages against the official JSON schemas, read by another validator."""

import json
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohmstead.wire import codec, messages
from ohmstead.wire.actions import ACTION_OF, ACTIONS, RESPONSE_OF
from ohmstead.wire.base import Payload, Request, Response
from ohmstead.wire.errors import CallError
from tests.wire import schema_instances as instances
from tools.wire_messages import bundle, class_name

KINDS: dict[str, type[Payload]] = {kind.__name__: kind for pair in ACTIONS.values() for kind in pair}
TYPES = [name for name, schema in bundle().items() if "enum" not in schema and name != "CustomDataType"]
ENUMS = [name for name, schema in bundle().items() if "enum" in schema]

seeds = given(seed=st.integers(0, 2**32 - 1))
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decodes(name: str, payload: instances.Json) -> bool:
    try:
        codec.decode(KINDS[name], json.dumps(payload))
    except CallError:
        return False
    return True


def test_every_message_of_the_specification_is_there() -> None:
    assert sorted(KINDS) == instances.NAMES
    assert len(ACTIONS) == 64


@pytest.mark.parametrize("name", TYPES)
def test_fields_have_the_names_of_the_specification(name: str) -> None:
    properties, required = bundle()[name]["properties"], bundle()[name].get("required", [])
    fields = msgspec.structs.fields(getattr(messages, class_name(name)))
    assert isinstance(properties, dict)
    assert {field.encode_name for field in fields} == set(properties)
    assert isinstance(required, list)
    assert {field.encode_name for field in fields if field.required} == set(required)


@pytest.mark.parametrize("name", ENUMS)
def test_enumerations_have_the_values_of_the_specification(name: str) -> None:
    assert [str(member) for member in getattr(messages, class_name(name))] == bundle()[name]["enum"]


@pytest.mark.parametrize("name", instances.NAMES)
@few
@seeds
def test_a_valid_payload_survives_the_round_trip(name: str, seed: int) -> None:
    payload = instances.instance(name, Random(seed))
    message = codec.decode(KINDS[name], json.dumps(payload))
    assert json.loads(codec.encode(message)) == payload


@pytest.mark.parametrize("name", instances.NAMES)
@few
@seeds
def test_a_damaged_payload_is_judged_as_by_jsonschema(name: str, seed: int) -> None:
    random = Random(seed)
    payload = instances.damaged(instances.instance(name, random), random)
    schema = instances.schema(name)
    wanted = instances.is_valid(name, payload) and instances.instants_ok(schema, payload, schema)
    assert decodes(name, payload) == wanted


@pytest.mark.parametrize(("request_type", "response_type"), RESPONSE_OF.items())
def test_a_request_names_its_response(request_type: type[Request[Response]], response_type: type[Response]) -> None:
    bases: tuple[object, ...] = getattr(request_type, "__orig_bases__", ())
    assert bases == (Request[response_type],)  # type: ignore[valid-type]
    assert ACTION_OF[request_type] == ACTION_OF[response_type] == request_type.__name__.removesuffix("Request")


def test_integers_have_32_bits() -> None:
    """The schemas set no limit; the specification's integer does."""
    assert decodes("ClearVariableMonitoringRequest", {"id": [2**31 - 1, -(2**31)]})
    assert not decodes("ClearVariableMonitoringRequest", {"id": [2**31]})
    assert not decodes("ClearVariableMonitoringRequest", {"id": [10**30]})
