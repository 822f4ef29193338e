"""However a text is damaged, it becomes a product that can be written and loaded, or a CertificateError."""

import functools
import random
from contextlib import suppress
from pathlib import Path

import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.product.certificate import CertificateError, read
from ohmstead.product.load import parse
from ohmstead.product.paper import decoded, text_of_pdf
from ohmstead.product.paragraphs import is_paragraphs
from ohmstead.product.paragraphs import lines as paragraph_lines
from ohmstead.product.write import write
from tests.generators import examples
from tests.product.forms import FORMS, typeset

FIXTURES = Path(__file__).parent / "fixtures"
TEXTS = [file.read_text(encoding="utf-8").split("\n") for file in sorted(FIXTURES.iterdir())]
JUNK = ["", "\t", "|", "Yes", "No", "-1", "99999999999", "²", "٣", "C-09.1", "ORS-17", "EVSE", "#", "\\", "&#0;", "<b>"]


def survives(text: str) -> None:
    try:
        product = read(text).product
    except CertificateError:
        return
    assert parse(write(product).encode()) == product


def damaged(lines: list[str], source: random.Random) -> str:
    kept = [line for line in lines if source.random() > source.choice((0.0, 0.01, 0.2))]
    for _ in range(source.randint(0, 8)):
        index = source.randrange(len(kept)) if kept else 0
        line = kept[index] if kept else ""
        cells = line.split("\t")
        cells[source.randrange(len(cells))] = source.choice(JUNK)
        place = source.randrange(len(line) + 1)
        kept[index : index + 1] = source.choice(
            [
                ["\t".join(cells)],
                [line, line],
                [line[:place] + chr(source.randrange(1, 0x2FFF)) + line[place:]],
                [line[:place]],
                [line[:place], line[place:]],
                [source.choice(lines)],
            ]
        )
    return "\n".join(kept)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TEXTS), st.integers(min_value=0))
def test_a_damaged_abstract(lines: list[str], seed: int) -> None:
    survives(damaged(lines, random.Random(seed)))


@settings(max_examples=examples(200, 4000), deadline=None)
@given(st.sampled_from(TEXTS), st.sampled_from(sorted(FORMS)), st.integers(min_value=0))
def test_a_damaged_abstract_in_any_form(lines: list[str], form: str, seed: int) -> None:
    survives(damaged(FORMS[form]("\n".join(lines)).split("\n"), random.Random(seed)))


@settings(max_examples=examples(60, 2000), deadline=None)
@given(st.integers(min_value=0), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_a_damaged_file(seed: int, encoding: str) -> None:
    source = random.Random(seed)
    data = bytearray("\n".join(source.choice(TEXTS)).encode(encoding, "replace"))
    for _ in range(source.randint(1, 20)):
        data[source.randrange(len(data))] = source.randrange(256)
    with suppress(CertificateError):
        survives(decoded(bytes(data[: source.randrange(len(data))])))


@settings(max_examples=examples(15, 400), deadline=None)
@given(st.integers(min_value=0))
def test_a_damaged_paper(seed: int) -> None:
    source = random.Random(seed)
    data = bytearray(paper())
    for _ in range(source.randint(1, 30)):
        data[source.randrange(len(data))] = source.randrange(256)
    with suppress(CertificateError):
        survives(text_of_pdf(bytes(data[: source.randrange(len(data) // 2, len(data) + 1)])))


@functools.cache
def paper() -> bytes:
    """Return a short PDF."""
    return typst.compile(typeset("\n".join(TEXTS[0][:60])).encode(), format="pdf")


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    survives(text.encode("utf-8", "replace").decode())


@given(st.lists(st.sampled_from([line for lines in TEXTS for line in lines]), max_size=80))
def test_any_lines_of_abstracts(lines: list[str]) -> None:
    survives("\n".join(lines))


@given(
    st.lists(st.sampled_from(["AC", "DC", "1", "2", "1, 3", "Fixed cable", "Socket", "cType2", "-", "²"]), max_size=12)
)
def test_any_cells_below_the_head_of_the_evses(cells: list[str]) -> None:
    """A row of AC or DC may lack any of the others, its number too."""
    begin = ["C-01", "", "C-02", "", "C-09.1", "", "Measured", "EVSE", "Current", "Phases", "Connector", "Cable Type"]
    text = "\n\n".join([*begin, *cells])
    assert is_paragraphs(text)
    list(paragraph_lines(text))
    survives(text)
