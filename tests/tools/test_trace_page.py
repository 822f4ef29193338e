"""The requirement trace: what counts as a citation, whose requirement it is, and what the page says of it."""

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.product.load import load
from tools import trace_page
from tools.trace_page import Requirement, Trace

PRODUCT = load("sec1000-240y")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("the order (B12.FR.03).", ["B12.FR.03"]),
        ("B12.FR.03/04 and A00.FR.309/510", ["B12.FR.03", "B12.FR.04", "A00.FR.309", "A00.FR.510"]),
        ("B05.FR.08 to B05.FR.11", ["B05.FR.08", "B05.FR.09", "B05.FR.10", "B05.FR.11"]),
        ("A00.FR.501 to A00.FR.503", ["A00.FR.501", "A00.FR.502", "A00.FR.503"]),
        ("B05 to B08, FR.03, TC_B_03_CS, Z01.FR.01", []),
    ],
)
def test_a_citation_may_name_several(text: str, ids: list[str]) -> None:
    assert list(trace_page.cited(text)) == ids


def _requirement(identifier: str, audience: str = "station", when: str = "") -> Requirement:
    return msgspec.convert({"id": identifier, "audience": audience, "strength": "SHALL", "when": when}, Requirement)


def _trace(*requirements: Requirement) -> Trace:
    return Trace(
        requirements,
        PRODUCT,
        cases={"TC_B_01_CS": ("B01.FR.01", "B01.FR.99")},
        code={"B01.FR.01": frozenset({"src/ohmstead/blocks/b_boot.py"})},
        tests={"B01.FR.02": frozenset({"tests/runtime/test_boot.py"})},
    )


@pytest.mark.parametrize(
    ("audience", "when", "reason"),
    [
        ("station", "", None),
        ("both", "C-49 and not R-0", None),
        ("station", "R-0", "R-0 = No"),
        ("station", '"Advanced Security"', None),
        ("station", '"Smart Charging"', "Smart Charging = No"),
        ("csms", "", "the CSMS"),
        ("operator", "", "operators and manufacturers"),
    ],
)
def test_whose_requirement_it_is(audience: str, when: str, reason: str | None) -> None:
    assert _trace().reason(_requirement("B01.FR.01", audience, when)) == reason


def test_the_page_leads_from_a_case_to_the_code() -> None:
    text = trace_page.render(_trace(_requirement("B01.FR.01")))
    assert "| TC_B_01_CS | B01.FR.01, B01.FR.99 | `blocks/b_boot.py` |" in text


def test_the_page_says_why_something_cannot_be_seen() -> None:
    trace = _trace(*map(_requirement, ("B01.FR.01", "B01.FR.02", "B01.FR.03", "C01.FR.01")))
    trace = msgspec.structs.replace(trace, unseen={"B01.FR.03": "there is nothing to see"})
    assert "| B01.FR.03 | there is nothing to see |" in trace_page.render(trace)
    assert [row.id for row in trace.open] == ["C01.FR.01"]


def test_only_code_of_the_station_meets_its_duties() -> None:
    files = set().union(*trace_page.traced().code.values())
    assert not [file for file in files if "/csms/" in file or "/lab/" in file or file.endswith("/authority.py")]


def test_the_page_names_citations_of_what_does_not_exist() -> None:
    text = trace_page.render(_trace(_requirement("B01.FR.01"), _requirement("B01.FR.02")))
    assert "| B01.FR.99 | `TC_B_01_CS` |" in text


def test_every_implemented_case_is_traced() -> None:
    assert trace_page.cases().keys() == load_cases().keys()


def test_the_table_of_requirements_has_each_once_and_conditions_that_can_be_read() -> None:
    rows = trace_page.requirements(trace_page.ROOT / "src/ohmstead/lab/data/requirements.tsv")
    ids = [row.id for row in rows]
    assert ids == sorted(set(ids))
    trace = Trace(rows, PRODUCT, {}, {}, {})
    assert [row.id for row in rows if row.id[0] in "DHIKO" and trace.reason(row) is None] == []


def test_no_code_cites_a_requirement_that_does_not_exist() -> None:
    """Cases may: some texts of the official list name requirements that the edition no longer has."""
    source = trace_page.ROOT / "src/ohmstead"
    known = {row.id for row in trace_page.requirements(source / "lab/data/requirements.tsv")}
    assert set(trace_page.citations(path for path in source.rglob("*.py") if "lab" not in path.parts)) <= known


def test_every_requirement_of_the_product_is_shown_or_cannot_be() -> None:
    """None is open, and none of those that are said not to be seen is unknown, of somebody else, or shown after all."""
    trace = trace_page.traced()
    assert [row.id for row in trace.open] == []
    assert trace.unseen.keys() <= {row.id for row in trace.due}
    assert [identifier for identifier, why in trace.unseen.items() if not why.strip()] == []
    assert [identifier for identifier in trace.unseen if trace.shown(identifier)] == []


def test_the_readme_says_how_many_requirements_are_shown() -> None:
    trace = trace_page.traced()
    shown = sum(trace.shown(row.id) for row in trace.due)
    text = " ".join((trace_page.ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"of the {len(trace.due)} that `{trace.product.name}` has to meet, a case or a test shows {shown}" in text
    assert f"of the other {len(trace.due) - shown} it says why nothing can" in text
