"""What keeps the code findable: a class name stands once, and no function is long."""

import ast
from collections import defaultdict
from pathlib import Path

import ohmstead

ROOT = Path(ohmstead.__file__).parent
TWICE = {"ChargingStation", "Component", "EVSE", "Variable"}
"""Classes of the device model with the name that the specification gives the type of a message, too."""

LONGEST = 60
"""Lines of a function, its signature and docstring among them."""


def classes() -> dict[str, list[str]]:
    """Return where each class stands, classes inside of others left out."""
    found = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for statement in ast.parse(path.read_text("utf-8")).body:
            if isinstance(statement, ast.ClassDef):
                found[statement.name].append(str(path.relative_to(ROOT)))
    return found


def test_a_class_name_stands_once() -> None:
    assert {name: places for name, places in classes().items() if len(places) > 1 and name not in TWICE} == {}


def test_the_list_has_no_name_that_stands_once_by_now() -> None:
    assert {name for name in TWICE if len(classes()[name]) == 2} == TWICE


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{found.lineno} {found.name}"
        for path in sorted(ROOT.rglob("*.py"))
        for found in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)
        and (found.end_lineno or 0) - found.lineno >= LONGEST
    ]
    assert long == []
