"""Samples and what is said of them: medians, spread, ratios of rounds that took turns."""

import time
from collections.abc import Callable, Sequence
from statistics import median

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity, measured several times.

    The spread is that of the rounds' medians, or of the samples where there are no rounds.
    """

    median: float
    low: float
    high: float
    p99: float | None = None
    unit: str
    samples: int

    def __str__(self) -> str:
        """Return the figure as a table shows it."""
        tail = f", p99 {_short(self.p99)}" if self.p99 is not None else ""
        return f"{_short(self.median)} {self.unit} ({_short(self.low)} to {_short(self.high)}{tail})"


def figure(samples: Sequence[float], unit: str) -> Figure:
    """Return the median of single samples with their lowest and highest."""
    return Figure(median=median(samples), low=min(samples), high=max(samples), unit=unit, samples=len(samples))


def figure_of_rounds(rounds: Sequence[Sequence[float]], unit: str) -> Figure:
    """Return median and 99th percentile over all samples, and how far the medians of the rounds lie apart."""
    everything = sorted(sample for one in rounds for sample in one)
    medians = [median(one) for one in rounds]
    return Figure(
        median=median(everything),
        low=min(medians),
        high=max(medians),
        p99=everything[min(len(everything) - 1, int(len(everything) * 0.99))],
        unit=unit,
        samples=len(everything),
    )


def in_rounds(samples: Sequence[float], size: int) -> list[Sequence[float]]:
    """Cut samples into rounds of a size."""
    return [samples[start : start + size] for start in range(0, len(samples), size)]


def microseconds(work: Callable[[], object], repeats: int) -> float:
    """Return the mean time of one execution, in microseconds."""
    begin = time.perf_counter_ns()
    for _ in range(repeats):
        work()
    return (time.perf_counter_ns() - begin) / repeats / 1000


def taking_turns(
    ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int, seconds: float
) -> tuple[list[float], list[float]]:
    """Return the microseconds of both for each round; the two take turns, so that a busy machine meets both.

    Args:
        ours: executed as often as fits into the time.
        theirs: likewise.
        rounds: how many.
        seconds: of each of the two in each round.
    """
    counts = [max(1, int(seconds * 1e6 / microseconds(work, 3))) for work in (ours, theirs)]
    pairs = [(microseconds(ours, counts[0]), microseconds(theirs, counts[1])) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
