"""Names of components and variables are identifierStrings: a station that writes them in another case is right."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from tests.generators import sample
from tests.lab.other_words import Frame, says

NAMING = {"name", "instance", "evse", "customData"}
"""Fields of ComponentType and VariableType."""
CASES = [
    f"TC_B_{number}_CS"
    for number in ["06", "07", "09", "10", "11", "12", "13", "14", "32", "33", "34", "35", "36", "37", "39", "53", "54"]
]


def renamed(change: Callable[[str], str]) -> Callable[[Frame], list[Frame]]:
    """Change the names of components and variables in what the station says."""

    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            named = "name" in value and value.keys() <= NAMING
            return {
                key: change(item) if named and key in ("name", "instance") else walk(item)
                for key, item in value.items()
            }
        return [walk(item) for item in value] if isinstance(value, list) else value

    return lambda frame: [walk(frame)]


@pytest.mark.parametrize("change", [str.upper, str.lower], ids=["upper", "lower"])
@pytest.mark.parametrize("case", sample([case for case in CASES if case in load_cases()], 8))
def test_the_case_passes(case: str, change: Callable[[str], str]) -> None:
    """ComponentType.name, VariableType.name and their instances are case insensitive (Part 2, data types)."""
    product = load("sec1000-240y" if select(case, load("sec1000-240y")).applies else "flagship")
    result = run_in_memory(load_cases()[case], product, LabConfig(), mutate=lambda: says(renamed(change)))
    assert result.verdict is Verdict.PASS, result.reason
