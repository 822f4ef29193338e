"""Covering arrays under exclusions: every pair of values that a station can have together occurs in some row.

The library that was tried, covertable 3.2, takes minutes for a hundred parameters.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

from tests.matrix.exclusions import EXCLUSIONS, Exclusion
from tests.matrix.parameters import PARAMETERS, Assignment

Cell = tuple[str, str]
"""A parameter and its value."""


class Space:
    """The rows that exclusions leave."""

    def __init__(
        self, parameters: Mapping[str, tuple[str, ...]] = PARAMETERS, exclusions: Sequence[Exclusion] = EXCLUSIONS
    ) -> None:
        self.parameters = parameters
        self.exclusions = exclusions
        self._about: dict[str, list[Exclusion]] = {name: [] for name in parameters}
        for one in exclusions:
            for name in one.when:
                self._about[name].append(one)

    def allows(self, row: Assignment) -> bool:
        """Say whether a whole row is one that a station can have."""
        return not any(one.holds(row) for one in self.exclusions)

    def complete(
        self, cells: Iterable[Cell], order: Sequence[str], prefer: Mapping[str, Sequence[str]]
    ) -> Assignment | None:
        """Return a row with these cells, None where there is none.

        Args:
            cells: what is given.
            order: in which the other parameters get their value.
            prefer: parameter -> its values, the ones that are tried first in front.
        """
        domains: dict[str, tuple[str, ...]] = {name: tuple(prefer[name]) for name in self.parameters}
        for name, value in cells:
            if value not in domains[name]:
                return None
            domains[name] = (value,)
            if not self._narrow(domains, [name]):
                return None
        return self._search(domains, list(order))

    def _search(self, domains: dict[str, tuple[str, ...]], order: list[str]) -> Assignment | None:
        open_ = next((name for name in order if len(domains[name]) > 1), None)
        if open_ is None:
            return {name: values[0] for name, values in domains.items()}
        for value in domains[open_]:
            trial = {**domains, open_: (value,)}
            if self._narrow(trial, [open_]):
                found = self._search(trial, order)
                if found is not None:
                    return found
        return None

    def _narrow(self, domains: dict[str, tuple[str, ...]], changed: list[str]) -> bool:
        """Take values away that an exclusion leaves no place for; False where a parameter has none left."""
        while changed:
            for one in self._about[changed.pop()]:
                free = [name for name, values in one.when.items() if not values.issuperset(domains[name])]
                if not free:
                    return False
                if len(free) == 1:
                    left = tuple(value for value in domains[free[0]] if value not in one.when[free[0]])
                    if not left:
                        return False
                    if left != domains[free[0]]:
                        domains[free[0]] = left
                        changed.append(free[0])
        return True


def pairs_of(row: Assignment) -> Iterator[tuple[Cell, Cell]]:
    """Yield the pairs of values of a row, in the order of the parameters."""
    return combinations(row.items(), 2)


def covering(seed: int, rows: int, space: Space | None = None) -> list[Assignment]:
    """Return rows, drawn by a seed, in which every possible pair of values occurs; richest first.

    Raises ValueError where so few rows cannot hold all pairs.
    """
    draw = Draw(seed, space)
    found = [draw.row() for _ in range(rows)]
    missing = draw.missing()
    if missing:
        raise ValueError(f"{len(missing)} pairs have no place in {rows} rows, such as {missing[0]}")
    return found


class Draw:
    """Rows one after the other, and the pairs that wait."""

    def __init__(self, seed: int, space: Space | None = None) -> None:
        self._space = space = space or Space()
        self._random = Random(seed)
        cells = [(name, value) for name, values in space.parameters.items() for value in values]
        self._waiting: dict[Cell, set[Cell]] = {
            cell: {other for other in cells if other[0] != cell[0]} for cell in cells
        }

    def row(self) -> Assignment:
        """Begin with a pair that waits, then give each parameter the value with the most pairs that wait."""
        order = self._random.sample(list(self._space.parameters), len(self._space.parameters))
        prefer: dict[str, Sequence[str]] = {
            name: self._random.sample(values, len(values)) for name, values in self._space.parameters.items()
        }
        given, row = self._begin(order, prefer)
        for name in order:
            if any(name == cell[0] for cell in given):
                continue
            for value in sorted(prefer[name], key=lambda value: -self._worth((name, value), given)):
                better = row if row[name] == value else self._space.complete([*given, (name, value)], order, prefer)
                if better is not None:
                    row = better
                    given.append((name, value))
                    break
        for cell in row.items():
            self._waiting[cell].difference_update(row.items())
        return row

    def missing(self) -> list[tuple[Cell, Cell]]:
        """Return the pairs that wait though some row could have them."""
        pairs = {frozenset((cell, other)) for cell, others in self._waiting.items() for other in others}
        listed = sorted((min(pair), max(pair)) for pair in pairs)
        names = list(self._space.parameters)
        return [pair for pair in listed if self._space.complete(pair, names, self._space.parameters) is not None]

    def _begin(self, order: Sequence[str], prefer: Mapping[str, Sequence[str]]) -> tuple[list[Cell], Assignment]:
        """Return a pair that waits with a row that has it; pairs that no row has wait no longer."""
        while left := [(len(others), self._random.random(), cell) for cell, others in self._waiting.items() if others]:
            first = max(left)[2]
            second = self._random.choice(sorted(self._waiting[first]))
            row = self._space.complete((first, second), order, prefer)
            if row is not None:
                return [first, second], row
            self._waiting[first].discard(second)
            self._waiting[second].discard(first)
        row = self._space.complete((), order, prefer)
        if row is None:
            raise ValueError("the exclusions leave no row")
        return [], row

    def _worth(self, cell: Cell, given: list[Cell]) -> int:
        waiting = self._waiting[cell]
        return sum(other in waiting for other in given)
