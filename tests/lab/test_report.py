"""The report: what a campaign says about profiles and claims, on the page, on paper, and read back into the product."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from ohmstead.cli.main import build as build_cli
from ohmstead.cli.main import execute
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.figures import Figures, summary
from ohmstead.lab.report.build import build
from ohmstead.lab.report.claims import cases_behind, subjects
from ohmstead.lab.report.folder import FolderError, write_folder
from ohmstead.lab.report.html import page
from ohmstead.lab.report.model import CampaignRun, FeatureRow, Report, ReportError, read
from ohmstead.lab.report.paper import paper, source
from ohmstead.lab.report.read import printed, read_page, read_report
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import applicable
from ohmstead.lab.verdict import Finding, Result, Verdict
from ohmstead.product.certificate import read as read_abstract
from ohmstead.product.load import load

PRODUCT = load("sec1000-240y")
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def result(case: str, verdict: Verdict = Verdict.PASS, reason: str = "") -> Result:
    """Return a result that nobody had to run for."""
    finding = Finding(step="1", field="field", wanted="this", got="that") if verdict is Verdict.FAIL else None
    return Result(id=case, title=f"title of {case}", verdict=verdict, reason=reason, finding=finding)


def report_of(*results: Result, product: str = "sec1000-240y") -> Report:
    """Return the report of a campaign."""
    run = CampaignRun(
        product=load(product),
        config=LabConfig(),
        bench="memory",
        made_by="ohmstead 1",
        began=BEGAN,
        seconds=1.0,
        results=results,
    )
    return build(run)


def all_passed(but: dict[str, Verdict] | None = None) -> Report:
    """Return the report of a campaign in which every case that applies passed, but for some."""
    others = but or {}
    return report_of(*(result(case, others.get(case, Verdict.PASS), "why") for case in applicable(PRODUCT)))


def row(report: Report, identifier: str) -> FeatureRow:
    """Return a line of a feature table."""
    return next(row for section in report.sections for row in section.rows if row.id == identifier)


def profile(report: Report, name: str) -> str:
    """Return the result of a certification profile."""
    return next(profile.result for profile in report.profiles if profile.name == name)


# Profiles


def test_a_profile_passes_if_every_case_that_applies_has_passed() -> None:
    report = all_passed()
    assert (profile(report, "Core"), profile(report, "Advanced Security")) == ("Pass", "Pass")
    assert profile(report, "Smart Charging") == "Not Tested"
    assert report.summary["PASS"] == len(applicable(PRODUCT)) == 191
    assert report.summary["NOT RUN"] == 0


def test_one_failure_fails_its_profile_and_no_other() -> None:
    report = all_passed({"TC_A_07_CS": Verdict.FAIL})
    assert (profile(report, "Core"), profile(report, "Advanced Security")) == ("Pass", "Fail")


@pytest.mark.parametrize("missing", [Verdict.INCONCLUSIVE, None])
def test_a_profile_is_not_tested_while_a_case_has_no_verdict(missing: Verdict | None) -> None:
    cases = [case for case in applicable(PRODUCT) if case != "TC_G_01_CS" or missing is not None]
    report = report_of(*(result(case, missing if case == "TC_G_01_CS" and missing else Verdict.PASS) for case in cases))
    assert profile(report, "Core") == "Not Tested"


def test_a_case_that_does_not_apply_is_no_gap() -> None:
    assert all_passed().summary["NOT APPLICABLE"] > 0


# Claims


def test_a_claim_is_confirmed_by_the_cases_behind_it() -> None:
    cache = row(all_passed(), "C-49")
    assert (cache.claim, cache.measured, cache.verdict) == ("Yes", "Yes", "confirmed")
    assert "TC_C_32_CS" in cache.cases


def test_a_claim_of_no_is_confirmed_by_the_cases_that_apply_because_of_it() -> None:
    inventory = row(all_passed(), "C-56")
    assert (inventory.claim, inventory.measured, inventory.verdict, inventory.cases) == (
        "No",
        "No",
        "confirmed",
        ("TC_B_15_CS",),
    )


def test_a_claim_that_a_case_contradicts_is_red_on_the_page() -> None:
    report = all_passed({"TC_C_32_CS": Verdict.FAIL})
    assert row(report, "C-49").verdict == "contradicted"
    # The token is only the means of that case: the claim that cards can be read is not contradicted by it.
    assert row(report, "C-30").verdict == "confirmed"
    assert [wrong.id for wrong in report.contradicted] == ["C-49"]
    line = next(line for line in page(report).splitlines() if "<td>C-49</td>" in line and "Authorization cache" in line)
    assert line.startswith('<tr class="wrong">')


def test_a_claim_stays_open_while_a_case_behind_it_has_no_verdict() -> None:
    assert row(all_passed({"TC_C_32_CS": Verdict.INCONCLUSIVE}), "C-49").verdict == "open"


def test_what_nothing_looks_at_is_not_measured() -> None:
    assert (row(report_of(), "HFS-11").measured, row(report_of(), "HFS-11").verdict) == ("", "")


@pytest.mark.parametrize(
    ("condition", "features"),
    [
        ("C-49 and (C-30 or C-31)", {"C-49"}),
        ("C-30 or C-31 or C-32", {"C-30"}),
        ("not C-56", {"C-56"}),
        ("C-13", {"C-13"}),
        ("C-20 and not C-43 and AQ-7 and HFS-8 > 1", {"C-20", "C-43", "AQ-7", "HFS-8"}),
        ("C-40 and not AQ-8 and (C-09.2 or C-09.6)", {"C-40.1", "C-40.2", "C-40.3", "C-40.4", "C-40.5", "AQ-8"}),
        ("", set()),
    ],
)
def test_what_a_condition_is_about(condition: str, features: set[str]) -> None:
    assert set(subjects(condition, PRODUCT)) == features


def test_cases_behind_a_claim_apply() -> None:
    cases = set(applicable(PRODUCT))
    assert all(set(behind) <= cases for behind in cases_behind(PRODUCT).values())


# What the wire logs show


def recorded(*cases: str) -> list[Result]:
    """Run cases with evidence."""
    return [run_in_memory(load_cases()[case], PRODUCT, LabConfig(), record=True) for case in cases]


def test_identity_evses_measurands_and_cipher_suites_are_as_seen() -> None:
    seen = report_of(*recorded("TC_A_04_CS", "TC_E_03_CS")).seen
    assert seen.firmware_versions == (PRODUCT.identity.firmware_version,)
    assert seen.models == (PRODUCT.identity.model,)
    assert seen.evses == (1, 2)
    assert set(seen.cipher_suites) <= set(PRODUCT.security.cipher_suites)
    assert seen.cipher_suites
    assert seen.measurands["tx_started"] == ("Energy.Active.Import.Register",)
    assert seen.frames > 20


def test_a_station_of_another_size_contradicts_the_claim() -> None:
    results = recorded("TC_P_01_CS")
    smaller = msgspec.structs.replace(PRODUCT, evses=PRODUCT.evses[:1])
    run = CampaignRun(
        product=smaller, config=LabConfig(), bench="memory", made_by="", began=BEGAN, seconds=0, results=tuple(results)
    )
    evses = row(build(run), "HFS-8")
    assert (evses.claim, evses.measured, evses.verdict) == ("1", "2", "contradicted")


def test_the_inventory_tells_of_settings_limits_and_what_is_not_there() -> None:
    report = report_of(*recorded("TC_B_13_CS"))
    assert report.seen.inventory
    told = {name: (row(report, name).measured, row(report, name).verdict) for name in ("ORS-4", "ORS-12", "ORS-24")}
    assert told == {
        "ORS-4": ("500", "confirmed"),
        "ORS-12": ("1800", "confirmed"),
        "ORS-24": ("HTTP HTTPS FTP FTPS", "confirmed"),
    }
    assert (row(report, "C-59").measured, row(report, "C-59").verdict) == ("not in the inventory", "confirmed")
    assert (row(report, "C-09.6").measured, row(report, "C-09.6").verdict) == ("not in its list", "confirmed")
    assert (row(report, "C-21").measured, row(report, "C-21").verdict) == ("in the inventory", "confirmed")
    assert report.contradicted == ()


@pytest.mark.parametrize(
    ("claims", "settings", "wrong"),
    [
        ({"C-59": True}, {}, "C-59"),
        ({"C-09.6": True}, {}, "C-09.6"),
        ({"C-51": False}, {}, "C-51"),
        ({"HFS-4": False}, {}, "HFS-4"),
        ({}, {"ORS-12": 3600}, "ORS-12"),
        ({}, {"ORS-4": 501}, "ORS-4"),
        ({}, {"ORS-24": "HTTP"}, "ORS-24"),
    ],
)
def test_the_inventory_contradicts_a_product_that_claims_something_else(
    claims: dict[str, bool], settings: dict[str, str | int | float], wrong: str
) -> None:
    results = recorded("TC_B_13_CS")
    other = msgspec.structs.replace(
        PRODUCT, features={**PRODUCT.features, **claims}, settings={**PRODUCT.settings, **settings}
    )
    run = CampaignRun(
        product=other, config=LabConfig(), bench="memory", made_by="", began=BEGAN, seconds=0, results=tuple(results)
    )
    assert [line.id for line in build(run).contradicted] == [wrong]


def test_cipher_suites_are_those_of_the_client_hello() -> None:
    report = report_of(*recorded("TC_A_04_CS"))
    assert row(report, "C-41").measured == row(report, "C-41").claim
    assert row(report, "C-41").verdict == "confirmed"


# Page, paper, JSON


def test_the_page_stands_alone_and_says_what_it_is() -> None:
    text = page(all_passed())
    assert not re.search(r"""(?:src|href)=|url\(|@import|https?://""", text)
    assert "This is not a certificate" in text
    assert "Open Charge Alliance" not in text
    assert "Performance was not measured." in text


def test_what_a_station_says_stays_text_on_page_and_paper() -> None:
    nasty = '<script>alert(1)</script> #panic("x") \\ " & *'
    report = all_passed()
    first = msgspec.structs.replace(report.cases[0], verdict="FAIL", reason=nasty)
    report = msgspec.structs.replace(report, cases=(first, *report.cases[1:]))
    assert "<script>alert" not in page(report)
    assert '#panic(\\"x\\")' in source(report)


def test_the_report_is_decoded_as_it_was_written() -> None:
    report = all_passed({"TC_C_32_CS": Verdict.FAIL})
    assert read(msgspec.json.encode(report)) == report


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format":"other"}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ReportError, match="not a report"):
        read(text)


def test_the_paper_is_a_pdf() -> None:
    pytest.importorskip("typst")
    assert paper(all_passed()).startswith(b"%PDF-")


def test_a_figure_above_its_limit_is_red() -> None:
    figures = Figures(
        technology="Mobile network",
        response=summary([51.0], 50.0),
        triggered=summary([1.0], 20.0),
        start=summary([1.0], 10.0),
        stop=summary([], 30.0),
        whole_report=summary([]),
    )
    text = page(msgspec.structs.replace(all_passed(), performance=(figures,)))
    own = text[text.index("Measured in this run: Mobile network") :].splitlines()
    lines = [line for line in own if line.startswith("<tr") and "<td" in line][:4]
    assert ['class="wrong"' in line for line in lines] == [True, False, False, False]


# Round trip


@pytest.mark.parametrize("name", ["sec1000-240y", "flagship"])
def test_page_and_json_give_the_product_back(tmp_path: Path, name: str) -> None:
    report = report_of(product=name)
    (tmp_path / "report.html").write_text(page(report), "utf-8")
    (tmp_path / "report.json").write_bytes(msgspec.json.encode(report))
    assert read_report(tmp_path / "report.html").product == load(name)
    assert read_report(tmp_path / "report.json").product == load(name)


def test_the_printed_tables_alone_give_the_certified_product_back() -> None:
    """Also with findings of the run beside the claims, red ones among them."""
    text = page(all_passed({"TC_C_32_CS": Verdict.FAIL, "TC_B_15_CS": Verdict.INCONCLUSIVE}))
    reading = read_abstract(printed(text))
    assert reading.product == PRODUCT
    assert [note.text for note in reading.notes if note.severity == "warning"] == []


def test_a_page_without_its_product_is_read_by_its_tables() -> None:
    bare = re.sub(r"<script.*?</script>", "", page(all_passed()), flags=re.DOTALL)
    assert read_page(bare).product == PRODUCT


def test_a_page_with_a_broken_product_is_refused() -> None:
    broken = page(all_passed()).replace('{"name":', '{"nmae":')
    with pytest.raises(ReportError, match="cannot be read"):
        read_page(broken)


# The folder and the commands


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("mine")
    with pytest.raises(FolderError):
        write_folder(tmp_path, report_of(), [])
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


def test_certify_judge_import_and_diff_as_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "report"
    assert execute(["certify", "P_01", "G_03", "--network", "none", "--out", str(folder)]) == 0
    report = read((folder / "report.json").read_bytes())
    assert {case.id for case in report.cases if case.verdict == "PASS"} == {"TC_P_01_CS", "TC_G_03_CS"}
    assert (folder / "junit.xml").read_text().count("<testcase") == 2
    case = next(case for case in report.cases if case.id == "TC_P_01_CS")
    assert hashlib.sha256((folder / case.evidence).read_bytes()).hexdigest() == case.sha256

    assert execute(["lab", "judge", str(folder)]) == 0
    assert "2 of 2 verdicts are the same" in capsys.readouterr().out
    assert execute(["lab", "diff", str(folder), str(folder / "report.json")]) == 0

    imported = tmp_path / "product.toml"
    assert execute(["product", "import", str(folder / "report.html"), "-o", str(imported)]) == 0
    assert load(imported) == PRODUCT


def test_certify_is_among_the_commands() -> None:
    shown = CliRunner().invoke(build_cli([]), ["--help"])
    assert "certify" in shown.output
