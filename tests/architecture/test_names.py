"""A name is found once: a class says its room, and so does a module."""

import ast
from collections import defaultdict
from pathlib import Path

import ohmstead

ROOT = Path(ohmstead.__file__).parent
TWICE = {"ChargingStation", "Component", "EVSE", "Variable"}
"""Classes of the device model with the name that the specification gives the type of a message, too."""


def classes() -> dict[str, list[str]]:
    """Return where each class stands, classes inside of others left out."""
    found = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for statement in ast.parse(path.read_text()).body:
            if isinstance(statement, ast.ClassDef):
                found[statement.name].append(str(path.relative_to(ROOT)))
    return found


def test_a_class_name_stands_once() -> None:
    assert {name: places for name, places in classes().items() if len(places) > 1 and name not in TWICE} == {}


def test_the_list_has_no_name_that_stands_once_by_now() -> None:
    assert {name for name in TWICE if len(classes()[name]) == 2} == TWICE
