"""A FAIL explains itself: what is true of the text of every failure, drawn from all wrong stations of the lab."""

import functools
import re
from importlib import resources

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.reading import readings
from ohmstead.lab.report.explanation import Explanation, explain
from ohmstead.lab.report.plain_text import plain_text
from ohmstead.lab.report.state_requirements import STATE_REQUIREMENTS
from ohmstead.lab.requirement_words import requirement_words
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Result
from tests.lab.mutation import applicable, mutants, recorded
from tests.lab.tried import product, product_of

# A wrong station may leave work behind that it had just begun when its case ended.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

KILLED = {
    name: killers[0]
    for name in mutants()
    if not mutants()[name].survives
    and (killers := [one for one in recorded().killers.get(name, []) if one in applicable()])
}
"""Wrong station -> the first case that kills it."""
PYTHON = re.compile(
    r"\b(None|True|False)\b"  # values
    r"|object at 0x|<\w+[.:]|\bfunction\b|\blambda\b"  # objects and functions
    r"|\b\w+\(\w+=|[{\[(]'|': |', '"  # dataclasses, dicts, lists and tuples
    r"|(?<![\w./])[a-z]+_[a-z_]+\b|\b\w+__\w+"  # names of variables
    r"|\bb'|\\x[0-9a-f]{2}|\+00:00"  # bytes, instants
    r"|\bSay whether|\bReturn |\bRaises? "  # docstrings
)
PLACES = ("WebSocket connection", "TLS handshake", "HTTP upgrade", "file server", "display", "cable")
"""What else a case looks at, beside messages."""


@functools.cache
def failure(name: str) -> Result:
    """Return the result of the first case that kills a wrong station."""
    case = KILLED[name]
    chosen = product_of(case)
    assert chosen is not None
    return run_in_memory(load_cases()[case], product(chosen), LabConfig(), mutate=mutants()[name].mutate)


def told(name: str) -> Explanation:
    """Return its explanation."""
    explanation = explain(failure(name))
    assert explanation is not None
    return explanation


@pytest.mark.parametrize("name", KILLED)
def test_every_failure_is_explained_to_somebody_who_knows_ocpp_only(name: str) -> None:
    """No Python; a message, a field, what was wanted and what came, the requirements, and the frame."""
    why = told(name)
    found = PYTHON.search(plain_text(why))
    assert found is None, plain_text(why)[max(0, found.start() - 80) : found.end() + 80]
    assert re.fullmatch(r"\w+(Request|Response)( or \w+Request)?", why.message) or why.message in PLACES
    assert why.field or why.message.endswith(("Request", "Response"))
    assert why.wanted
    assert why.got
    assert why.wanted != why.got
    assert KILLED[name] in why.step
    assert why.right
    assert why.requirements
    assert all(cited.id and cited.text for cited in why.requirements)
    assert why.cause
    check_mark(why)


def check_mark(why: Explanation) -> None:
    """Where a field of a frame has a value that is wrong, that value stands in a marked line."""
    (frame,) = [frame for frame in why.frames if frame.marked]
    marked = [line.text for line in frame.lines if line.marked]
    simple = re.fullmatch(r"[\w.]+", why.field) and re.fullmatch(r"[\w.-]+", why.got)
    if simple and len(marked) == 1 and why.got != "nothing":
        assert why.got in marked[0] or "missing" in marked[0]


def test_a_right_frame_has_what_was_wanted() -> None:
    """And all else as it came."""
    why = told("boot-another-model")
    assert '"model":"SEC1000/240Y"' in why.right
    assert why.right.startswith("[2,")
    (frame,) = [frame for frame in why.frames if frame.marked]
    assert [line.text.strip() for line in frame.lines if line.marked] == ['"model": "Ohmstead",']


def test_a_field_that_is_missing_is_marked_where_it_is_missing() -> None:
    """It has no line of its own."""
    why = told("no-evse")
    (frame,) = [frame for frame in why.frames if frame.marked]
    assert [line.text.strip() for line in frame.lines if line.marked] == ["(evse is missing here)"]


def test_a_certificate_is_compared_field_by_field() -> None:
    """Of the root whose issuerKeyHash is wrong, that is what is named."""
    assert told("root-hash-of-name").field.endswith("certificateHashData.issuerKeyHash")


def test_a_reading_stands_with_both_its_sides() -> None:
    """The specification's and the official case's."""
    why = told("cache-clears-nothing")
    assert "the specification: " in why.reading
    assert "The official case: " in why.reading


def test_every_requirement_that_is_cited_has_words() -> None:
    """Of cases, readings and the reusable states."""
    cited = {one for case in load_cases().values() for one in case.requirements}
    cited |= {one for reading in readings() for one in reading.requirements}
    cited |= {one for some in STATE_REQUIREMENTS.values() for one in some}
    assert sorted(cited - requirement_words().keys()) == []


def test_every_line_of_words_is_of_a_requirement_that_there_is() -> None:
    """Or of another part of the specification, which it names."""
    text = resources.files("ohmstead.lab").joinpath("data", "requirements.tsv").read_text("utf-8")
    known = {line.split("\t")[0] for line in text.splitlines()[1:]}
    known |= {one for case in load_cases().values() for one in case.requirements}
    assert sorted(one for one in requirement_words() if one not in known and not one.startswith("Part ")) == []


def test_a_case_that_passed_has_nothing_to_explain() -> None:
    """Nor one that stayed inconclusive."""
    assert explain(run_in_memory(load_cases()["TC_G_03_CS"], product("sec1000-240y"), LabConfig())) is None
