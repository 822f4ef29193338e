"""Products that take tokens in other ways than a card: every case that applies passes with what the product has."""

import zlib

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import HardwareFeatures, Product
from tests.generators import WHOLE

TOKENS = (
    "C-30",
    "C-31",
    "C-32",
    "C-33",
    "C-34",
    "C-35",
    "C-70",
    "C-71",
    "C-72",
    "C-75",
    "C-36",
    "C-37",
    "C-38",
    "C-39",
)
WAYS: dict[str, tuple[dict[str, object], tuple[str, ...], tuple[str, ...]]] = {
    "keypad alone": ({"rfid_readers": "None"}, ("C-32", "C-72", "C-38"), ()),
    "keypad at each EVSE": ({"rfid_readers": "PerEVSE"}, ("C-32", "C-72", "C-37"), ()),
    "the car alone": ({"rfid_readers": "None"}, ("C-34", "C-38"), ("C-01", "C-02")),
    "the car, and a stop button": ({"rfid_readers": "None"}, ("C-34", "C-75", "C-36"), ()),
    "start button": ({"rfid_readers": "None"}, ("C-35", "C-75", "C-39"), ("C-49", "C-53", "C-54", "C-59")),
    "ticket": ({"rfid_readers": "None"}, ("C-33", "C-38"), ("C-49", "C-53", "C-54", "C-59")),
    "remote alone": ({"rfid_readers": "None"}, ("C-36",), ("C-01", "C-02", "C-06.1")),
    "remote alone, nobody asked": (
        {"rfid_readers": "None"},
        ("C-38",),
        ("C-01", "C-02", "C-49", "C-53", "C-54", "C-59"),
    ),
    "reader an EVSE, ISO 15693": ({"rfid_readers": "PerEVSE"}, ("C-31", "C-71", "C-37"), ()),
    "reader, and a stop button": ({}, ("C-30", "C-75", "C-38"), ()),
    "reader, and no stop at the station": ({}, ("C-30", "C-36"), ()),
    "no display": ({"displays": 0}, ("C-30", "C-70", "C-36", "C-08"), ("C-07",)),
    "start button with a cache": ({"rfid_readers": "None"}, ("C-35", "C-75", "C-36"), ()),
    "keypad, and a start button": ({"rfid_readers": "None"}, ("C-32", "C-35", "C-75", "C-36"), ()),
    "reader, and a button for outages": (
        {},
        ("C-30", "C-70", "C-35", "C-36"),
        ("C-02", "C-49", "C-53", "C-54", "C-59"),
    ),
    "two displays": ({"displays": 2}, ("C-30", "C-70", "C-36"), ()),
    "everything": ({}, TOKENS, ()),
    "ticket or the car, fixed points": ({"rfid_readers": "None"}, ("C-33", "C-34", "C-36"), ("C-09.6", "C-51")),
    "the car, fixed points": ({"rfid_readers": "None"}, ("C-34", "C-36"), ("C-01", "C-02", "C-09.6", "C-51")),
    "two cards, the second one stops": ({}, ("C-30", "C-31", "C-71", "C-36"), ()),
    "key code or nothing, a card stops": ({}, ("C-32", "C-35", "C-70", "C-36", "C-14"), ()),
    "card, offline by the button alone": (
        {},
        ("C-30", "C-35", "C-70", "C-36"),
        ("C-02", "C-49", "C-53", "C-54", "C-59"),
    ),
    "card, never offline": ({}, ("C-30", "C-35", "C-70", "C-36"), ("C-01", "C-02")),
    "signed start": (
        {},
        ("C-30", "C-70", "C-36", "C-42", "C-09.3"),
        ("C-09.1", "C-09.2", "C-09.4", "C-09.5", "C-09.6", "C-51"),
    ),
    "signed values": ({}, ("C-30", "C-70", "C-36", "C-42", "C-09.3"), ()),
    "remote start always asked about": ({}, ("C-30", "C-70", "C-36"), ("C-48.2",)),
    "remote start never asked about": ({}, ("C-30", "C-70", "C-36"), ("C-48.1",)),
}
"""Name -> hardware, features that it has, and features that it has not; the rest is the flagship's."""
CASES_OF_EACH = 8


def made(name: str) -> Product:
    """Return the flagship with other ways to start and stop."""
    hardware, having, without = WAYS[name]
    base = load("flagship")
    features = base.features | dict.fromkeys((*TOKENS, *without), False) | dict.fromkeys(having, True)
    if "C-08" not in having and hardware.get("displays") == 0:
        features["C-07"] = False
    return msgspec.structs.replace(
        base,
        hardware=msgspec.convert({**msgspec.to_builtins(base.hardware), **hardware}, HardwareFeatures),
        features=features,
    )


def cells() -> list[tuple[str, str]]:
    """Return every product with the cases that apply; outside the nightly run some of each, other ones for each."""
    chosen = []
    for name in WAYS:
        applies = [case for case in sorted(load_cases()) if select(case, made(name)).applies]
        telling = [case for case in applies if case[3] in "CEFJ"]
        telling.sort(key=lambda case: zlib.crc32(f"{name} {case}".encode()))
        chosen += [(name, case) for case in (applies if WHOLE else telling[:CASES_OF_EACH])]
    return chosen


@pytest.mark.parametrize(("name", "case"), cells())
def test_a_case_passes_with_what_the_product_has(name: str, case: str) -> None:
    result = run_in_memory(load_cases()[case], made(name), LabConfig())
    assert (result.verdict, result.reason) == (Verdict.PASS, "")
