"""What is stored holds messages: customData in each of their types survives the way into a row and back."""

import json
from random import Random

import pytest

from ohmstead.wire import codec
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import AuthorizeResponse, HeartbeatResponse
from ohmstead.wire.rows import from_row, to_row
from tests.wire import schema_instances as instances
from tests.wire.test_messages import KINDS


@pytest.mark.parametrize("name", instances.NAMES)
def test_custom_data_in_every_type_survives_wire_and_row(name: str) -> None:
    payload = instances.instance(name, Random(name), share=1.0)
    assert "vendorId" in json.dumps(payload)
    message = codec.decode(KINDS[name], json.dumps(payload))
    assert json.loads(codec.encode(message)) == payload
    assert from_row(to_row(message), KINDS[name]) == message


@pytest.mark.parametrize("levels", [1, 63])
def test_extensions_may_be_nested(levels: int) -> None:
    message = codec.decode(HeartbeatResponse, beat(levels))
    assert from_row(to_row(((message,),)), tuple[tuple[HeartbeatResponse]]) == ((message,),)


@pytest.mark.parametrize("levels", [64, 700])
def test_nested_beyond_what_a_row_can_carry_they_are_refused(levels: int) -> None:
    with pytest.raises(CallError) as refused:
        codec.decode(HeartbeatResponse, beat(levels))
    assert refused.value.code is ErrorCode.FormatViolation


def beat(levels: int) -> str:
    nested = "[" * levels + "]" * levels
    return f'{{"currentTime":"2026-01-01T00:00:00Z","customData":{{"vendorId":"v","deep":{nested}}}}}'


@pytest.mark.parametrize("written", ["300", "300.0", "3e2", "3E+2", "30000e-2"])
def test_whole_numbers_are_integers_however_written(written: str) -> None:
    payload = f'{{"currentTime":"2026-01-01T00:00:00Z","status":"Accepted","interval":{written}}}'
    boot = codec.decode(KINDS["BootNotificationResponse"], payload)
    assert json.loads(codec.encode(boot))["interval"] == 300


@pytest.mark.parametrize("written", ["300.5", "3e-2", "1e300", "4294967296.0", '"300"', "true"])
def test_other_numbers_are_refused_by_the_name_of_the_field(written: str) -> None:
    payload = f'{{"currentTime":"2026-01-01T00:00:00Z","status":"Accepted","interval":{written}}}'
    with pytest.raises(CallError, match=r"\$\.interval"):
        codec.decode(KINDS["BootNotificationResponse"], payload)


def test_contents_left_open_stay_as_written() -> None:
    payload = (
        '{"idTokenInfo":{"status":"Accepted","chargingPriority":3.0,"customData":{"vendorId":"v","a":1.0,"b":[2e0]}}}'
    )
    answer = codec.decode(AuthorizeResponse, payload)
    assert answer.id_token_info.charging_priority == 3
    custom = answer.id_token_info.custom_data
    assert custom is not None
    assert [type(custom.fields["a"]), custom.fields["b"]] == [float, [2.0]]
    call = codec.decode(KINDS["GetReportRequest"], '{"requestId":1e0,"customData":{"vendorId":"v"}}')
    assert json.loads(codec.encode(call))["requestId"] == 1
    data = codec.decode(KINDS["DataTransferRequest"], '{"vendorId":"v","data":{"a":1.0}}')
    assert b'"data":{"a":1.0}' in codec.encode(data)
