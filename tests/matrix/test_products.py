"""Products that a seed draws pass whole: each one imported from its printed abstract, booted, every case in memory."""

import pytest

from ohmstead.product.load import load
from tests.generators import sample
from tests.matrix.campaign import Trouble, run_one
from tests.matrix.covering import Space
from tests.matrix.drawn import product_of
from tests.matrix.parameters import PARAMETERS, SHIPPED
from tests.matrix.round_trip import abstract_of, differences, imported
from tests.matrix.shrinking import nearest

SPACE = Space()
SINGLE = [(name, value) for name, values in PARAMETERS.items() for value in values if SHIPPED[name] != value]


def test_the_shipped_product_is_drawn_as_it_is() -> None:
    """The line of a failure that says "the shipped product, but ..." is true."""
    shipped, drawn = load("sec1000-240y"), product_of(SHIPPED)
    assert drawn.hardware == shipped.hardware
    assert drawn.security == shipped.security
    assert drawn.measurands == shipped.measurands
    assert drawn.variables == shipped.variables
    assert {key: value for key, value in shipped.features.items() if drawn.features.get(key, False) != value} == {}


@pytest.mark.parametrize("cell", sample(SINGLE, 40), ids=" = ".join)
def test_each_value_alone_is_printed_imported_and_booted(cell: tuple[str, str]) -> None:
    """With what follows from it, such as the number of phases from AC."""
    drawn = nearest(SPACE, [cell], SHIPPED)
    assert drawn is not None
    product = product_of(drawn)
    assert differences(product, imported(abstract_of(product))) == []
    booted = run_one("TC_B_01_CS", product)
    assert not isinstance(booted, Trouble), booted
    assert (booted.verdict.value, booted.reason) == ("PASS", "")
