"""The nightly run: its page is what the tool writes, every generator belongs to a part, and a failure is not missed."""

from pathlib import Path

import pytest

from tools import nightly
from tools.nightly_page import Night, Outcome, page, read
from tools.nightly_parts import PARTS, Part, files_of, generators

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.torture.test_kill" name="test_a[0]"><properties><property name="kills" value="250"/>
<property name="hypothesis-statistics" value="dGVzdHM="/>
</properties></testcase>
<testcase classname="tests.torture.test_kill" name="test_a[1]"><properties><property name="kills" value="251"/>
</properties><failure message="AssertionError: a gap | `seqNo`&#10;and more">trace</failure></testcase>
<testcase classname="tests.web.test_page" name="test_b"><skipped message="no Chromium"/></testcase>
</testsuite></testsuites>"""


def test_the_page_is_what_the_tool_writes() -> None:
    text = nightly.PAGE.read_text(encoding="utf-8")
    assert page(read(text)) == text, "run `python tools/nightly.py --page`"


def test_every_generator_belongs_to_exactly_one_part() -> None:
    reached = [file for part in PARTS for file in files_of(part)]
    assert sorted(reached) == sorted(set(reached)), "a file in two parts"
    assert set(generators()) <= set(reached)


def test_a_generator_is_found_by_whoever_names_the_switch() -> None:
    """No file that names it in any way is missed, whichever way it is imported."""
    root = Path(__file__).parents[2]
    naming = [path for path in (root / "tests").rglob("test_*.py") if "tests.generators" in path.read_text()]
    named = {path.relative_to(root).as_posix() for path in naming} - {"tests/tools/test_nightly.py"}
    assert named <= set(generators())


def test_what_ran_comes_back_from_the_page() -> None:
    outcomes = [
        Outcome("torture", "0123456789", 12, 0, 1234, {"kills": 1000, "lost events": 0}),
        Outcome("fuzz", "0123456789+", 5, 1, 7, {}, ("tests/fuzz/test_x.py::test_y: what went wrong",)),
    ]
    night = Night("2026-11-30, Python 3.11.9, 2 cores.", {outcome.part: outcome for outcome in outcomes})
    assert read(page(night)) == night


@pytest.mark.parametrize(
    ("failed", "said"),
    [(0, "**All parts passed.**"), (1, f"**FAILED: {', '.join(part.name for part in PARTS)}.**")],
)
def test_the_page_says_whether_all_passed(failed: int, said: str) -> None:
    night = Night("", {part.name: Outcome(part.name, "c", 9, failed, 1) for part in PARTS})
    assert said in page(night)


def test_a_part_that_has_not_run_does_not_count_as_passed() -> None:
    night = Night("", {part.name: Outcome(part.name, "c", 9, 0, 1) for part in PARTS[1:]})
    assert f"**Not run: {PARTS[0].name}.**" in page(night)
    assert "All parts passed" not in page(night)


def test_results_are_counted_as_pytest_wrote_them() -> None:
    outcome = nightly.outcome_of("torture", "c", 5, JUNIT)
    assert (outcome.tests, outcome.failed) == (3, 1)
    assert outcome.counted == {"kills": 501, "skipped": 1}
    assert outcome.failures == ("tests/torture/test_kill.py::test_a[1]: AssertionError: a gap / 'seqNo' and more",)


def test_a_part_without_tests_has_failed() -> None:
    nothing = Part("torture", "", ("tests/nowhere/*",))
    assert nightly.run(nothing, "c").failed == 1


def test_an_unknown_part_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        nightly.main(["tortrue"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "tortrue" in said
    assert all(part.name in said for part in PARTS)
