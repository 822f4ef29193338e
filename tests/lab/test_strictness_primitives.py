"""The primitive types of Part 2: what meets the schemas and is not written as it has to be, fails."""

import re
from collections.abc import Callable

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.primitives import is_instant, slips
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from ohmstead.wire.codec import decode
from ohmstead.wire.identifiers import IDENTIFIERS
from tests.lab.other_words import Change, field_changed, says, text_changed


def _written(instant: Callable[[str], str]) -> Change:
    return text_changed(lambda text: re.sub(r'(?<=")\d{4}-\d\d-\d\dT[\d:]{8}Z(?=")', lambda m: instant(m[0]), text))


SLIPS: dict[str, tuple[str, Change]] = {
    "nine decimals": ("timestamp", _written(lambda at: f"{at[:-1]}.123456789Z")),
    "four decimals": ("timestamp", _written(lambda at: f"{at[:-1]}.0000Z")),
    "an offset without a colon": ("timestamp", _written(lambda at: f"{at[:-1]}+0000")),
    "a blank in the middle": ("timestamp", _written(lambda at: at.replace("T", " "))),
    "a comma": ("timestamp", _written(lambda at: f"{at[:-1]},5Z")),
    "a transaction with a blank": ("transactionId", field_changed("transactionId", lambda at: f"a {at}"[:36])),
    "a transaction in braces": ("transactionId", field_changed("transactionId", lambda at: f"{{{at}}}"[:36])),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_fails_the_case(name: str) -> None:
    """By the general rules, and with the field."""
    field, change = SLIPS[name]
    result = run_in_memory(load_cases()["TC_E_01_CS"], load("sec1000-240y"), LabConfig(), mutate=lambda: says(change))
    assert result.verdict is Verdict.FAIL
    assert result.finding is not None
    assert field in f"{result.finding.field} {result.finding.got}"


RIGHT: dict[str, Change] = {
    "one decimal": _written(lambda at: f"{at[:-1]}.0Z"),
    "three decimals": _written(lambda at: f"{at[:-1]}.000Z"),
    "an offset": _written(lambda at: f"{at[:-1]}+00:00"),
    "an unknown offset": _written(lambda at: f"{at[:-1]}-00:00"),
    "small letters": _written(str.lower),
    "numbers": field_changed("seqNo", float),
    "customData": lambda frame: [
        [*frame[:-1], {**frame[-1], "customData": {"vendorId": "x"}}] if frame[0] in (2, 3) else frame
    ],
}


@pytest.mark.parametrize("name", RIGHT)
def test_another_right_way_passes(name: str) -> None:
    """RFC 3339 and JSON leave a choice."""
    result = run_in_memory(
        load_cases()["TC_E_01_CS"], load("sec1000-240y"), LabConfig(), mutate=lambda: says(RIGHT[name])
    )
    assert (result.verdict, result.reason) == (Verdict.PASS, "")


@pytest.mark.parametrize("text", ["2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01", "", "now"])
def test_what_is_no_instant(text: str) -> None:
    """A value of a variable of dataType dateTime."""
    assert not is_instant(text)


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00Z", "2026-01-01t00:00:00.5+01:00", "2016-12-31T23:59:60Z"])
def test_what_is_an_instant(text: str) -> None:
    """RFC 3339 has leap seconds, too."""
    assert is_instant(text)


def test_every_identifier_is_a_field() -> None:
    """The table names what is there."""
    assert all(name in kind.__struct_fields__ for kind, name in IDENTIFIERS)


def test_slips_deep_inside_are_found() -> None:
    """In an item of a list, with its place."""
    raw = (
        b'{"generatedAt":"2026-01-01T00:00:00.0001Z","tbc":false,"seqNo":0,"eventData":[{"eventId":1,'
        b'"timestamp":"2026-01-01T00:00:00Z","trigger":"Delta","actualValue":"x","eventNotificationType":'
        b'"CustomMonitor","component":{"name":"A B"},"variable":{"name":"C"}}]}'
    )
    decode(wire.NotifyEventRequest, raw)
    found = [one.path for one in slips(wire.NotifyEventRequest, raw)]
    assert found == ["generatedAt", "eventData[0].component.name"]


def test_values_of_variables_are_written_as_their_type_says() -> None:
    """`True` is no boolean."""
    shouting = text_changed(lambda text: text.replace('"value": "true"', '"value": "True"'))
    result = run_in_memory(load_cases()["TC_B_53_CS"], load("sec1000-240y"), LabConfig(), mutate=lambda: says(shouting))
    assert result.verdict is Verdict.FAIL
    assert "dataType boolean" in result.reason
