"""A report read back into its product: word for word where the report carries it, else by the printed tables."""

from html.parser import HTMLParser
from pathlib import Path

import msgspec

from ohmstead.lab.report.html import EMBEDDED
from ohmstead.lab.report.model import ReportError, read
from ohmstead.product.certificate import CertificateReading
from ohmstead.product.certificate import read as read_abstract
from ohmstead.product.profile import Product
from ohmstead.product.words import SECTIONS

LARGEST = 64_000_000
"""Bytes; a report has about 200,000."""
VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4"))


def is_report(path: Path) -> bool:
    """Say whether a file is a report by its name; every other one is the text of a certificate."""
    return path.suffix.lower() in (".html", ".htm", ".json")


def read_report(path: Path, *, strict: bool = False) -> CertificateReading:
    """Read report.html or report.json. Raises ReportError; CertificateError for tables that contradict themselves."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ReportError(f"{path}: more than {LARGEST} bytes: that is no report")
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: cannot be read: {error}") from None
    if path.suffix.lower() == ".json":
        return CertificateReading(read(text).product, ())
    return read_page(text, strict=strict)


def read_page(text: str, *, strict: bool = False) -> CertificateReading:
    """Read a page: the product that lies in it, or, where there is none, the printed tables."""
    page = _Page()
    page.feed(text)
    page.close()
    if page.embedded is None:
        return read_abstract(printed(text), strict=strict)
    try:
        return CertificateReading(msgspec.json.decode(page.embedded, type=Product), ())
    except msgspec.DecodeError as error:
        raise ReportError(f"the product in the page cannot be read: {error}") from None


def printed(text: str) -> str:
    """Return the printed tables of a page as the text of an abstract: a row a line, its cells separated by tabs.

    Headings that no abstract has are left out, for the lines below them are known by their ids; so is what is marked
    as a finding of the run (`data-own`).
    """
    page = _Page()
    page.feed(text)
    page.close()
    return "\n".join(page.lines) + "\n"


class _Page(HTMLParser):
    """Lines of text out of elements; `embedded` is the product in its script element, if there is one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.embedded: str | None = None
        self._open: list[tuple[str, bool]] = []
        """Element, and whether it and what is in it is passed over."""
        self._cells: list[str] = []
        self._text = ""
        self._taking = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        if tag in VOID:
            return
        over = self._over or tag in ("script", "style", "head") or any(name == "data-own" for name, _ in attrs)
        self._open.append((tag, over))
        self._taking = tag == "script" and dict(attrs).get("id") == EMBEDDED
        if self._taking:
            self.embedded = ""
        if tag == "tr":
            self._cells = []
        if tag in ("td", "th", "p", *HEADINGS):
            self._text = ""

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it those that were left open in it."""
        if not any(name == tag for name, _ in self._open):
            return
        over = self._over
        while self._open.pop()[0] != tag:
            continue
        self._taking = False
        if over:
            return
        text = " ".join(self._text.split())
        if tag in ("td", "th"):
            self._cells.append(text)
        elif tag == "tr" and any(self._cells):
            self.lines.append("\t".join(self._cells) if len(self._cells) > 1 else f"{self._cells[0]}\t")
        elif tag in HEADINGS and text.lower() in SECTIONS:
            self.lines.append(f"## {text}")
        elif tag == "p" and text:
            self.lines.append(text)

    def handle_data(self, data: str) -> None:
        """Text."""
        if self._taking and self.embedded is not None:
            self.embedded += data
        elif not self._over:
            self._text += data

    @property
    def _over(self) -> bool:
        return bool(self._open) and self._open[-1][1]
