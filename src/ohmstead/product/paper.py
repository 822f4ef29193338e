"""The bytes of a paper as text: PDF, UTF-8, UTF-16, Latin-1."""

import codecs
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from ohmstead.product.abstract import CertificateError

if TYPE_CHECKING:
    from pdfplumber.page import Page

MOST_PAGES = 300
Row: TypeAlias = tuple[str, ...]
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
MISSING = "a PDF is read with pdfplumber: install ohmstead[pdf], or give its text (pdftotext -layout certificate.pdf)"


def is_pdf(data: bytes) -> bool:
    """Say whether these are the bytes of a PDF."""
    return b"%PDF-" in data[:1024]


def decoded(data: bytes) -> str:
    """Return the text of a file by its mark, as UTF-16 without one, as UTF-8, or else as Windows writes Latin.

    Raises CertificateError for what is no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _whole(data.decode(encoding, "replace"))
    zeros = (data[:4000:2].count(0), data[1:4000:2].count(0))
    if max(zeros) > len(data[:4000]) // 4 and min(zeros) == 0:
        return _whole(data.decode("utf-16-be" if zeros[0] else "utf-16-le", "replace"))
    try:
        return _whole(data.decode())
    except UnicodeDecodeError:
        # The five bytes that cp1252 does not know are control characters in Latin-1, and say nothing in a text.
        return _whole(data.decode("cp1252", "replace"))


def _whole(text: str) -> str:
    if "\x00" in text:
        raise CertificateError(text[: text.index("\x00")].count("\n") + 1, "a zero byte: this is not a text file")
    return text


def text_of_pdf(data: bytes) -> str:
    """Return the text of a PDF, its ruled tables as rows with tabs. Raises CertificateError for one without text."""
    try:
        import pdfplumber
    except ImportError:
        raise CertificateError(0, MISSING) from None
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            lines = list(_joined(_page(page) for page in pdf.pages[:MOST_PAGES]))
    except Exception as error:
        # A damaged file shows itself anywhere in the library, and in many ways.
        raise CertificateError(0, f"the PDF cannot be read: {str(error) or type(error).__name__}") from None
    if not any(line.strip() for line in lines):
        raise CertificateError(0, "the PDF has no text, as one that was scanned; its text is needed")
    return "\n".join(lines)


def _page(page: "Page") -> list[Row | str]:
    """Return a page from top to bottom: the rows of its tables, and the lines between them."""
    tables = page.find_tables()
    parts: list[tuple[float, Row | str]] = [
        (table.bbox[1], tuple(" ".join((cell or "").split()) for cell in row))
        for table in tables
        for row in table.extract()
    ]
    outside = page.filter(lambda item: not any(_within(item, table.bbox) for table in tables))
    parts += [(line["top"], line["text"]) for line in outside.extract_text_lines(layout=False)]
    return [part for _, part in sorted(parts, key=lambda part: part[0])]


def _joined(pages: Iterable[list[Row | str]]) -> Iterator[str]:
    """Yield the lines of all pages, a row as one line with tabs; one that a page ended within is a whole again."""
    found: list[Row | str] = []
    last: int | None = None
    for page in pages:
        begins = True
        for part in page:
            row = None if last is None else found[last]
            if isinstance(part, str) or (begins and part in found):  # what stands on every page: a line, a head
                found.append(part)
            elif begins and last is not None and row is not None and _goes_on(part, row):
                found[last] = tuple(f"{above} {below}".strip() for above, below in zip(row, part, strict=True))
                begins = False
            else:
                last, begins = len(found), False
                found.append(part)
    return (part if isinstance(part, str) else "\t".join(part) for part in found)


def _goes_on(row: Row, last: Row | str) -> bool:
    """Say whether the first row of a page is the rest of the last one: it has no id. Connectors have none, too."""
    return len(row) == len(last) and bool(last[0]) and not row[0] and not last[0].isdigit()


def _within(item: dict[str, float], box: tuple[float, float, float, float]) -> bool:
    middle_x, middle_y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
    return box[0] <= middle_x <= box[2] and box[1] <= middle_y <= box[3]
