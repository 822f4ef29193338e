"""What the lab finds on a station that is none of ours: each fault of the protocol, and each general rule."""

import json

import pytest

from ohmstead.lab.cases import tester
from ohmstead.lab.cases.case import Case
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.link import Link
from ohmstead.wire import messages as wire
from tests.lab.stranger import judge

AT = "2026-01-01T00:00:00Z"


def call(identifier: str, action: str, payload: object) -> str:
    """Return a CALL."""
    return json.dumps([2, identifier, action, payload])


def event(number: int, kind: str = "Updated", *, identifier: str = "", **fields: object) -> str:
    """Return a TransactionEvent of the transaction `tx`."""
    payload = {
        "eventType": kind,
        "timestamp": AT,
        "triggerReason": "ChargingStateChanged",
        "seqNo": number,
        "transactionInfo": {"transactionId": "tx"},
        **fields,
    }
    return call(identifier or f"m{number}", "TransactionEvent", payload)


def says(*frames: str, waits: bool = True) -> Result:
    """Judge a station that says this, by a case that consumes every TransactionEvent and looks at nothing."""

    async def script(link: Link) -> None:
        for frame in frames:
            await link.send(frame)
            if waits:
                await link.receive()

    async def body(t: tester.Tester) -> None:
        await t.start()
        await t.elapse(1)
        while await t.maybe(wire.TransactionEventRequest, within=0) is not None:
            pass

    return judge(script, Case(id="TC_X_00_CS", title="", body=body, boots=False))


def test_a_station_that_does_right_passes() -> None:
    """Or nothing here would prove anything."""
    assert says(event(0, "Started"), event(1), event(2, "Ended")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ((event(0, "Started"), event(2, "Ended")), "wanted no gap, got [1] missing"),
        ((event(0), event(1, "Ended")), "wanted Started first"),
        ((event(0, "Started"), event(1, "Started")), "wanted Started once"),
        ((event(0, "Started"), event(1, "Ended"), event(2)), "wanted Ended last"),
        ((event(0, "Started"), event(0, identifier="other")), "wanted one that is new"),
        ((event(0, "Started", identifier="a"), event(0, "Updated", identifier="a")), "the same content"),
        ((event(0, "Started", timestamp="2026-01-01T00:10:00Z"),), "not after"),
        ((event(0, "Started", timestamp="2025-12-31T23:50:00Z"),), "close to"),
        ((event(0, "Started", timestamp="2026-01-01T00:00:00.090Z", offline=True),), "the connection was never lost"),
        ((event(0, "Started", evse={"id": 1}), event(1, evse={"id": 2})), "evse.id: wanted 1, got 2"),
        ((call("m", "FirmwareStatusNotification", {"status": "Installed", "requestId": 7}),), "requestId"),
        ((call("m", "Heartbeat", {"wrong": 1}),), "HeartbeatRequest.wrong: wanted nothing: the schema"),
        ((call("m", "StatusNotification", {"timestamp": AT}),), "connectorStatus: wanted a value: the field is"),
        ((call("m", "Invented", {}),), "wanted an action of OCPP 2.0.1"),
        (("[3, \"nobody\", {}]",), "which is not waiting"),
    ],
)  # fmt: skip
def test_a_fault_is_found(frames: tuple[str, ...], reason: str) -> None:
    """Each of them fails the case, and the failure says why."""
    result = says(*frames, waits=not frames[0].startswith("[3"))
    assert (result.verdict, reason in result.reason) == (Verdict.FAIL, True), result.reason


def test_garbage_is_found() -> None:
    """What is no OCPP-J frame at all."""
    assert "an OCPP-J frame" in says("hello", waits=False).reason


def test_a_retransmission_is_no_new_message() -> None:
    """The same id with the same content: delivery is at least once."""
    assert says(event(0, "Started"), event(0, "Started", identifier="m0"), event(1, "Ended")).verdict is Verdict.PASS


def test_an_unexpected_message_fails() -> None:
    """What the case does not name."""
    status = {"timestamp": AT, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    assert "wanted none: nothing that the case does not name" in says(call("m", "StatusNotification", status)).reason


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("Heartbeat", {}),
        ("SecurityEventNotification", {"type": "StartupOfTheDevice", "timestamp": AT}),
        ("MeterValues", {"evseId": 1, "meterValue": [{"timestamp": AT, "sampledValue": [{"value": 1}]}]}),
    ],
)
def test_what_is_always_allowed_passes(action: str, payload: object) -> None:
    """Heartbeat, security events, meter values."""
    assert says(call("m", action, payload)).verdict is Verdict.PASS


def _asks(answer: str | None) -> Result:
    """Judge a station that answers a GetVariables with this, by a case that wants any answer."""

    async def script(link: Link) -> None:
        asked = json.loads(await link.receive())
        if answer is not None:
            await link.send(answer.replace("ID", asked[1]))

    async def body(t: tester.Tester) -> None:
        await t.start()
        await t.get("OCPPCommCtrlr.OfflineThreshold", step=2)

    return judge(script, Case(id="TC_X_00_CS", title="", body=body, boots=False))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "step 2: GetVariablesResponse: wanted an answer within 60 s, got none; no answer"),
        ('[4, "ID", "InternalError", "oh", {}]', "wanted a CALLRESULT, got CALLERROR InternalError: oh"),
        ('[3, "ID", {}]', "getVariableResult: wanted a value: the field is required"),
    ],
)
def test_a_wrong_answer_is_found(answer: str | None, reason: str) -> None:
    """Silence, refusal, nonsense."""
    assert reason in _asks(answer).reason


def test_the_log_has_both_ways_up_to_the_failure() -> None:
    """What a failure prints."""
    result = _asks('[3, "ID", {}]')
    assert [entry.way for entry in result.log if entry.way != "."] == [">", "<"]


def test_a_bug_of_the_lab_is_inconclusive() -> None:
    """Nobody's station is to blame for it."""

    async def script(_link: Link) -> None:
        """Say nothing."""

    async def body(_t: tester.Tester) -> None:
        raise ZeroDivisionError("oh")

    result = judge(script, Case(id="TC_X_00_CS", title="", body=body, boots=False))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, "the lab broke: ZeroDivisionError: oh")
