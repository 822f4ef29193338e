"""A list of measurands that is empty, or holds one odd entry, is legal: the cases pass, or cannot be asked (C-40)."""

import pytest
from msgspec.structs import replace

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Measurands, Product
from tests.generators import sample

FIRST = load("sec1000-240y")
LISTS = Measurands.__struct_fields__
ENTRIES: tuple[tuple[str, ...], ...] = ((), ("SoC",), ("Current.Offered",), ("Frequency",), ("Voltage", "SoC"))
CASES = (
    *("F_11", "F_12", "F_13", "F_14", "E_11"),
    *("J_01", "J_02", "J_03", "J_04", "J_06", "J_07", "J_08", "J_09", "J_10", "J_11"),
)
PRODUCTS = [(name, entries) for name in (*LISTS, "all") for entries in ENTRIES]


def measuring(name: str, entries: tuple[str, ...], *, signs: bool) -> Product:
    changed = dict.fromkeys(LISTS if name == "all" else (name,), entries)
    features = {**FIRST.features, "C-42": signs, "C-09.3": signs}
    return replace(FIRST, measurands=replace(FIRST.measurands, **changed), features=features)


@pytest.mark.parametrize(
    ("name", "entries", "identifier", "signs"),
    sample([(*one, case, signs) for one in PRODUCTS for case in CASES for signs in (False, True)], 60),
    ids=str,
)
def test_a_product_that_measures_little_passes(
    name: str, entries: tuple[str, ...], identifier: str, signs: bool
) -> None:
    case, product = load_cases()[f"TC_{identifier}_CS"], measuring(name, entries, signs=signs)
    result = not_applicable(case, product) or run_in_memory(case, product, LabConfig())
    assert result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE), result.reason


@pytest.mark.parametrize("identifier", ["F_13", "F_14"])
def test_a_triggered_event_without_measurands_has_no_values(identifier: str) -> None:
    """F06.FR.07 wants those of a list; of an empty one there are none, and the event comes all the same."""
    case, product = load_cases()[f"TC_{identifier}_CS"], measuring("tx_updated", (), signs=False)
    result = run_in_memory(case, product, LabConfig())
    assert (result.verdict, [note for note in result.notes if "F06.FR.07" in note] != []) == (Verdict.PASS, True)
