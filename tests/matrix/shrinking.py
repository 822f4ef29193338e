"""The smallest product that still has a trouble: as like the shipped one as it can be (delta debugging)."""

from collections.abc import Callable, Iterable

from tests.matrix.covering import Cell, Space
from tests.matrix.parameters import PARAMETERS, SHIPPED, Assignment


def smallest(drawn: Assignment, fails: Callable[[Assignment], bool], space: Space | None = None) -> Assignment:
    """Return a product that fails and of which no drawn value can be the shipped one's instead.

    Args:
        drawn: one that fails.
        fails: whether a product does.
        space: what a station can be.
    """
    space = space or Space()
    size = max(1, len(unlike(drawn)) // 2)
    while True:
        names = unlike(drawn)
        for start in range(0, len(names), size):
            candidate = nearest(space, ((name, SHIPPED[name]) for name in names[start : start + size]), drawn)
            if candidate is not None and len(unlike(candidate)) < len(unlike(drawn)) and fails(candidate):
                drawn = candidate
        if len(unlike(drawn)) < len(names):
            continue
        if size == 1:
            return drawn
        size //= 2


def nearest(space: Space, cells: Iterable[Cell], drawn: Assignment) -> Assignment | None:
    """Return a product with these values, the others as drawn, else as shipped, as far as a station can have them."""
    prefer = {name: tuple(dict.fromkeys((drawn[name], SHIPPED[name], *values))) for name, values in PARAMETERS.items()}
    return space.complete(cells, tuple(PARAMETERS), prefer)


def unlike(drawn: Assignment) -> list[str]:
    """Return the parameters in which a product is not the shipped one; those of hardware stand together."""
    return [name for name, value in drawn.items() if value != SHIPPED[name]]
