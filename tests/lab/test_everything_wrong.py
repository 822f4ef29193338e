"""A case tells everything that was wrong until it was over: one fault of a station does not hide another."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.case_log import hinders
from ohmstead.lab.cases.checks import check
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.readable import readable
from ohmstead.lab.evidence.judge import confirmed, judge_tape, judgment
from ohmstead.lab.evidence.tape import FIRST_FINDING_FORMAT, FORMAT
from ohmstead.lab.report.causes import causes
from ohmstead.lab.report.explanation import explain
from ohmstead.lab.report.plain_text import plain_text
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Failed, Result, Verdict
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.lab.mutation import mutants

PRODUCT = load("sec1000-240y")
CASE = "TC_B_01_CS"
WRONG = ("boot-another-vendor-name", "boot-no-statuses")
STATUS = b'{"timestamp":%s,"connectorStatus":%s,"evseId":1,"connectorId":1}'


def both_wrong(*names: str, case: str = CASE) -> Result:
    """Run a case on a station that is wrong in several places."""

    @contextmanager
    def mutated() -> Iterator[None]:
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(mutants()[name].mutate())
            yield

    return run_in_memory(load_cases()[case], PRODUCT, LabConfig(), mutate=mutated, record=True)


def test_what_is_wrong_after_the_first_is_told() -> None:
    """No status is told, and BootNotification names another vendor; the first is the reason."""
    result = both_wrong(*WRONG)
    assert result.verdict is Verdict.FAIL
    assert result.finding is not None
    assert result.reason == str(result.finding)
    told = {one.field for one in (result.finding, *result.also)}
    assert told == {"BootNotificationRequest.chargingStation.vendorName", "StatusNotificationRequest"}


def test_its_tape_leads_to_all_of_them() -> None:
    """Judged again, the same byte by byte; a tape of a lab that ended a case at once, to the first alone."""
    result = both_wrong(*WRONG)
    assert confirmed(result, PRODUCT, LabConfig()) == result
    lines = result.evidence.splitlines(keepends=True)
    assert FORMAT in lines[0]


def test_a_status_that_is_not_told_hides_no_other_fault() -> None:
    """The case charges and stops all the same."""
    result = both_wrong("status-not-sent", case="TC_E_03_CS")
    assert result.verdict is Verdict.FAIL
    assert result.finding is not None
    assert result.finding.field.startswith("StatusNotificationRequest")
    events = [line.text for line in result.log if line.way == "<" and '"Charging"' in line.text]
    assert events


def test_each_is_explained_and_grouped() -> None:
    """One text has both; a cause for each."""
    why = explain(both_wrong(*WRONG))
    assert why is not None
    assert why.also
    text = plain_text(why)
    assert all(one.wanted in text and one.right in text for one in (why, *why.also))
    found = causes({CASE: why})
    assert len(found) == 1 + len(why.also)
    assert all(cause.cases == (CASE,) for cause in found)


def test_check_tells_all_fields() -> None:
    moment = readable(wire.StatusNotificationRequest, STATUS % (b'"2026-01-31T12:00:00Z"', b'"Available"'))
    assert moment is not None
    with pytest.raises(Failed) as failed:
        check(1, moment, {"connector_status": "Occupied", "evse_id": 1, "connector_id": 2})
    fields = [one.field for one in (failed.value.finding, *failed.value.also)]
    assert fields == ["StatusNotificationRequest.connectorStatus", "StatusNotificationRequest.connectorId"]


@pytest.mark.parametrize(
    ("kind", "fields", "ends"),
    [
        (wire.ResetResponse, ["ResetResponse.status"], True),
        (wire.GetVariablesResponse, ["GetVariablesResponse.getVariableResult.0.attributeStatus"], False),
        (wire.TransactionEventRequest, ["TransactionEventRequest.triggerReason"], False),
        (wire.TransactionEventRequest, ["TransactionEventRequest.transactionInfo.stoppedReason"], False),
        (wire.TransactionEventRequest, ["TransactionEventRequest.eventType"], True),
        (
            wire.TransactionEventRequest,
            ["TransactionEventRequest.triggerReason", "TransactionEventRequest.transactionInfo.chargingState"],
            True,
        ),
        (wire.BootNotificationRequest, ["BootNotificationRequest.reason"], False),
    ],
)
def test_what_the_next_step_needs_ends_the_case(kind: type[msgspec.Struct], fields: list[str], ends: bool) -> None:
    example = {
        wire.ResetResponse: b'{"status":"Accepted"}',
        wire.GetVariablesResponse: b'{"getVariableResult":[{"attributeStatus":"Accepted","component":{"name":"A"},'
        b'"variable":{"name":"B"}}]}',
        wire.TransactionEventRequest: b'{"eventType":"Started","timestamp":"2026-01-31T12:00:00Z","seqNo":0,'
        b'"triggerReason":"Authorized","transactionInfo":{"transactionId":"1"}}',
        wire.BootNotificationRequest: b'{"reason":"PowerUp","chargingStation":{"model":"a","vendorName":"b"}}',
    }
    message = msgspec.json.decode(example[kind], type=kind)
    assert hinders(message, fields) is ends


def test_a_payload_is_read_where_only_its_writing_is_wrong() -> None:
    """Instants without an offset, fields that the schema does not have; nothing is guessed."""
    without = readable(wire.StatusNotificationRequest, STATUS % (b'"2026-01-31T12:00:00"', b'"Available","extra":1'))
    assert without is not None
    assert without.timestamp.isoformat() == "2026-01-31T12:00:00+00:00"
    assert readable(wire.StatusNotificationRequest, STATUS % (b'"2026-01-31T12:00:00Z"', b'"Charging"')) is None
    assert readable(wire.StatusNotificationRequest, STATUS % (b'"yesterday"', b'"Available"')) is None


def test_an_earlier_tape_is_judged_as_its_lab_did() -> None:
    """It ended at the first finding, and is no misfit because a case goes on today."""
    case = load_cases()[CASE]
    result = both_wrong(*WRONG)
    old = result.evidence.replace(FORMAT, FIRST_FINDING_FORMAT, 1)
    again = judge_tape(old, case, PRODUCT, LabConfig())
    # This one goes on behind the finding: only of a lab that went on is that evidence.
    assert judgment(again).also == ()


def test_a_message_that_does_not_come_is_not_said_to_be_another() -> None:
    """A StatusNotification that never comes is no NotifyEvent, in which the readings of F_23 would part."""
    result = both_wrong("trigger-sends-nothing", case="TC_F_23_CS")
    assert result.verdict is Verdict.FAIL
    assert result.disputed == ()
