"""Every case of Core and Advanced Security is implemented; which they are is checked in."""

from pathlib import Path

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.selection import rows

LISTED = (Path(__file__).parent / "core_cases.txt").read_text(encoding="utf-8").split()
PROFILES = ("Core", "Advanced Security")


def test_the_list_is_that_of_both_certification_profiles() -> None:
    """Part 5, chapters 3 and 5, with errata."""
    assert sorted({row.id for row in rows() if row.profile in PROFILES}) == LISTED
    assert len(LISTED) == 230


def test_each_of_them_is_implemented() -> None:
    """A case that is taken away, or whose name is misspelt, is missed here."""
    assert sorted(set(LISTED) - set(load_cases())) == []
