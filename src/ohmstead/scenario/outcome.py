"""What became of a scenario, step by step."""

import msgspec


class StepOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One step that was done, or that failed; `repeat` and `together` show theirs."""

    number: str
    """`3`, `4.2` the second step within the fourth, `4.2#7` in the seventh round of it."""
    title: str
    line: int
    station: str
    passed: bool
    at: float
    """Seconds of the loop since the scenario began."""
    seconds: float
    told: str = ""
    """Why it failed: what was wanted, and what came instead; lines."""


class ScenarioOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it."""

    name: str
    source: str
    passed: bool
    seconds: float
    """Of the loop: virtual ones, where time is virtual."""
    frames: int
    """Messages that all stations sent and received."""
    steps: tuple[StepOutcome, ...]


class StepFailed(Exception):
    """A step did not come out as it should; the text says what came instead."""
