"""Verdicts are judged again from the wire logs, byte by byte; a log that was altered is found out."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.evidence.alike import alike
from ohmstead.lab.evidence.judge import confirmed, is_misfit, judge_tape, judgment
from ohmstead.lab.evidence.tape import Kind, TapeEntry, read
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.rigs.wire_campaign import run_on_the_wire
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.load import load
from tests.lab.mutation import mutants

PRODUCT = load("sec1000-240y")
CONFIG = LabConfig()
CASE = "TC_G_11_CS"
"""A transaction, a change of availability that waits for its end, three statuses."""
CASES = (
    CASE,
    "TC_A_04_CS",  # TLS on sockets
    "TC_B_12_CS",  # a long report
    "TC_B_22_CS",  # a reset
    "TC_C_47_CS",  # the display, two EVSEs
    "TC_E_31_CS",  # an outage
    "TC_F_16_CS",  # a log upload
    "TC_J_02_CS",  # meter values
    "TC_L_08_CS",  # firmware
    "TC_M_01_CS",  # certificates
)


def live(case: str, mutant: str = "") -> Result:
    """Run a case on the memory rig, with its evidence."""
    if not mutant:
        return run_in_memory(load_cases()[case], PRODUCT, CONFIG, record=True)
    return run_in_memory(load_cases()[case], PRODUCT, CONFIG, mutate=mutants()[mutant].mutate, record=True)


def judged(evidence: str, case: str = CASE) -> Result:
    """Judge a log."""
    return judge_tape(evidence, load_cases()[case], PRODUCT, CONFIG)


@pytest.mark.parametrize("case", CASES)
def test_a_pass_is_judged_again_byte_by_byte(case: str) -> None:
    result = live(case)
    assert result.verdict is Verdict.PASS
    again = judged(result.evidence, case)
    assert judgment(again).encoded() == judgment(result).encoded()
    if case != "TC_A_04_CS":  # real sockets take a little real time, so the log's milliseconds may differ
        assert again.log == result.log


@pytest.mark.parametrize(
    ("mutant", "case"),
    [
        ("status-not-sent", "TC_G_11_CS"),
        ("status-always-available", "TC_G_11_CS"),
        ("availability-rejected", "TC_G_03_CS"),
        ("availability-forgotten", "TC_G_03_CS"),
        ("data-transfer-accepted", "TC_P_01_CS"),
    ],
)
def test_a_failure_is_judged_again_byte_by_byte(mutant: str, case: str) -> None:
    result = live(case, mutant)
    assert result.verdict is Verdict.FAIL
    assert judgment(judged(result.evidence, case)).encoded() == judgment(result).encoded()


def test_verdicts_of_the_wire_bench_are_judged_again_byte_by_byte() -> None:
    """Real time, real TLS: what took some milliseconds then takes none now."""
    cases = [load_cases()[case] for case in ("TC_G_03_CS", "TC_F_15_CS", "TC_P_01_CS")]
    results = list(run_on_the_wire(cases, PRODUCT, CONFIG, record=True))
    for result in results:
        assert judgment(judged(result.evidence, result.id)).encoded() == judgment(result).encoded()
    assert {result.verdict for result in results} == {Verdict.PASS}


# Altered logs

Lines = list[dict[str, object]]


def altered(evidence: str, change: Callable[[Lines], None]) -> str:
    """Return a log with a change."""
    lines = [msgspec.json.decode(line, type=dict[str, object]) for line in evidence.splitlines()]
    change(lines)
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)


def line(lines: Lines, way: str, *words: str) -> int:
    """Return the index of the first line of a kind whose text has all the words."""
    return next(
        number
        for number, one in enumerate(lines)
        if one.get("kind") == way and all(word in str(one.get("text")) for word in words)
    )


def edit(lines: Lines, number: int, old: str, new: str) -> None:
    """Replace a word in a frame."""
    text = str(lines[number]["text"])
    assert old in text
    lines[number]["text"] = text.replace(old, new)


def another_answer(lines: Lines) -> None:
    """The station's answer says something else."""
    edit(lines, line(lines, "came", "Scheduled"), "Scheduled", "Accepted")


def frame_taken_away(lines: Lines) -> None:
    """A message of the station is gone."""
    del lines[line(lines, "came", "StatusNotification", "Unavailable")]


def another_question(lines: Lines) -> None:
    """The lab asked for something else."""
    edit(lines, line(lines, "did", "ChangeAvailability"), "Inoperative", "Operative")


def question_taken_away(lines: Lines) -> None:
    """The lab's request is gone."""
    del lines[line(lines, "did", "ChangeAvailability")]


def frame_put_in(lines: Lines) -> None:
    """The station says something more."""
    place = line(lines, "came", "StatusNotification", "Unavailable")
    extra = dict(lines[place], text=str(lines[place]["text"]).replace('[2,"', '[2,"x'))
    lines.insert(place, extra)


def hand_elsewhere(lines: Lines) -> None:
    """The EV was plugged in somewhere else."""
    next(one for one in lines if one.get("what") == "hand.plug")["args"] = [2, 1, None]


def much_later(lines: Lines) -> None:
    """The last status came two minutes later, and all that followed it."""
    for one in lines[line(lines, "came", "StatusNotification", "Unavailable") :]:
        one["at"] = float(str(one["at"])) + 120.0


def cut_off(lines: Lines) -> None:
    """The end is missing."""
    del lines[-5:]


def goes_on(lines: Lines) -> None:
    """The log of another request follows."""
    lines.insert(-1, dict(lines[line(lines, "did", "ChangeAvailability")], at=lines[-1]["at"]))


@pytest.mark.parametrize(
    "change",
    [
        another_answer,
        frame_taken_away,
        another_question,
        question_taken_away,
        frame_put_in,
        hand_elsewhere,
        much_later,
        cut_off,
        goes_on,
    ],
    ids=lambda change: change.__name__,
)
def test_an_altered_log_does_not_lead_to_the_verdict(change: Callable[[Lines], None]) -> None:
    """FAIL, as the station would then deserve, or INCONCLUSIVE: the log does not fit."""
    result = live(CASE)
    again = judged(altered(result.evidence, change))
    assert again.verdict is Verdict.FAIL or (again.verdict is Verdict.INCONCLUSIVE and is_misfit(again))


def test_what_the_lab_did_otherwise_is_named() -> None:
    again = judged(altered(live(CASE).evidence, another_question))
    assert "the log does not fit" in again.reason
    assert "ChangeAvailability" in again.reason


@pytest.mark.parametrize("text", ["", "allow_empty", "{}", '{"format":"other/1"}', "\n\n"])
def test_what_is_no_log_is_inconclusive(text: str) -> None:
    assert is_misfit(judged(text))


def test_the_log_of_another_case_is_refused() -> None:
    again = judged(live("TC_P_01_CS").evidence)
    assert again.reason == "the log does not fit: it is the log of TC_P_01_CS"


def test_a_live_verdict_stands_if_its_evidence_leads_to_it() -> None:
    result = live("TC_P_01_CS")
    assert confirmed(result, PRODUCT, CONFIG) == result


def test_a_live_verdict_falls_if_its_evidence_leads_elsewhere() -> None:
    result = msgspec.structs.replace(live("TC_P_01_CS"), verdict=Verdict.FAIL, reason="made up")
    fallen = confirmed(result, PRODUCT, CONFIG)
    assert fallen.verdict is Verdict.INCONCLUSIVE
    assert "made up" in fallen.reason


# The tape


def test_a_log_is_in_the_order_of_time_and_ends_once() -> None:
    head, entries = read(live("TC_P_01_CS").evidence)
    assert head.case == "TC_P_01_CS"
    assert [entry.kind for entry in entries].count(Kind.End) == 1
    assert entries[-1].kind is Kind.End
    assert all(one.at <= other.at for one, other in pairwise(entries))


def test_an_entry_writes_what_it_has_and_nothing_else() -> None:
    assert msgspec.json.encode(TapeEntry(at=1.5, kind=Kind.End)) == b'{"at":1.5,"kind":"end"}'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a":1}', '{"a":1}', True),
        ('{"t":"2026-03-02T08:30:11Z"}', '{"t":"2026-03-02T08:30:12Z"}', True),
        ('{"t":"2026-03-02T08:30:11Z"}', '{"t":"2026-03-02T08:30:19Z"}', False),
        ('{"a":"x"}', '{"a":"y"}', False),
        ('{"a":1}', '{"a":true}', False),
        ('[{"a":[1,2]}]', '[{"a":[1]}]', False),
        ('{"a":1}', '{"b":1}', False),
        ("allow_empty", "else", False),
    ],
)
def test_moments_may_differ_and_nothing_else(one: str, other: str, same: bool) -> None:
    assert alike(one, other, 2.0) is same
