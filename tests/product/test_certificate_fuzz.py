"""However a text is damaged, it becomes a product that can be written and loaded, or a CertificateError."""

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.product.certificate import CertificateError, read
from ohmstead.product.load import parse
from ohmstead.product.write import write

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


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    survives(text.encode("utf-8", "replace").decode())


@given(st.lists(st.sampled_from([line for lines in TEXTS for line in lines]), max_size=80))
def test_any_lines_of_abstracts(lines: list[str]) -> None:
    survives("\n".join(lines))
