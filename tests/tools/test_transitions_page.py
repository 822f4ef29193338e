"""Transition tables are found in the code and drawn."""

import sys
from enum import Enum
from pathlib import Path

import pytest

from tools import transitions_page

MODULE = '''"""Something."""
from enum import Enum

class Light(Enum):
    Red = 1
    Green = 2
    Broken = 3

class Act(Enum):
    Switch = 1
    Push = 2
    Hit = 3

STEPS = {Light.Red: {Act.Switch: Light.Green, Act.Push: Light.Green, Act.Hit: Light.Broken}, Light.Green: {}}
"""Of a traffic light."""
NAMES = {Light.Red: "red"}
OTHER = {"Red": {"Switch": "Green"}}
'''


class Light(Enum):
    """For tables made here."""

    Red = 1
    Green = 2


@pytest.fixture
def traffic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> transitions_page.Table:
    """The only table of a module with other constants."""
    (tmp_path / "ohmstead_traffic.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__("ohmstead_traffic")
    monkeypatch.delitem(sys.modules, "ohmstead_traffic")
    (table,) = transitions_page.tables(module)
    return table


def test_a_table_comes_with_its_name_and_text(traffic: transitions_page.Table) -> None:
    assert (traffic.name, traffic.doc) == ("STEPS", "Of a traffic light.")


def test_a_diagram_names_every_step(traffic: transitions_page.Table) -> None:
    text = transitions_page.render(iter([traffic]))
    assert text[text.index("```") :].splitlines() == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> Red",
        "    Red --> Green: Switch, Push",
        "    Red --> Broken: Hit",
        "    Green --> [*]",
        "    Broken --> [*]",
        "```",
    ]


@pytest.mark.parametrize(
    "value",
    [{}, {"a": {}}, {Light.Red: Light.Green}, {Light.Red: {"x": Light.Green}}, {Light.Red: {Light.Red: "Green"}}, 1],
)
def test_what_is_no_table(value: object) -> None:
    assert not transitions_page.is_table(value)
