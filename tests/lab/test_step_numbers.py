"""The step that a finding names can be found in the function of its case: nothing computes the number of a step."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import ohmstead.lab.cases

CASES = Path(ohmstead.lab.cases.__path__[0])
FILES = sorted(CASES.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> list[Function]:
    """Return every function of a file, methods too."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def places_of_steps() -> Mapping[str, set[int]]:
    """Return for each function that takes a step where it stands among the positional arguments of a call."""
    found: dict[str, set[int]] = {}
    for path in FILES:
        for function in functions(ast.parse(path.read_text("utf-8"))):
            names = [argument.arg for argument in function.args.args]
            own = names[:1] == ["self"]
            found.setdefault(function.name, set()).update(at - own for at, name in enumerate(names) if name == "step")
    return found


def steps(tree: ast.AST, places: Mapping[str, set[int]]) -> Iterator[tuple[int, ast.expr]]:
    """Yield (line, expression) of what is given for a step."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        given = [call.args[at] for at in places.get(name, ()) if at < len(call.args)]
        for one in (*given, *(keyword.value for keyword in call.keywords if keyword.arg == "step")):
            yield call.lineno, one


def computed(step: ast.expr) -> bool:
    """Say whether a number comes about here that stands nowhere: a sum, or a text that is put together from one."""
    return any(isinstance(node, ast.BinOp) for node in ast.walk(step))


PLACES = places_of_steps()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_step_is_computed(path: Path) -> None:
    assert [line for line, step in steps(ast.parse(path.read_text("utf-8")), PLACES) if computed(step)] == []


def test_steps_are_seen() -> None:
    """Positional, by name, and in the texts of states."""
    count = sum(len(list(steps(ast.parse(path.read_text("utf-8")), PLACES))) for path in FILES)
    assert count > 600
    wrong = ast.parse("t.expect(step + 1, Kind)\nt.call(request, step=f'{step + 2}a')\nt.expect(3, Kind)")
    assert [computed(step) for _, step in steps(wrong, PLACES)] == [True, True, False]
