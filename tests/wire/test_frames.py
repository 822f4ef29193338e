"""Frames that can be read, and all the ways in which one cannot."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.wire import frames
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.frames import FrameError

RPC, FORMAT, TYPE = ErrorCode.RpcFrameworkError, ErrorCode.FormatViolation, ErrorCode.MessageTypeNotSupported

UNREADABLE: list[tuple[str, str | bytes, int | None, str | None, ErrorCode]] = [
    # name, frame, what can still be told: number and id, code
    ("empty", "", None, None, RPC),
    ("no json", "hello", None, None, RPC),
    ("no array", "{}", None, None, RPC),
    ("null", "null", None, None, RPC),
    ("no elements", "[]", None, None, RPC),
    ("byte order mark", '\ufeff[2,"1","Heartbeat",{}]', None, None, RPC),
    ("binary", b'[2,"1","Heartbeat",{}]', None, None, RPC),
    ("binary, no utf-8", b"\xff\xfe", None, None, RPC),
    ("number is text", '["2","1","Heartbeat",{}]', None, "1", RPC),
    ("number is a float", '[2.5,"1","Heartbeat",{}]', None, "1", RPC),
    ("unknown number", '[5,"1","Heartbeat",{}]', 5, "1", TYPE),
    ("negative number", '[-2,"1",{}]', -2, "1", TYPE),
    ("huge number", '[99999999999999999999999999,"1"]', 99999999999999999999999999, "1", TYPE),
    ("unknown number, nothing else", "[6]", 6, None, TYPE),
    ("id is a number", '[2,1,"Heartbeat",{}]', 2, None, RPC),
    ("id is null", "[3,null,{}]", 3, None, RPC),
    ("id too long", '[2,"%s","Heartbeat",{}]' % ("x" * 37), 2, None, RPC),
    ("call without payload", '[2,"1","Heartbeat"]', 2, "1", RPC),
    ("call with five elements", '[2,"1","Heartbeat",{},{}]', 2, "1", RPC),
    ("action is a number", '[2,"1",7,{}]', 2, "1", RPC),
    ("result without payload", '[3,"1"]', 3, "1", RPC),
    ("error without details", '[4,"1","GenericError",""]', 4, "1", RPC),
    ("error with details that are no object", '[4,"1","GenericError","",[]]', 4, "1", RPC),
    ("cut off in the payload", '[2,"1","Heartbeat",{"a":', 2, "1", FORMAT),
    ("cut off before the payload", '[2,"1","Heartbeat"', 2, "1", RPC),
    ("cut off in the id", '[2,"1', None, None, RPC),
    ("result cut off", '[3,"1",{"a"', 3, "1", RPC),
    ("NaN", '[2,"1","Heartbeat",{"a":NaN}]', 2, "1", FORMAT),
    ("trailing comma", '[2,"1","Heartbeat",{"a":1,}]', 2, "1", FORMAT),
    ("two documents", '[2,"1","Heartbeat",{}][]', 2, "1", FORMAT),
    ("control character", '[2,"1","Heartbeat",{"a":"\n"}]', 2, "1", FORMAT),
    ("lone surrogate", '[2,"1","Heartbeat",{"a":"\ud800"}]', 2, "1", FORMAT),
    ("lone surrogate in the id", '[2,"\ud800","Heartbeat",{}]', 2, "?", FORMAT),
    ("escaped lone surrogate", '[2,"1","Heartbeat",{"a":"\\ud800 "}]', 2, "1", FORMAT),
    ("deep arrays", "[" * 100_000, None, None, RPC),
    ("deep payload", '[2,"1","Heartbeat",' + '{"a":' * 40_000, 2, "1", FORMAT),
    ("oversize", '[2,"1","Heartbeat",{"a":"%s"}]' % ("x" * frames.DEFAULT_LIMIT), 2, "1", RPC),
    ("oversize result", '[3,"1",{"a":"%s"}]' % ("x" * frames.DEFAULT_LIMIT), 3, "1", RPC),
    ("oversize in bytes only", '[2,"1","Heartbeat",{"a":"%s"}]' % ("€" * (frames.DEFAULT_LIMIT // 2)), 2, "1", RPC),
]


@pytest.mark.parametrize(
    ("frame", "number", "message_id", "code"), [c[1:] for c in UNREADABLE], ids=[c[0] for c in UNREADABLE]
)
def test_an_unreadable_frame_is_told_as_well_as_possible(
    frame: str | bytes, number: int | None, message_id: str | None, code: ErrorCode
) -> None:
    with pytest.raises(FrameError) as caught:
        frames.parse(frame)
    assert (caught.value.number, caught.value.id, caught.value.error.code) == (number, message_id, code)


@given(st.text() | st.binary())
def test_no_input_raises_anything_else(frame: str | bytes) -> None:
    with pytest.raises(FrameError):
        frames.parse(frame)


@given(st.text(alphabet='[]{}",:23 a\\u0d8null-.e', max_size=40))
def test_nearly_json_is_read_or_refused(frame: str) -> None:
    try:
        frames.parse('[2,"1","Heartbeat",' + frame)
    except FrameError as error:
        assert error.error.code in (RPC, FORMAT)


def test_the_size_limit_is_inclusive_and_counts_bytes() -> None:
    frame = '[2,"1","Heartbeat",{"a":"€"}]'
    assert frames.parse(frame, limit=len(frame.encode()))
    with pytest.raises(FrameError, match="longer than"):
        frames.parse(frame, limit=len(frame.encode()) - 1)


ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)


@given(ids, st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_a_call_survives_the_round_trip(message_id: str, action: str) -> None:
    text = frames.call(message_id, action, msgspec.Raw(b'{"a": 1}'))
    assert json.loads(text) == [2, message_id, action, {"a": 1}]
    assert frames.parse(text) == frames.Call(message_id, action, msgspec.Raw(b'{"a": 1}'))


@given(ids)
def test_a_result_survives_the_round_trip(message_id: str) -> None:
    assert frames.parse(frames.call_result(message_id, msgspec.Raw(b"{}"))) == frames.CallResult(
        message_id, msgspec.Raw(b"{}")
    )


@given(ids, st.sampled_from(ErrorCode), st.text())
def test_an_error_is_always_written_as_the_specification_wants_it(
    message_id: str, code: ErrorCode, description: str
) -> None:
    text = frames.call_error(message_id, CallError(code, description, {"path": "$"}))
    frame = frames.parse(text)
    assert isinstance(frame, frames.CallErrorFrame)
    assert (frame.id, frame.code, frame.details) == (message_id, code, {"path": "$"})
    assert len(frame.description) <= 255


def test_details_that_are_no_json_are_left_out() -> None:
    text = frames.call_error("1", CallError(ErrorCode.InternalError, "x", {"bad": object()}))
    assert json.loads(text) == [4, "1", "InternalError", "x", {}]
