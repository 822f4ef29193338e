"""The products that cases are tried on: those that ship, and small ones for what no shipped one has."""

import functools
from pathlib import Path

from ohmstead.lab.selection import select
from ohmstead.product.load import load
from ohmstead.product.profile import Product

FIRST = "sec1000-240y"
RICHER = "flagship"
"""The product of the cases that do not apply to the first one."""
OTHERS = ("ac-wallbox", "depot")
"""Shipped products that have sockets, AC and several connectors."""
FOLDER = Path(__file__).parent / "products"
SMALL = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))
"""Each has what some cases ask for and neither of the two has."""
TRIED = (FIRST, RICHER, *OTHERS, *SMALL)


@functools.cache
def product(name: str) -> Product:
    """Return a product by its name."""
    return load(FOLDER / f"{name}.toml" if name in SMALL else name)


@functools.cache
def product_of(case_id: str) -> str | None:
    """Return the product on which a case is tried; None: it applies to none of them."""
    return next((name for name in TRIED if select(case_id, product(name)).applies), None)


def only_small(case_id: str) -> list[str]:
    """Return the small products of a case that applies to neither of the two."""
    if product_of(case_id) in (FIRST, RICHER):
        return []
    return [name for name in SMALL if select(case_id, product(name)).applies]
