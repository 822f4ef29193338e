"""Which cases stop or start to apply from one product to another, and which of their differences decides."""

from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.lab.selection import applicable, select
from ohmstead.product.difference import FieldDifference, differences, reverse, with_difference
from ohmstead.product.profile import Product


class CasesMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that apply to one of two products only, in the order of the official list."""

    stop: tuple[str, ...] = ()
    """Apply to A and not to B."""
    start: tuple[str, ...] = ()
    """Apply to B and not to A."""


class ApplicabilityDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs in two products, and what it means for the cases."""

    decided: tuple[tuple[FieldDifference, CasesMoved], ...]
    """Each difference with the cases that it decides alone: with it A gets or loses them, or without it B."""
    together: CasesMoved
    """Cases that several differences decide together."""
    all: CasesMoved


def compare(before: Product, after: Product) -> ApplicabilityDifference:
    """Compare two products, A and B."""
    one, other = applicable(before), applicable(after)
    stop = tuple(case for case in one if case not in set(other))
    start = tuple(case for case in other if case not in set(one))
    decided = []
    left = {*stop, *start}
    for difference in differences(before, after):
        moved = set(_decides(difference, before, after, (*stop, *start)))
        left -= moved
        decided.append((difference, _of(moved, stop, start)))
    return ApplicabilityDifference(
        decided=tuple(decided), together=_of(left, stop, start), all=CasesMoved(stop=stop, start=start)
    )


def _decides(difference: FieldDifference, before: Product, after: Product, cases: Iterable[str]) -> Iterator[str]:
    """Yield the cases that apply otherwise with nothing but this difference."""
    forward, back = with_difference(before, difference), with_difference(after, reverse(difference))
    for case in cases:
        applies = select(case, before).applies
        if select(case, forward).applies != applies or select(case, back).applies == applies:
            yield case


def _of(cases: set[str], stop: tuple[str, ...], start: tuple[str, ...]) -> CasesMoved:
    return CasesMoved(stop=tuple(c for c in stop if c in cases), start=tuple(c for c in start if c in cases))
