"""The RPC peer: pairing, time-outs, repetition, refusal."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.wire import messages as m
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.peer import MAX_UNANSWERED, CallReceived, Ignored, Peer, Reply, Settled, TimedOut

HEARTBEAT = m.HeartbeatRequest()
BEAT = m.HeartbeatResponse(current_time=datetime(2026, 11, 23, 22, 4, 37, tzinfo=UTC))
BEAT_RESULT = '[3,"1",{"currentTime":"2026-11-23T22:04:37Z"}]'
RESET = '[2,"1","Reset",{"type":"OnIdle"}]'


def refusal(event: object) -> tuple[str, str]:
    """Return the id and the code of a CALLERROR that is to be sent."""
    assert isinstance(event, Reply)
    number, message_id, code, description, details = json.loads(event.text)
    assert number == 4
    assert isinstance(description, str)
    assert isinstance(details, dict)
    return message_id, code


def test_a_call_is_answered() -> None:
    station, csms = Peer(), Peer()
    text = station.call(HEARTBEAT, "1", now=0, timeout=30)
    assert text == '[2,"1","Heartbeat",{}]'
    assert csms.receive(text) == CallReceived("1", "Heartbeat", HEARTBEAT)
    assert station.outstanding == "1"
    answer = csms.answer("1", BEAT)
    assert answer == BEAT_RESULT
    assert station.receive(answer) == Settled("1", BEAT)
    assert station.outstanding is None


def test_calls_of_both_sides_may_cross() -> None:
    station, csms = Peer(), Peer()
    beat = station.call(HEARTBEAT, "1", now=0, timeout=30)
    reset = csms.call(m.ResetRequest(type=m.ResetEnum.OnIdle), "1", now=0, timeout=30)
    assert isinstance(station.receive(reset), CallReceived)
    assert isinstance(csms.receive(beat), CallReceived)
    assert station.receive(csms.answer("1", BEAT)) == Settled("1", BEAT)
    accepted = m.ResetResponse(status=m.ResetStatusEnum.Accepted)
    assert csms.receive(station.answer("1", accepted)) == Settled("1", accepted)


def test_a_second_call_waits_for_the_first() -> None:
    peer = Peer()
    peer.call(HEARTBEAT, "1", now=0, timeout=30)
    with pytest.raises(RuntimeError, match="1 is outstanding"):
        peer.call(HEARTBEAT, "2", now=0, timeout=30)


def test_a_call_expires_at_its_deadline_and_not_before() -> None:
    peer = Peer()
    assert peer.next_deadline is None
    peer.call(HEARTBEAT, "1", now=100, timeout=30)
    assert peer.next_deadline == 130
    assert peer.expire(129.9) is None
    assert peer.expire(130) == TimedOut("1")
    assert peer.next_deadline is None
    assert peer.call(HEARTBEAT, "2", now=130, timeout=30)


def test_a_late_response_settles_the_retry() -> None:
    peer = Peer()
    peer.call(HEARTBEAT, "1", now=0, timeout=30)
    peer.expire(30)
    peer.call(HEARTBEAT, "1", now=60, timeout=30)
    assert peer.receive(BEAT_RESULT) == Settled("1", BEAT)
    assert isinstance(peer.receive(BEAT_RESULT), Ignored)


def test_a_late_response_between_attempts_is_marked() -> None:
    peer = Peer()
    peer.call(HEARTBEAT, "1", now=0, timeout=30)
    peer.expire(30)
    peer.call(HEARTBEAT, "2", now=30, timeout=30)
    assert peer.receive(BEAT_RESULT) == Settled("1", BEAT, late=True)
    assert peer.outstanding == "2"
    assert isinstance(peer.receive(BEAT_RESULT), Ignored)


def test_a_response_that_nobody_waits_for_is_ignored() -> None:
    assert isinstance(Peer().receive(BEAT_RESULT), Ignored)
    assert isinstance(Peer().receive('[4,"1","GenericError","",{}]'), Ignored)


def test_an_error_fails_the_call() -> None:
    peer = Peer()
    peer.call(HEARTBEAT, "1", now=0, timeout=30)
    event = peer.receive('[4,"1","SomethingOfTheirOwn","no",{"a":1}]')
    assert isinstance(event, Settled)
    assert isinstance(event.outcome, CallError)
    assert (event.outcome.code, event.outcome.description) == ("SomethingOfTheirOwn", "no")
    assert event.outcome.details == {"a": 1}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('[3,"1",{}]', ErrorCode.OccurrenceConstraintViolation),
        ('[3,"1",{"currentTime":7}]', ErrorCode.TypeConstraintViolation),
        ('[3,"1",{"currentTime":', ErrorCode.RpcFrameworkError),
        ('[3,"1"]', ErrorCode.RpcFrameworkError),
        ('[4,"1","GenericError"]', ErrorCode.RpcFrameworkError),
    ],
)
def test_a_response_that_is_not_valid_fails_the_call_and_is_not_answered(frame: str, code: ErrorCode) -> None:
    peer = Peer()
    peer.call(HEARTBEAT, "1", now=0, timeout=30)
    event = peer.receive(frame)
    assert isinstance(event, Settled)
    assert isinstance(event.outcome, CallError)
    assert event.outcome.code == code
    assert peer.outstanding is None


@pytest.mark.parametrize(
    ("frame", "message_id", "code"),
    [
        ("{", "-1", ErrorCode.RpcFrameworkError),
        (b"[]", "-1", ErrorCode.RpcFrameworkError),
        ("[" * 100_000, "-1", ErrorCode.RpcFrameworkError),
        ('[2,"%s","Heartbeat",{}]' % ("x" * 37), "-1", ErrorCode.RpcFrameworkError),
        ('[2,"1","Heartbeat"]', "1", ErrorCode.RpcFrameworkError),
        ('[2,"1","Heartbeat",{"a":}]', "1", ErrorCode.FormatViolation),
        ('[7,"1",{}]', "1", ErrorCode.MessageTypeNotSupported),
        ("[7]", "-1", ErrorCode.MessageTypeNotSupported),
        ('[2,"1","MakeCoffee",{}]', "1", ErrorCode.NotImplemented),
        ('[2,"1","heartbeat",{}]', "1", ErrorCode.NotImplemented),
        ('[2,"1","SetDisplayMessage",{"nonsense":1}]', "1", ErrorCode.NotSupported),
        ('[2,"1","Heartbeat",[]]', "1", ErrorCode.ProtocolError),
        ('[2,"1","Heartbeat",{"a":1}]', "1", ErrorCode.FormatViolation),
        ('[2,"1","Reset",{}]', "1", ErrorCode.OccurrenceConstraintViolation),
        ('[2,"1","Reset",{"type":"Soft"}]', "1", ErrorCode.PropertyConstraintViolation),
        ('[2,"1","Reset",{"type":3}]', "1", ErrorCode.TypeConstraintViolation),
        ('[2,"1","Reset",{"type":"OnIdle","evseId":null}]', "1", ErrorCode.TypeConstraintViolation),
    ],
)
def test_a_call_that_cannot_be_served_is_refused(frame: str | bytes, message_id: str, code: ErrorCode) -> None:
    peer = Peer(supported=lambda action: action != "SetDisplayMessage")
    assert refusal(peer.receive(frame)) == (message_id, code)
    assert isinstance(peer.receive(RESET), CallReceived)


@pytest.mark.parametrize("frame", ["[3,null,{}]", '[3,"9"]', '[4,"9"]', "[4]"])
def test_a_response_is_never_answered(frame: str) -> None:
    assert isinstance(Peer().receive(frame), Ignored)


def test_a_call_that_comes_again_while_it_is_served_is_left_alone() -> None:
    peer = Peer()
    peer.receive(RESET)
    assert isinstance(peer.receive(RESET), Ignored)


def test_a_call_that_comes_again_gets_the_same_answer() -> None:
    peer = Peer()
    peer.receive(RESET)
    answer = peer.answer("1", m.ResetResponse(status=m.ResetStatusEnum.Scheduled))
    event = peer.receive(RESET)
    assert isinstance(event, Reply)
    assert event.text == answer


def test_a_call_that_was_refused_may_be_tried_again() -> None:
    """E13.FR.02: a retry keeps its message id, and what failed once need not fail for ever."""
    peer = Peer()
    peer.receive(RESET)
    peer.refuse("1", CallError(ErrorCode.InternalError))
    assert isinstance(peer.receive(RESET), CallReceived)
    answer = peer.answer("1", m.ResetResponse(status=m.ResetStatusEnum.Scheduled))
    event = peer.receive(RESET)
    assert isinstance(event, Reply)
    assert event.text == answer


@pytest.mark.parametrize("answered", [False, True])
def test_another_call_under_a_used_id_is_refused(answered: bool) -> None:
    peer = Peer()
    peer.receive(RESET)
    if answered:
        peer.refuse("1", CallError(ErrorCode.InternalError))
    assert refusal(peer.receive('[2,"1","Reset",{"type":"Immediate"}]')) == ("1", ErrorCode.RpcFrameworkError)


def test_a_flood_of_calls_is_refused() -> None:
    peer = Peer()
    for number in range(MAX_UNANSWERED):
        assert isinstance(peer.receive(f'[2,"{number}","Heartbeat",{{}}]'), CallReceived)
    assert refusal(peer.receive('[2,"x","Heartbeat",{}]')) == ("x", ErrorCode.GenericError)


def test_an_invalid_request_of_our_own_is_not_sent() -> None:
    peer = Peer()
    with pytest.raises(InvalidMessage, match="ResetRequest"):
        peer.call(m.ResetRequest(type=m.ResetEnum.OnIdle, evse_id=2**31), "1", now=0, timeout=30)
    with pytest.raises(InvalidMessage, match="36 characters"):
        peer.call(HEARTBEAT, "x" * 37, now=0, timeout=30)
    assert peer.outstanding is None


def test_an_invalid_answer_of_our_own_can_still_be_refused() -> None:
    peer = Peer()
    peer.receive(RESET)
    with pytest.raises(InvalidMessage, match="not answered with HeartbeatResponse"):
        peer.answer("1", BEAT)
    bad = m.ResetResponse(status=m.ResetStatusEnum.Accepted, status_info=m.StatusInfo(reason_code="x" * 21))
    with pytest.raises(InvalidMessage, match="reasonCode"):
        peer.answer("1", bad)
    assert json.loads(peer.refuse("1", CallError(ErrorCode.InternalError)))[:3] == [4, "1", "InternalError"]


def test_checking_what_is_sent_can_be_left_out() -> None:
    request = m.ResetRequest(type=m.ResetEnum.OnIdle, evse_id=2**31)
    assert "2147483648" in Peer(validate_outgoing=False).call(request, "1", now=0, timeout=30)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_medium_does_a_call_is_settled_at_most_once(data: st.DataObject) -> None:
    """A medium that loses, delays, repeats and reorders, while calls expire."""
    caller, callee = Peer(), Peer()
    calls: list[str] = []
    results: list[str] = []
    unanswered: list[str] = []
    asked: list[str] = []
    settled: list[str] = []
    now = 0.0
    for step in data.draw(st.lists(st.sampled_from(["call", "deliver", "answer", "return", "wait"]), max_size=60)):
        if step == "call" and caller.outstanding is None:
            calls.append(caller.call(HEARTBEAT, f"c{len(calls)}", now, 10))
        elif step == "deliver" and calls:
            event = callee.receive(data.draw(st.sampled_from(calls)))
            if isinstance(event, CallReceived):
                unanswered.append(event.id)
                asked.append(event.id)
        elif step == "answer" and unanswered:
            results.append(callee.answer(unanswered.pop(), BEAT))
        elif step == "return" and results:
            event = caller.receive(data.draw(st.sampled_from(results)))
            if isinstance(event, Settled):
                settled.append(event.id)
        elif step == "wait":
            now += 10
            caller.expire(now)
    assert len(set(settled)) == len(settled)
    assert set(settled) <= set(asked)


@given(st.lists(st.sampled_from(["1", "2", "3"]), max_size=30))
def test_a_call_that_is_repeated_at_once_is_served_once(ids: list[str]) -> None:
    peer = Peer()
    events = [peer.receive(f'[2,"{message_id}","Heartbeat",{{}}]') for message_id in ids]
    served = [event.id for event in events if isinstance(event, CallReceived)]
    assert served == list(dict.fromkeys(ids))
