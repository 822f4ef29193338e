"""Mutation testing: what is changed, what is not, and that the tests of a function notice a change of it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutation import table
from tools.mutation.operators import Mutant, mutants, mutated
from tools.mutation.page import reasons
from tools.mutation.recording import Record
from tools.mutation.source import ROOT, digests, drawn, every_mutant, of_functions
from tools.mutation.trying import Plan, place
from tools.mutation.turns import Turns

FUNCTION = '''
class Box:
    """A box."""

    size = 4

    @tagged(7)
    def fits(self, other: "Box", spare: int = 2) -> bool:
        """Say whether it fits."""
        _log.info("asked %d", 3)
{body}
'''


def changes(body: str) -> set[tuple[str, str]]:
    """Return (operator, function's last lines after the change) of every mutant of a body."""
    source = FUNCTION.format(body="\n".join(f"        {line}" for line in body.splitlines()))
    found = set()
    for mutant in mutants("box.py", source):
        (box,) = mutated(source, mutant).body
        assert isinstance(box, ast.ClassDef)
        function = box.body[-1]
        assert isinstance(function, ast.FunctionDef)
        found.add((mutant.operator, "\n".join(ast.unparse(one) for one in function.body[2:])))
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return self.size < other.size", {("comparison", "return self.size <= other.size")}),
        ("return self is not other", {("comparison", "return self is other")}),
        ("return a < b < c", set()),
        ("return a and b", {("boolean", "return a or b")}),
        ("return not a", {("negation", "return a")}),
        ("return b if a else c", {("negation", "return b if not a else c")}),
        ("return 3.5", {("constant", "return 4.5")}),
        ("return True", {("constant", "return False")}),
        ("return 'text'", set()),
        ("_log.warning('%d', 1)", set()),
        ("return None", set()),
        ("go(self)", {("dropped statement", "pass")}),
        ("self.size = other", {("dropped statement", "pass")}),
        ("size = other", set()),
        ("size: Limit[3] = other", set()),
        ("size += other", {("dropped statement", "pass")}),
        ("del other", set()),
        ("del self.size", {("dropped statement", "pass")}),
        ("def inner(a: int = 3) -> None:\n    go()", {("dropped statement", "def inner(a: int=3) -> None:\n    pass")}),
    ],
)
def test_what_is_changed(body: str, expected: set[tuple[str, str]]) -> None:
    """Neither texts nor declarations nor the log."""
    assert changes(body) == expected


def test_every_mutant_of_the_station_can_be_compiled_and_has_a_name_of_its_own() -> None:
    """A sample, for all of them take a minute."""
    found = every_mutant()
    assert len({one.key for one in found}) == len(found)
    assert {f"{one.path}:{one.function}" for one in found} <= set(digests())
    for one in drawn(found, 100, "ohmstead"):
        source = (ROOT / one.path).read_text(encoding="utf-8")
        assert ast.unparse(mutated(source, one)) != ast.unparse(ast.parse(source))


def test_a_change_of_one_function_leaves_the_sample_of_the_others() -> None:
    """So that what is known of a sample stays of use."""
    found = every_mutant()
    before = drawn(found, 100, "ohmstead")
    changed = [one for one in found if one.key != before[50].key]
    after = drawn(changed, 100, "ohmstead")
    assert len(before) == len(after) == 100
    assert len(set(before) & set(after)) == 99
    assert set(drawn(found, 100, "another")) != set(before)


def test_a_place_is_a_function_or_a_file() -> None:
    """As `--only` takes them."""
    found = every_mutant()
    path = "src/ohmstead/model/scope.py"
    of_file = of_functions(found, {path})
    assert {one.path for one in of_file} == {path}
    assert of_functions(found, {f"{path}:Scope.contains"}) == [
        one for one in of_file if one.function == "Scope.contains"
    ]


def test_tests_notice_and_what_they_do_not_reach_lives(tmp_path: Path) -> None:
    """Each mutant in a fork: the next one begins from the code as it is."""
    path = "src/ohmstead/model/scope.py"
    name, test = f"{path}:Scope.contains", "tests/model/test_scope.py"
    found = of_functions(every_mutant(), {name})
    strange = [Mutant(path, "Scope.__str__", 1, 1, (1, 1), "constant", 0, "", "")]
    containing = [f"{test}::test_two_that_contain_each_other_are_one", f"{test}::test_a_request_names_a_scope"]
    plan = Plan([*found, *strange], digests(), {place(one): containing[:1] for one in found}, {})
    plan.write(tmp_path / "plan.json")
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tools.mutation.trying", "--mutation-plan"]
    arguments = [*command, str(tmp_path / "plan.json"), "--mutation-results", str(tmp_path / "results.jsonl"), test]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, env=environment)
    results = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["key"] for one in results] == [one.key for one in (*found, *strange)]
    assert {one["killer"] for one in results if one["outcome"] == "killed"} <= set(containing[:1])
    assert results[0]["outcome"] == "killed"
    assert results[-1]["outcome"] == "unreached"


def test_which_tests_run_a_statement(tmp_path: Path) -> None:
    """A statement in several lines is run by what runs any of them."""
    path, test = "src/ohmstead/model/scope.py", "tests/model/test_scope.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tools.mutation.recording"]
    arguments = ["--mutation-record", str(tmp_path / "record.json"), test]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, *arguments], cwd=ROOT, check=True, capture_output=True, env=environment)
    record = Record.read([tmp_path / "record.json"])
    containing = f"{test}::test_two_that_contain_each_other_are_one"
    name = f"{path}:Scope.contains"
    digest = digests()[name]
    assert all(containing in record.tests_of(one, digest) for one in of_functions(every_mutant(), {name}))
    assert not record.tests_of(Mutant(path, "", 1, 1, (1, 1), "constant", 0, "", ""), digest)
    assert set(record.seconds) >= {containing}
    assert set(record.files) == {test}


MUTANT = Mutant("box.py", "Box.fits", 10, 12, (12, 13), "constant", 0, "1", "2")
PLACE = "box.py:Box.fits"


def test_a_function_that_moved_has_its_tests_and_one_that_changed_has_those_of_all_its_lines() -> None:
    """Lines are counted from the first of the function."""
    lines = {f"{PLACE}:1": ["head"], f"{PLACE}:2": ["body"], f"{PLACE}:3": ["next"], "box.py:Box.size:2": ["other"]}
    record = Record({}, lines, {PLACE: "now"})
    assert record.tests_of(MUTANT, "now") == {"body", "next"}
    assert record.tests_of(MUTANT, "other than then") == {"head", "body", "next"}


def test_what_was_recorded_last_of_a_test_file_counts(tmp_path: Path) -> None:
    """A test file that has changed is recorded again, alone."""
    old, new = tmp_path / "1.json", tmp_path / "2.json"
    box, lid = "tests/test_box.py", "tests/test_lid.py"
    before = {f"{box}::test_gone": 1.0, f"{lid}::test_lid": 1.0}
    Record(before, {f"{PLACE}:2": list(before)}, {PLACE: "now"}, {box: "1", lid: "1"}).write(old)
    after = {f"{box}::test_new": 1.0}
    Record(after, {f"{PLACE}:2": list(after)}, {PLACE: "now"}, {box: "2"}).write(new)
    record = Record.read([old, new])
    assert record.tests_of(MUTANT, "now") == {f"{lid}::test_lid", f"{box}::test_new"}
    assert record.files == {box: "2", lid: "1"}


def test_first_what_has_noticed_others_then_what_speaks_of_it_and_is_fast() -> None:
    """Most mutants are noticed by the first test or by the second."""
    slow, fast, named = "tests/test_lid.py::test_slow", "tests/test_lid.py::test_fast", "tests/test_a.py::test_box_fits"
    seconds = {slow: 9.0, fast: 0.1, named: 1.0}
    assert Turns(seconds, []).order(MUTANT, set(seconds)) == [named, fast, slow]
    assert Turns(seconds, [(PLACE, slow)]).order(MUTANT, set(seconds)) == [slow, named, fast]
    assert Turns(seconds, [(PLACE, slow)]).order(MUTANT, {fast}) == [fast]


def test_the_table_keeps_what_noticed_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing was recorded, it says which tests to try."""
    monkeypatch.setattr(table, "FILE", tmp_path / "noticing.tsv")
    seconds = {f"tests/test_box.py::test_{name}": float(name) for name in range(9)}
    often, once, *_ = seconds
    table.write([(PLACE, once), (PLACE, often), (PLACE, often)], seconds, {PLACE: set(seconds), "box.py:f": {once}})
    record = table.read()
    assert record.tests_of(MUTANT, "any") == {often, once, "tests/test_box.py::test_2"}
    assert "tests/test_box.py::test_5" not in record.seconds
    assert [test for name, test in table.killers() if name == PLACE][:2] == [often, once]
    assert record.by_function()["box.py:f"] == {once, often}, "the best of another function of the file"


def test_a_reason_is_about_a_mutant_that_exists() -> None:
    """A reason falls with the function that it was written for."""
    known = {one.key: f"{one.before} -> {one.after}" for one in every_mutant()}
    assert {key: reason.change for key, reason in reasons().items() if known.get(key) != reason.change} == {}
