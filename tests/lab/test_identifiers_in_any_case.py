"""identifierString is case insensitive: a station may write each of them otherwise in every message."""

import json
from zlib import crc32

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.checks import matches
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.wire import codec
from ohmstead.wire import messages as wire
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.identifiers import rewritten
from tests.generators import sample
from tests.lab.other_words import Change, Frame, says

CASES = (str.upper, str.lower, str.swapcase)


def by_turns() -> Change:
    """Write the identifiers of CALLs in one case or another; a message that is sent again is what it was."""

    def change(frame: Frame) -> list[Frame]:
        if frame[0] != 2:
            return [frame]
        kind, _ = ACTIONS[frame[2]]
        payload = codec.decode(kind, msgspec.json.encode(frame[3]))
        frame[3] = json.loads(codec.encode(rewritten(payload, CASES[crc32(frame[1].encode()) % len(CASES)])))
        return [frame]

    return change


@pytest.mark.parametrize(
    ("product", "case"),
    sample(
        [
            (product, case)
            for product in ("sec1000-240y", "flagship")
            for case in sorted(load_cases())
            if select(case, load(product)).applies
        ],
        40,
    ),
)
def test_the_case_passes(product: str, case: str) -> None:
    result = run_in_memory(load_cases()[case], load(product), LabConfig(), mutate=lambda: says(by_turns()))
    assert result.verdict is Verdict.PASS, result.reason


def test_a_field_equals_another_spelling_of_what_is_wanted_where_it_is_an_identifier() -> None:
    request = wire.AuthorizeRequest(id_token=wire.IdToken(id_token="Abc", type=wire.IdTokenEnum.Central))
    assert matches(request, {"id_token__id_token": "aBC"})
    assert not matches(request, {"id_token__id_token": "aBCd"})
    station = wire.ChargingStation(vendor_name="Abc", model="Abc")
    assert not matches(station, {"model": "aBC"})
