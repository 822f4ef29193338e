"""Whatever form a paper comes in, it says the same station."""

import functools
from pathlib import Path

import pytest
import typst

from ohmstead.product.certificate import CertificateError, read, read_file
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Product
from tests.generators import sample
from tests.matrix.covering import covering
from tests.matrix.drawn import product_of
from tests.matrix.round_trip import abstract_of, differences
from tests.product.forms import FORMS, page, typeset

SEED, ROWS = 11, 200
FIXTURE = Path(__file__).parent / "fixtures" / "sec1000_240y.txt"
DRAWN = range(ROWS)


@functools.cache
def drawn() -> list[Product]:
    """Return products that hold every pair of values."""
    return [product_of(row, f"drawn-{number}") for number, row in enumerate(covering(SEED, ROWS))]


def expected(product: Product) -> Product:
    """Return what the report's own tables with tabs are read as."""
    return read(abstract_of(product)).product


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", shipped())
def test_a_shipped_product_in_every_form(name: str, form: str) -> None:
    """Its printed abstract."""
    product = load(name)
    assert differences(expected(product), read(FORMS[form](abstract_of(product))).product) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_first_certificate_in_every_form(form: str) -> None:
    """A whole certificate, with figures, signatures and typing errors."""
    text = FIXTURE.read_text(encoding="utf-8").replace("<b>", "").replace("</b>", "")
    text = text.replace("**", "").replace("\\_", "_")
    assert differences(load("sec1000-240y"), read(FORMS[form](text)).product) == []


@pytest.mark.parametrize("number", sample(DRAWN, 12))
def test_a_drawn_product_in_every_form(number: int) -> None:
    """Every pair of values of a certificate occurs among them."""
    product = drawn()[number]
    text = abstract_of(product)
    whole = expected(product)
    for form, printed in FORMS.items():
        assert differences(whole, read(printed(text)).product) == [], form


@pytest.mark.parametrize("number", sample(DRAWN, 3))
def test_a_drawn_product_as_a_paper(number: int, tmp_path: Path) -> None:
    """A PDF with ruled tables over several pages."""
    product = drawn()[number]
    file = tmp_path / "certificate.pdf"
    file.write_bytes(typst.compile(typeset(abstract_of(product)).encode(), format="pdf"))
    assert differences(expected(product), read_file(file).product) == []


def test_a_page_of_html(tmp_path: Path) -> None:
    """One that is no report of ours."""
    from ohmstead.lab.report.read import read_report

    file = tmp_path / "certificate.html"
    file.write_text(page(abstract_of(load("depot"))), encoding="utf-8")
    assert differences(expected(load("depot")), read_report(file).product) == []


@pytest.mark.parametrize("form", FORMS)
def test_all_that_is_wrong_is_told_with_lines_in_every_form(form: str) -> None:
    """The lines are those of the form."""
    text = abstract_of(load("depot")).replace("HFS-8\tNumber of EVSEs\t4", "HFS-8\tNumber of EVSEs\t7")
    text = text.replace("C-06.1\tThe authorization stays\tYes", "C-06.1\tThe authorization stays\tNo")
    text = text.replace("C-06.2\tThe authorization ends\tYes", "C-06.2\tThe authorization ends\tNo")
    printed = FORMS[form](text)
    with pytest.raises(CertificateError) as caught:
        read(printed)
    lines = printed.replace("\r\n", "\n").split("\n")
    told = [lines[error.line - 1] for error in caught.value.errors]
    assert ["HFS" in told[0], "06" in told[1]] == [True, True]
