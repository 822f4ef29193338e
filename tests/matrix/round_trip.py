"""From a product to its printed abstract and back, with the project's own printer and importer."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.report.build import build
from ohmstead.lab.report.html import page
from ohmstead.lab.report.model import CampaignRun
from ohmstead.lab.report.read import printed
from ohmstead.lab.verdict import Result
from ohmstead.product.certificate import read
from ohmstead.product.profile import Product

BEGAN = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def abstract_of(product: Product, results: Iterable[Result] = ()) -> str:
    """Return the text of the abstract that a report of these results prints."""
    run = CampaignRun(
        product=product,
        config=LabConfig(),
        bench="memory",
        began=BEGAN,
        seconds=1.0,
        made_by="matrix",
        results=tuple(results),
    )
    return printed(page(build(run)))


def imported(abstract: str) -> Product:
    """Return the product that the importer makes of an abstract. Raises CertificateError."""
    return read(abstract).product


def differences(one: Product, other: Product) -> list[str]:
    """Return the fields in which two products differ, with both values."""
    found = []
    for field in one.__struct_fields__:
        mine, theirs = getattr(one, field), getattr(other, field)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            keys = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
            found += [f"{field}.{key}: {mine.get(key)} became {theirs.get(key)}" for key in keys]
        elif mine != theirs:
            found.append(f"{field}: {mine} became {theirs}")
    return found
