"""A station that never stops talking fails its case, and keeps nobody waiting: in virtual time nothing else goes on."""

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.exchange import MOST_A_SECOND
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from tests.lab.other_words import Change, Frame, says


def flooding(action: str) -> Change:
    """Send a message of an action again and again."""

    def change(frame: Frame) -> list[Frame]:
        return [frame] * (MOST_A_SECOND + 100 if frame[0] == 2 and frame[2] == action else 1)

    return change


@pytest.mark.parametrize("action", ["BootNotification", "StatusNotification"])
def test_it_fails_and_is_bounded(action: str) -> None:
    case, product = load_cases()["TC_B_12_CS"], load("sec1000-240y")
    result = run_in_memory(case, product, LabConfig(), mutate=lambda: says(flooding(action)))
    assert (result.verdict, result.finding is not None and result.finding.field) == (Verdict.FAIL, "flood")
    assert len(result.log) < 3 * MOST_A_SECOND
