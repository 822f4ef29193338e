"""Every pair of values that a station can have together is drawn, nothing that it cannot; failures shrink."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from ohmstead.lab.selection import rows
from ohmstead.product.features import FEATURES
from tests.matrix.covering import Space, covering, pairs_of
from tests.matrix.exclusions import EXCLUSIONS, Exclusion
from tests.matrix.parameters import PARAMETERS, SHIPPED
from tests.matrix.shrinking import nearest, smallest, unlike

REQUIREMENTS = Path(__file__).parents[2] / "src" / "ohmstead" / "lab" / "data" / "requirements.tsv"
SMALL = {"lock": ("No", "Yes"), "plug": ("cable", "socket"), "phases": ("1", "2", "3")}
NO_LOCK_ON_A_CABLE = Exclusion({"lock": frozenset({"Yes"}), "plug": frozenset({"cable"})}, "F05", "it has none")
TWO_IS_LOCKED = Exclusion({"lock": frozenset({"No"}), "phases": frozenset({"2"})}, "K01", "for the test")


def test_every_possible_pair_occurs_and_no_other() -> None:
    space = Space(SMALL, (NO_LOCK_ON_A_CABLE, TWO_IS_LOCKED))
    rows = covering(1, 12, space)
    seen = {pair for row in rows for pair in pairs_of(row)}
    cells = [(name, value) for name, values in SMALL.items() for value in values]
    all_ = {pair for pair in combinations(cells, 2) if pair[0][0] != pair[1][0]}
    # Of a cable with two phases only a search knows that it is impossible: no single exclusion names both.
    assert all_ - seen == {
        (("lock", "Yes"), ("plug", "cable")),
        (("lock", "No"), ("phases", "2")),
        (("plug", "cable"), ("phases", "2")),
    }


def test_too_few_rows_are_an_error() -> None:
    with pytest.raises(ValueError, match="pairs have no place in 2 rows"):
        covering(1, 2, Space(SMALL, ()))


def test_the_products_of_a_seed_hold_every_pair_within_200_and_nothing_excluded() -> None:
    """`covering` raises where a pair is missing."""
    rows = covering(3, 200)
    space = Space()
    assert all(space.allows(row) for row in rows)
    assert len({tuple(row.items()) for row in rows}) == len(rows)


def test_every_exclusion_says_where_it_comes_from_and_leaves_every_value_possible() -> None:
    assert all(one.source and one.why for one in EXCLUSIONS)
    space = Space()
    impossible = [
        (name, value)
        for name, values in PARAMETERS.items()
        for value in values
        if nearest(space, [(name, value)], SHIPPED) is None
    ]
    assert impossible == []


def test_the_shipped_product_is_one_that_a_station_can_be() -> None:
    assert Space().allows(SHIPPED)


def test_a_failure_shrinks_to_what_it_needs() -> None:
    """Sockets are AC: what follows from the one line that fails stays, nothing else does."""
    drawn = covering(5, 200)
    failing = next(row for row in drawn if row["AC plug"] == "socket" and row["C-49"] == "No")
    found = smallest(failing, lambda row: row["AC plug"] == "socket" and row["C-49"] == "No")
    follows = {"current", "AC plug", "socket", "phases", "fewer phases", "connectors"} | {
        "AQ-4",
        "HFS-11",
        "AQ-9",
        "AQ-18",
    }
    assert set(unlike(found)) <= follows | {"C-49", "C-53", "C-54"}


@pytest.mark.parametrize("exclusion", EXCLUSIONS, ids=lambda one: " & ".join(one.when))
def test_what_an_exclusion_cites_exists(exclusion: Exclusion) -> None:
    """Requirements, lines of a certificate, conditions of cases; or a chapter of Part 2."""
    source = exclusion.source
    requirements = re.findall(r"[A-P]\d\d\.FR\.\d+", source)
    lines = re.findall(r"\b(?:HFS|C|AS|AQ|UI|DM|LA|R|ORS)-\d+(?:\.\d+)?", source)
    cases = re.findall(r"TC_\w_\d+_CS", source)
    known = {line.split("\t")[0] for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()}
    assert set(requirements) <= known
    assert set(lines) <= set(FEATURES)
    assert set(cases) <= {row.id for row in rows()}
    assert requirements or lines or cases or "Part 2, " in source
