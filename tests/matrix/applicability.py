"""Which cases apply, by the official conditions and the table of prerequisites, read without the lab's own reader."""

import re
from collections.abc import Iterator

import msgspec

from ohmstead.lab.prerequisites import POSSESSIONS, prerequisites
from ohmstead.lab.selection import rows, select
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

FOLDED = {
    "Reservation": "R-0",
    "Advanced Device Management": "DM-0",
    "Local Authorization List Management": "LA-0",
    "Advanced User Interface": "UI-0",
}
"""Profiles of edition 3 that are features of Core now."""
ATOM = re.compile(r'"[^"]+"|HFS-8 > \d+|[A-Z]+-[\d.]*\d')


def by_the_official_list(product: Product) -> frozenset[str]:
    """Return the cases that apply by their conditions."""
    return frozenset(
        row.id
        for row in rows()
        if row.condition != "removed" and _claims(product, row.profile) and _holds(row.condition, product)
    )


def wrongly_decided(product: Product) -> Iterator[tuple[str, str]]:
    """Yield the cases that the lab takes or leaves out against the official list and the table of prerequisites."""
    official = by_the_official_list(product)
    for case in sorted({row.id for row in rows()}):
        decided = select(case, product)
        presupposed = prerequisites().get(case)
        expected = case in official and (presupposed is None or _holds(presupposed.needs, product))
        if decided.applies != expected:
            yield case, f"{'taken' if decided.applies else 'left out'} because {decided.reason}"


def _claims(product: Product, profile: str) -> bool:
    if profile == "Core":
        return True
    if profile in FOLDED:
        return product.features.get(FOLDED[profile], False)
    return product.certificate.results.get(profile) == "Pass"


def _holds(condition: str, product: Product) -> bool:
    """Evaluate a condition as the boolean expression of Python that it is, its atoms put in."""
    expression = ATOM.sub(lambda match: str(_atom(match[0], product)), condition)
    if not re.fullmatch(r"(True|False|and|or|not|[() ])*", expression):
        raise ValueError(f"{condition}: cannot be read")
    return bool(eval(expression)) if expression else True


def _atom(text: str, product: Product) -> bool:
    if text.startswith('"'):
        name = text.strip('"')
        return POSSESSIONS[name](product) if name in POSSESSIONS else _claims(product, name)
    if text.startswith("HFS-8 > "):
        return len(product.evses) > int(text.removeprefix("HFS-8 > "))
    if text == Feature.MEASURANDS:
        return any(msgspec.structs.astuple(product.measurands))
    return product.features.get(text, False)
