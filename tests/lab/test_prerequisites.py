"""What a case presupposes beyond the official conditions: one table, and the cases agree with it."""

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.prerequisites import POSSESSIONS, prerequisites
from ohmstead.lab.selection import decide, rows_of, select
from tests.lab.network_products import PROFILES, with_profiles

TO_THE_HIGHEST = "TC_A_21_CS"
"""It begins in any lower security profile, but goes to 3 and to no other."""


def test_every_line_is_about_a_case_of_the_official_list_and_can_be_decided() -> None:
    product = with_profiles(1, 2, 3)
    for identifier, row in prerequisites().items():
        assert rows_of(identifier), identifier
        decide(row.needs, product)
        assert row.reason and row.reason[0].islower(), identifier


@pytest.mark.parametrize("profiles", PROFILES, ids=str)
def test_a_case_does_not_apply_exactly_where_no_security_profile_would_do(profiles: tuple[int, ...]) -> None:
    product = with_profiles(*profiles)
    for identifier, case in load_cases().items():
        row = prerequisites().get(identifier)
        if row is not None and "security profile" not in row.needs:
            continue
        fits = case.profile_for(product, None) is not None
        if identifier == TO_THE_HIGHEST:
            fits = fits and 3 in profiles
        assert fits == (row is None or decide(row.needs, product).applies), identifier


def test_the_reason_is_that_of_the_table() -> None:
    verdict = select("TC_A_04_CS", with_profiles(1))
    assert (verdict.applies, verdict.reason) == (False, prerequisites()["TC_A_04_CS"].reason)


def test_nothing_can_be_asked_for_that_no_line_asks_for() -> None:
    asked = " ".join(row.needs for row in prerequisites().values())
    assert [name for name in POSSESSIONS if f'"{name}"' not in asked] == []
