"""What the codec does beside the schemas: absence, null, open contents, instants, errors."""

import json
import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.wire import codec
from ohmstead.wire import messages as m
from ohmstead.wire.base import CustomData, Payload, timestamp
from ohmstead.wire.errors import CallError, ErrorCode

EVENT = '{"eventType":"Updated","timestamp":"2026-11-23T22:04:37Z","triggerReason":"Trigger","seqNo":1,'
EVENT += '"transactionInfo":{"transactionId":"t"}%s}'
HASH = '{"hashAlgorithm":"SHA256","issuerNameHash":"","issuerKeyHash":"","serialNumber":"","responderURL":""}'
VARIABLE = '{"getVariableData":[{"component":{"name":"c"%s},"variable":{"name":"v"}}]}'

ERRORS: list[tuple[type[Payload], str, ErrorCode, str]] = [
    # kind, payload, code, description: msgspec's words, which the table of error codes reads
    (
        m.ResetRequest,
        "{}",
        ErrorCode.OccurrenceConstraintViolation,
        "$: Object missing required field `type`",
    ),
    (
        m.GetVariablesRequest,
        '{"getVariableData":[]}',
        ErrorCode.OccurrenceConstraintViolation,
        "$.getVariableData: Expected `array` of length >= 1",
    ),
    (
        m.AuthorizeRequest,
        '{"idToken":{"idToken":"x","type":"Central"},"iso15118CertificateHashData":[' + ",".join([HASH] * 5) + "]}",
        ErrorCode.OccurrenceConstraintViolation,
        "$.iso15118CertificateHashData: Expected `array` of length <= 4",
    ),
    (
        m.ResetRequest,
        '{"type":"Immediate","evse":1}',
        ErrorCode.FormatViolation,
        "$: Object contains unknown field `evse`",
    ),
    (
        m.ResetRequest,
        '{"type":"Soft"}',
        ErrorCode.PropertyConstraintViolation,
        "$.type: Invalid enum value 'Soft'",
    ),
    (
        m.GetVariablesRequest,
        VARIABLE % (',"instance":"%s"' % ("x" * 51)),
        ErrorCode.PropertyConstraintViolation,
        "$.getVariableData[0].component.instance: Expected `str` of length <= 50",
    ),
    (
        m.ResetRequest,
        '{"type":"Immediate","evseId":2147483648}',
        ErrorCode.PropertyConstraintViolation,
        "$.evseId: Expected `int` <= 2147483647",
    ),
    (
        m.ResetRequest,
        '{"type":"Immediate","evseId":-2147483649}',
        ErrorCode.PropertyConstraintViolation,
        "$.evseId: Expected `int` >= -2147483648",
    ),
    (
        m.CostUpdatedRequest,
        '{"totalCost":1e999,"transactionId":"t"}',
        ErrorCode.PropertyConstraintViolation,
        "$.totalCost: Number out of range",
    ),
    (
        m.ResetRequest,
        '{"type":1}',
        ErrorCode.TypeConstraintViolation,
        "$.type: Expected `str`, got `int`",
    ),
    (
        m.ResetRequest,
        '{"type":"Immediate","evseId":"1"}',
        ErrorCode.TypeConstraintViolation,
        "$.evseId: Expected `int | null`, got `str`",
    ),
    (
        m.ResetRequest,
        '{"type":null}',
        ErrorCode.TypeConstraintViolation,
        "$.type: Expected `str`, got `null`",
    ),
    (
        m.TransactionEventRequest,
        EVENT.replace("22:04:37Z", "25:04:37Z") % "",
        ErrorCode.TypeConstraintViolation,
        "$.timestamp: Invalid RFC3339 encoded datetime",
    ),
    (
        m.TransactionEventRequest,
        EVENT.replace("22:04:37Z", "22:04:37") % "",
        ErrorCode.TypeConstraintViolation,
        "$.timestamp: the instant has no offset from UTC, such as the Z of 2026-01-31T12:00:00Z",
    ),
    (
        m.HeartbeatRequest,
        "[]",
        ErrorCode.ProtocolError,
        "the payload is no JSON object: Expected `object`, got `array`",
    ),
    (
        m.HeartbeatRequest,
        "null",
        ErrorCode.ProtocolError,
        "the payload is no JSON object: Expected `object`, got `null`",
    ),
    (m.HeartbeatRequest, "{", ErrorCode.FormatViolation, "Input data was truncated"),
    (
        m.HeartbeatRequest,
        '{"customData":NaN}',
        ErrorCode.FormatViolation,
        "JSON is malformed: invalid character (byte 14)",
    ),
    (
        m.HeartbeatRequest,
        '{"customData":{}}',
        ErrorCode.OccurrenceConstraintViolation,
        "$.customData: Object missing required field `vendorId`",
    ),
    (
        m.HeartbeatRequest,
        '{"customData":{"vendorId":7}}',
        ErrorCode.TypeConstraintViolation,
        "$.customData: Expected `str`, got `int`",
    ),
    (
        m.HeartbeatRequest,
        '{"customData":{"vendorId":"%s"}}' % ("x" * 256),
        ErrorCode.PropertyConstraintViolation,
        "$.customData: Expected `str` of length <= 255",
    ),
    (
        m.HeartbeatRequest,
        '{"customData":[]}',
        ErrorCode.TypeConstraintViolation,
        "$.customData: Expected `object`, got `array`",
    ),
    (
        m.GetVariablesRequest,
        VARIABLE % ',"instance":null',
        ErrorCode.TypeConstraintViolation,
        "$.getVariableData[0].component.instance: null is no value; leave the field out",
    ),
    (
        m.TransactionEventRequest,
        EVENT % ',"customData":null',
        ErrorCode.TypeConstraintViolation,
        "$.customData: null is no value; leave the field out",
    ),
]


@pytest.mark.parametrize(("kind", "payload", "code", "description"), ERRORS)
def test_what_is_wrong_is_said_with_code_and_field(
    kind: type[Payload], payload: str, code: ErrorCode, description: str
) -> None:
    with pytest.raises(CallError) as caught:
        codec.decode(kind, payload)
    assert (caught.value.code, caught.value.description) == (code, description)


def test_the_details_name_the_field() -> None:
    with pytest.raises(CallError) as caught:
        codec.decode(m.ResetRequest, '{"type":"Immediate","evseId":"1"}')
    assert caught.value.details == {"path": "$.evseId"}


def test_a_description_fits_the_specification() -> None:
    with pytest.raises(CallError) as caught:
        codec.decode(m.ResetRequest, '{"type":"%s"}' % ("x" * 1000))
    assert len(caught.value.description) == 255


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_an_error_and_no_crash(opening: str) -> None:
    with pytest.raises(CallError) as caught:
        codec.decode(m.DataTransferRequest, '{"vendorId":"v","data":' + opening * 100_000)
    assert caught.value.code == ErrorCode.FormatViolation


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values.filter(lambda value: value is not None))
def test_data_of_a_data_transfer_is_carried_as_it_was_written(value: object) -> None:
    text = json.dumps(value, indent=1)
    message = codec.decode(m.DataTransferRequest, f'{{"vendorId":"null","data":{text}}}')
    assert bytes(message.data).decode() == text
    assert text.encode() in codec.encode(message)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_custom_data_is_carried_untouched(fields: dict[str, object]) -> None:
    fields = {**fields, "vendorId": "v", "null": None}
    message = codec.decode(m.HeartbeatRequest, json.dumps({"customData": fields}))
    assert message.custom_data == CustomData(fields)
    assert json.loads(codec.encode(message)) == {"customData": fields}


@given(st.text(max_size=50))
def test_a_text_that_says_null_is_no_null(text: str) -> None:
    payload = json.dumps({"idToken": {"idToken": "null", "type": "Central"}, "certificate": "null" + text})
    assert codec.decode(m.AuthorizeRequest, payload).certificate == "null" + text


def test_absent_optional_fields_are_not_written() -> None:
    assert codec.encode(m.ResetRequest(type=m.ResetEnum.OnIdle)) == b'{"type":"OnIdle"}'
    assert codec.encode(m.DataTransferRequest(vendor_id="v")) == b'{"vendorId":"v"}'


MOMENTS = st.datetimes(timezones=st.timezones()).filter(lambda moment: 1900 < moment.year < 2900)


@given(MOMENTS)
def test_a_timestamp_is_utc_in_whole_seconds(moment: datetime) -> None:
    written = msgspec.json.encode(timestamp(moment)).decode().strip('"')
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", written)
    assert timedelta(0) <= moment - datetime.fromisoformat(written) < timedelta(seconds=1)


@given(MOMENTS, st.text(max_size=50))
def test_no_instant_is_written_with_decimals(moment: datetime, text: str) -> None:
    text = f"2026-11-23T22:04:37.123456Z{text}"
    value = m.SampledValue(
        value=0.5,
        signed_meter_value=m.SignedMeterValue(
            signed_meter_data=text, signing_method="", encoding_method="", public_key=""
        ),
    )
    request = m.MeterValuesRequest(
        evse_id=1, meter_value=(m.MeterValue(timestamp=moment.astimezone(UTC), sampled_value=(value,)),)
    )
    decoded = codec.decode(m.MeterValuesRequest, codec.encode(request))
    assert decoded.meter_value[0].timestamp == timestamp(moment)
    assert decoded.meter_value[0].sampled_value == (value,)


def test_an_instant_with_an_offset_is_understood() -> None:
    message = codec.decode(m.TransactionEventRequest, EVENT.replace("37Z", "37.1234567+02:00") % "")
    assert message.timestamp.astimezone(UTC) == datetime(2026, 11, 23, 20, 4, 37, 123457, UTC)


def test_own_messages_are_checked_too() -> None:
    request = m.ResetRequest(type=m.ResetEnum.OnIdle, evse_id=2**31)
    with pytest.raises(codec.InvalidMessage, match=r"ResetRequest.*evseId"):
        codec.check(type(request), codec.encode(request))


def test_what_json_cannot_hold_is_found_before_it_is_sent() -> None:
    with pytest.raises(codec.InvalidMessage, match="AuthorizeRequest"):
        codec.encode(m.AuthorizeRequest(id_token=m.IdToken(id_token="\ud800", type=m.IdTokenEnum.Central)))
