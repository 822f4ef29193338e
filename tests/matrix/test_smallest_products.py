"""Cases that once insisted on what a product does not have pass on the smallest products that showed it."""

from collections.abc import Mapping

import pytest

from tests.matrix.campaign import Trouble, cases_of, run_one
from tests.matrix.covering import Space
from tests.matrix.drawn import product_of
from tests.matrix.parameters import SHIPPED, STOPS
from tests.matrix.shrinking import nearest

NO_STOP = dict.fromkeys(STOPS, "No")
SOCKET = {"current": "AC", "AC plug": "socket"}
NO_CARD = {"HFS-10": "None", "C-01": "No", "C-07": "No", "C-30": "No"}
BAY_ALONE = {
    **NO_STOP,
    **dict.fromkeys(("C-06.1", "C-10.2", "C-10.5"), "Yes"),
    **dict.fromkeys(("C-06.2", "C-10.1", "C-10.3", "C-10.4"), "No"),
}
SHOWN: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    (
        "a card stops what came from afar",
        "C_08 C_13 C_32 C_34 C_36 C_37 C_38",
        {"C-01": "No", "C-07": "No", "C-30": "No"},
    ),
    ("no lock keeps the cable", "E_17 E_25", {**SOCKET, "socket": "s309-1P-32A", "AQ-18": "No"}),
    ("the cable is kept for its owner", "E_31 E_43", {**SOCKET, "socket": "sType3", **NO_STOP}),
    ("it is kept while authorized, too", "E_31 E_43", {**SOCKET, **NO_STOP, "C-06.1": "Yes", "C-06.2": "No"}),
    ("a button keeps no cable", "E_43", {**SOCKET, **NO_STOP, "C-01": "No", "C-35": "Yes"}),
    (
        "what comes from afar is kept",
        "E_31",
        {**SOCKET, **NO_STOP, **NO_CARD},
    ),
    ("a car that is gone shows no address", "C_34", {**SOCKET, **NO_CARD, "C-34": "Yes"}),
    ("it shows none offline either", "E_31", {**SOCKET, **NO_CARD, **NO_STOP, "C-34": "Yes"}),
    (
        "a signature starts before energy does",
        "C_33",
        {"C-42": "Yes", "C-09.1": "No", "C-09.2": "No", "C-09.3": "Yes", "C-09.4": "No"},
    ),
    (
        "another stop point where nobody stops",
        "E_31",
        {"C-06.1": "Yes", "C-06.2": "No", "C-10.1": "No", "C-30": "No", "C-32": "Yes", "C-72": "No"},
    ),
    (
        "a ticket is made anew",
        "E_05",
        {"C-07": "No", "C-09.4": "No", "C-10.2": "No", "C-10.5": "Yes", "C-30": "No", "C-33": "Yes", "C-52": "No"},
    ),
    (
        "a ticket is made anew where the bay starts",
        "E_05",
        {
            **dict.fromkeys(("C-07", "C-09.1", "C-09.2", "C-09.4", "C-09.5", "C-10.2", "C-10.3", "C-30", "C-52"), "No"),
            **dict.fromkeys(("C-09.6", "C-10.5", "C-33"), "Yes"),
        },
    ),
    (
        "who comes before the cable comes from afar, and his token is told",
        "E_11",
        {"C-07": "No", "C-09.3": "Yes", "C-30": "No", "C-34": "Yes", "C-42": "Yes"},
    ),
    (
        "what ended when the EV suspended keeps no cable",
        "E_31",
        {**SOCKET, **NO_STOP, "socket": "sType3", "C-10.1": "No", "C-10.4": "Yes"},
    ),
    (
        "nor does it where the cable comes free",
        "E_31",
        {**SOCKET, **NO_STOP, "C-10.1": "No", "C-10.4": "Yes", "C-12.1": "Yes"},
    ),
    (
        "only the bay ends it where the authorization stays and nobody stops",
        "E_31 E_43",
        {**BAY_ALONE, "current": "DC"},
    ),
    ("and where no lock keeps the cable", "E_31 E_43", {**BAY_ALONE, **SOCKET, "socket": "Other3Ph", "AQ-18": "No"}),
    ("and where a lock does", "E_31 E_43", {**BAY_ALONE, **SOCKET, "socket": "sType2"}),
    ("a car that is gone shows no address to its cable", "E_17 E_25", {**SOCKET, **NO_CARD, "C-34": "Yes"}),
    ("who came from afar shows nothing to his cable", "E_17 E_25", {**SOCKET, **NO_CARD, **NO_STOP}),
)


@pytest.mark.parametrize(
    ("case", "lines"),
    [pytest.param(case, lines, id=f"{case}: {why}") for why, cases, lines in SHOWN for case in cases.split()],
)
def test_a_case_takes_a_product_as_it_is(case: str, lines: Mapping[str, str]) -> None:
    drawn = nearest(Space(), lines.items(), SHIPPED)
    assert drawn is not None
    product, identifier = product_of(drawn), f"TC_{case}_CS"
    assert identifier in cases_of(product)
    result = run_one(identifier, product)
    assert not isinstance(result, Trouble), result
    assert (result.verdict.value, result.reason) == ("PASS", "")
