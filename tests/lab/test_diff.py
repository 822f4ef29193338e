"""Two campaigns compared: what is worse comes first, what is the same is not named."""

from datetime import UTC, datetime

import msgspec
import pytest

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.figures import Figures, summary
from ohmstead.lab.report.build import build
from ohmstead.lab.report.diff import changes
from ohmstead.lab.report.model import CampaignRun, Report
from ohmstead.lab.selection import applicable
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Product

PRODUCT = load("sec1000-240y")


def campaign(but: dict[str, Verdict], product: Product = PRODUCT, reason: str = "") -> Report:
    """Return the report of a campaign in which every case passed, but for some."""
    results = tuple(
        Result(id=case, verdict=but.get(case, Verdict.PASS), reason=reason if case in but else "")
        for case in applicable(product)
    )
    return build(
        CampaignRun(
            product=product,
            config=LabConfig(),
            bench="memory",
            made_by="ohmstead 1",
            began=datetime(2026, 3, 2, tzinfo=UTC),
            seconds=1.0,
            results=results,
        )
    )


def test_a_campaign_does_not_differ_from_itself() -> None:
    assert changes(campaign({}), campaign({})) == ()


def test_a_case_that_fails_now_takes_its_profile_and_its_claim_along() -> None:
    found = changes(campaign({}), campaign({"TC_C_32_CS": Verdict.FAIL}))
    told = {(change.what, change.id): (change.before, change.after, change.worse) for change in found}
    assert told == {
        ("profile", "Core"): ("Pass", "Fail", True),
        ("case", "TC_C_32_CS"): ("PASS", "FAIL", True),
        ("measured", "C-49"): ("confirmed, Yes", told["measured", "C-49"][1], True),
    }
    assert told["measured", "C-49"][1].startswith("contradicted, 1 of ")


def test_a_case_that_passes_now_is_not_worse() -> None:
    found = changes(campaign({"TC_C_32_CS": Verdict.FAIL}), campaign({}))
    assert found
    assert not any(change.worse for change in found)


def test_the_same_verdict_for_another_reason_is_told() -> None:
    but = {"TC_C_32_CS": Verdict.FAIL}
    found = changes(campaign(but, reason="one"), campaign(but, reason="another"))
    assert [(change.what, change.id, change.before, change.after) for change in found] == [
        ("reason", "TC_C_32_CS", "one", "another")
    ]


def test_another_claim_is_told_with_the_cases_that_it_brings() -> None:
    features = {**PRODUCT.features, "C-56": True}
    other = msgspec.structs.replace(PRODUCT, features=features)
    found = {(change.what, change.id): str(change) for change in changes(campaign({}), campaign({}, other))}
    assert found["claim", "C-56"] == "claim    C-56: No -> Yes"
    assert found["case", "TC_B_14_CS"] == "case     TC_B_14_CS: NOT APPLICABLE -> PASS"


@pytest.mark.parametrize("before", [Verdict.PASS, Verdict.INCONCLUSIVE])
def test_a_case_that_fails_is_worse_than_anything(before: Verdict) -> None:
    """Also than one that had come to no verdict."""
    found = changes(campaign({"TC_C_32_CS": before}), campaign({"TC_C_32_CS": Verdict.FAIL}))
    assert {change.what for change in found if change.worse} >= {"case", "profile"}


def test_a_limit_that_is_missed_now_is_worse() -> None:
    """Times differ from run to run; limits are kept or not."""

    def measured(start: float) -> Report:
        figures = Figures(
            technology="Mobile network",
            response=summary([start], 50.0),
            triggered=summary([1.0], 20.0),
            start=summary([start], 10.0),
            stop=summary([], 30.0),
            whole_report=summary([]),
        )
        return msgspec.structs.replace(campaign({}), performance=(figures,))

    assert changes(measured(1.0), measured(2.0)) == ()
    (change,) = changes(measured(2.0), measured(11.0))
    assert change.worse
    assert str(change).endswith("RequestStartTransactionRequest, Mobile network: kept -> above it")
    (change,) = changes(measured(11.0), measured(2.0))
    assert not change.worse
