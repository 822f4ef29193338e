"""Which official cases apply: the counts are facts of the certificate."""

from collections import Counter

import pytest

from ohmstead.lab.selection import applicable, rows, rows_of, select
from ohmstead.product.load import load

BLOCKS = {"A": 12, "B": 36, "C": 30, "E": 32, "F": 20, "G": 20, "J": 8, "P": 2}


def test_the_list_is_whole() -> None:
    """445 lines, as in the official list; an id may stand in several profiles."""
    assert len(rows()) == 445


def test_sec1000_has_191_cases() -> None:
    """186 of Core and 5 of Advanced Security."""
    product = load("sec1000-240y")
    chosen = applicable(product)
    profiles = Counter(
        next(row.profile for row in rows_of(identifier) if row.profile in ("Core", "Advanced Security"))
        for identifier in chosen
    )
    assert profiles == {"Core": 186, "Advanced Security": 5}


@pytest.mark.parametrize("block", sorted(BLOCKS))
def test_sec1000_cases_of_a_block(block: str) -> None:
    """So many a block."""
    chosen = applicable(load("sec1000-240y"))
    assert sum(identifier[3] == block for identifier in chosen) == BLOCKS[block]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("TC_F_05_CS", "HFS-1 = No"),
        ("TC_C_57_CS", "C-59 = No"),
        ("TC_H_01_CS", "R-0 = No"),
        ("TC_O_15_CS", "removed from certification by the errata"),
        ("TC_Z_99_CS", "TC_Z_99_CS is not in the official list"),
    ],
)
def test_the_deciding_feature_is_named(case: str, reason: str) -> None:
    """A case that does not apply says why."""
    chosen = select(case, load("sec1000-240y"))
    assert (chosen.applies, chosen.reason) == (False, reason)
