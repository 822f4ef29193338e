"""Products that a seed draws pass whole: each one imported from its printed abstract, booted, every case in memory."""

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from ohmstead.product.load import load
from tests.generators import WHOLE, sample
from tests.matrix.campaign import Trouble, run_one, run_product
from tests.matrix.covering import Draw, Space
from tests.matrix.drawn import product_of
from tests.matrix.parameters import PARAMETERS, SHIPPED, Assignment
from tests.matrix.round_trip import abstract_of, differences, imported
from tests.matrix.shrinking import nearest

SEED = 20201
PRODUCTS = 200 if WHOLE else 12
"""All in the nightly run."""
SPACE = Space()
SINGLE = [(name, value) for name, values in PARAMETERS.items() for value in values if SHIPPED[name] != value]


@cache
def drawn() -> list[Assignment]:
    draw = Draw(SEED)
    return [draw.row() for _ in range(PRODUCTS)]


@pytest.mark.parametrize("number", range(1, PRODUCTS + 1))
def test_a_drawn_product_passes_whole(number: int, record_property: Callable[[str, object], None]) -> None:
    """`make matrix ONLY=...` shrinks what fails here."""
    outcome = run_product(drawn()[number - 1], f"matrix-{SEED}-{number}")
    record_property("cases passed", len(outcome.passed))
    kinds = Counter(trouble.kind for trouble in outcome.troubles)
    assert not kinds, "\n".join(f"{count} times {kind}" for kind, count in kinds.most_common(10))


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
