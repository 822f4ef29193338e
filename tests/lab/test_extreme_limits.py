"""Every number of a product at its smallest and at its largest: the cases ask for what they need, and pass."""

import pytest
from msgspec.structs import replace

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.cases.usual import USUAL, usual_settings
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.model.device import DeviceModel
from ohmstead.product.check import problems
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire.messages import DataEnum
from tests.generators import sample

LARGEST = 2**31 - 1
"""Of an integer (Part 2, primitive data types)."""
OF_THEIR_CASES = {"OCPPCommCtrlr.HeartbeatInterval", "OCPPCommCtrlr.WebSocketPingInterval"}
"""What their cases set, and no others look at."""
CASES = [(end, case) for end in ("smallest", "largest") for case in sorted(load_cases())]
FOUND = [
    *(("smallest", f"TC_{case}_CS") for case in ("A_09", "C_08", "C_26", "C_32", "C_41", "E_01", "E_16", "N_30")),
    *(("largest", f"TC_{case}_CS") for case in ("B_21", "B_47", "C_02", "E_03", "E_39", "G_03", "J_08")),
]
"""What failed once."""


def numbers(product: Product) -> dict[str, tuple[int, int]]:
    """Return the smallest and the largest value of every integer that a CSMS can set."""
    found = {}
    for component in DeviceModel(product).components:
        for variable in component.variables:
            trait = component.trait(variable)
            if variable.data_type is DataEnum.integer and trait.writable:
                low, high = trait.minimum, trait.maximum
                ends = (0 if low is None else int(low), LARGEST if high is None else int(high))
                found[f"{component.name}.{variable.local_name}"] = ends
    return found


def extreme(product: Product, end: str) -> Product:
    index = ("smallest", "largest").index(end)
    said = {key: VariableSetting(value=ends[index]) for key, ends in numbers(product).items()}
    return replace(product, variables=product.variables | said)


FLAGSHIP = load("flagship")
PRODUCTS = {end: extreme(FLAGSHIP, end) for end in ("smallest", "largest")}


@pytest.mark.parametrize(("end", "identifier"), list(dict.fromkeys([*FOUND, *sample(CASES, 30)])))
def test_the_case_passes(end: str, identifier: str) -> None:
    case, product = load_cases()[identifier], PRODUCTS[end]
    result = not_applicable(case, product) or run_in_memory(case, product, LabConfig())
    assert result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE), result.reason


@pytest.mark.parametrize("end", ["smallest", "largest"])
def test_it_is_a_product(end: str) -> None:
    assert list(problems(PRODUCTS[end])) == []


def test_every_number_that_can_be_set_has_a_usual_value_or_cases_of_its_own() -> None:
    """A new one would otherwise break the cases of a product that is delivered with another value."""
    assert set(numbers(FLAGSHIP)) == set(USUAL) | OF_THEIR_CASES


def test_a_product_that_says_nothing_unusual_is_left_alone() -> None:
    assert usual_settings(FLAGSHIP) == {}
    same = {"TxCtrlr.EVConnectionTimeOut": VariableSetting(value=120)}
    assert usual_settings(replace(FLAGSHIP, variables=same)) == {}


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        (VariableSetting(value=3600), "120"),
        (VariableSetting(value=3600, min=300), "300"),
        (VariableSetting(value=10, max=60), "60"),
        (VariableSetting(value=10, mutability="ReadOnly"), None),
    ],
)
def test_a_usual_value_is_set_within_the_limits_of_the_product(setting: VariableSetting, wanted: str | None) -> None:
    product = replace(FLAGSHIP, variables={"TxCtrlr.EVConnectionTimeOut": setting})
    assert usual_settings(product).get("TxCtrlr.EVConnectionTimeOut") == wanted
