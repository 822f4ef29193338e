"""What a case presupposes beyond the official conditions: one table, and the cases agree with it."""

from importlib.resources import files

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.prerequisites import POSSESSIONS, prerequisites
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import decide, rows_of, select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.profile import Product
from ohmstead.product.token_types import REMOTE_START
from tests.generators import WHOLE
from tests.lab.network_products import PROFILES, with_profiles
from tests.lab.tried import FIRST, RICHER, TRIED, product

TO_THE_HIGHEST = "TC_A_21_CS"
"""It begins in any lower security profile, but goes to 3 and to no other."""

REMOTELY = tuple(one for one, row in prerequisites().items() if "start" in row.needs) + tuple(
    one for one in load_cases() if one.startswith("TC_F_0")
)


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
    table = (files("ohmstead.lab") / "data" / "cases.tsv").read_text("utf-8")
    asked = " ".join([table, *(row.needs for row in prerequisites().values())])
    assert [name for name in POSSESSIONS if f'"{name}"' not in asked] == []


def started_remotely_by(name: str, *types: str) -> Product:
    """Return a product that the CSMS starts by tokens of these types only."""
    whole = product(name)
    features = {**whole.features, **{feature.id: kind in types for kind, feature in REMOTE_START.items()}}
    return msgspec.structs.replace(whole, features=features)


@pytest.mark.parametrize("kind", [*REMOTE_START, None])
@pytest.mark.parametrize("name", TRIED if WHOLE else (FIRST, RICHER, "depot"))
def test_what_starts_remotely_does_so_by_any_token_that_can_or_does_not_apply(name: str, kind: str | None) -> None:
    """The rest goes on without: a second EVSE is started by the second token of the lab, a third one only remotely."""
    without = started_remotely_by(name, *([kind] if kind else []))
    applied = [one for one in load_cases() if WHOLE or one in REMOTELY if select(one, without).applies]
    results = [run_in_memory(load_cases()[one], without, LabConfig()) for one in applied]
    assert [(one.id, one.reason) for one in results if one.verdict is not Verdict.PASS] == []
    assert {"TC_E_13_CS", "TC_F_04_CS", "TC_K_38_CS"} & set(applied) == set() or kind is not None
