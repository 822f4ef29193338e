"""Whatever a station, a product file or a peer says, report and terminal stay well-formed and say it readably."""

import html
import html.parser
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec.structs import replace
from rich.text import Text

from ohmstead.cli.lab.command import show_result
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.report.build import build
from ohmstead.lab.report.folder import write_folder
from ohmstead.lab.report.model import CampaignRun, Report
from ohmstead.lab.report.model import read as read_report
from ohmstead.lab.verdict import Finding, LogEntry, Result, Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire.printable import json_line, printable
from tests.generators import sample

NASTY = {
    "a control character": "a\x00\x01\x08b",
    "an escape sequence": "a\x1b[2J\x1b]0;title\x07b",
    "C1 of a terminal": "a\x9b31mb",
    "a carriage return": "good\rbad",
    "lines of Unicode": "a\u2028b\u2029c\x85d",
    "a direction": "a\u202eb\u2066c\u200fd",
    "what is no character": "a\ufffe\uffff\U000e0041b",
    "HTML": "<script>alert(1)</script>&amp;\"'><!--",
    "XML": "]]><a/>&#0;",
    "Rich": "[bold red]a[/] [link=http://x]b[/link]",
    "Typst": '#panic("a") $x$ *b* @c \\ #"',
    "a path": "../../etc/passwd/..\\x",
    "a very long word": "x" * 5000,
    "a very long text": "word " * 2000,
    "other scripts": "深圳市 Ωλ Жд 🙂",
}
PLACES = ("vendor_name", "model", "firmware_version", "serial_number", "reason", "notes", "finding", "log")
CELLS = [(what, place) for what in NASTY for place in PLACES]
INVISIBLE = [chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x202E)]


def campaign(place: str, text: str) -> tuple[Report, tuple[Result, ...], Product]:
    product = load("sec1000-240y")
    if place in ("vendor_name", "model", "firmware_version", "serial_number"):
        product = replace(product, identity=replace(product.identity, **{place: text}))
    finding = Finding(step="1", field="x", wanted="y", got=text if place == "finding" else "z")
    result = Result(
        id="TC_G_03_CS",
        verdict=Verdict.FAIL,
        reason=text if place == "reason" else str(finding),
        finding=finding,
        notes=(text,) if place == "notes" else (),
    )
    if place == "log":
        result = replace(result, log=(LogEntry(at=0.0, way=".", text=text),))
    run = CampaignRun(
        product=product,
        config=LabConfig(),
        bench="memory",
        made_by="ohmstead 1",
        began=datetime(2026, 3, 2, tzinfo=UTC),
        seconds=1.0,
        results=(result,),
    )
    return build(run), (result,), product


class Words(html.parser.HTMLParser):
    """Text and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.scripts = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("what", "place"), sample(CELLS, 12))
def test_a_report_is_well_formed_whatever_stands_in_it(what: str, place: str, tmp_path: Path) -> None:
    report, results, product = campaign(place, NASTY[what])
    names = {path.name for path in write_folder(tmp_path, report, results)}
    assert names == {"report.html", "report.pdf", "report.json", "junit.xml"}
    assert {path.name for path in tmp_path.iterdir()} == names | {"evidence"}
    assert read_report((tmp_path / "report.json").read_bytes()).product == product
    ElementTree.parse(tmp_path / "junit.xml")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    page = (tmp_path / "report.html").read_text("utf-8")
    before_the_product = page.partition('id="ohmstead-product"')[0]
    assert not [mark for mark in INVISIBLE if mark in before_the_product]
    words = Words()
    words.feed(page)
    assert words.scripts == 1


@pytest.mark.parametrize("what", NASTY)
def test_a_terminal_shows_a_reason_as_text(what: str) -> None:
    _, (result,), _ = campaign("reason", NASTY[what])
    line = show_result(result)
    assert line is not None
    shown = Text.from_markup(line).plain
    assert not [mark for mark in INVISIBLE if mark in shown]
    assert printable(NASTY[what]) in shown


@pytest.mark.parametrize("what", NASTY)
def test_a_line_of_json_is_one_line_to_every_reader(what: str) -> None:
    line = json_line(msgspec.json.encode({"text": NASTY[what]}))
    assert len(line.decode().splitlines()) == 1
    assert msgspec.json.decode(line) == {"text": NASTY[what]}


def test_letters_of_every_script_stay_and_half_a_character_is_shown() -> None:
    assert printable(NASTY["other scripts"]) == NASTY["other scripts"]
    assert printable("a\ud800b") == "a\\ud800b"
