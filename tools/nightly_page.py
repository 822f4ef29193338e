"""The page docs/nightly.md: what ran in the last nightly run, how many, what failed. It is read as it is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.nightly_parts import PARTS

HEAD = """# The last nightly run

Written by `make nightly`: the whole of every generator of which `make test` runs a sample. `make nightly PART=torture`
runs one part again and leaves the other rows as they are.

"""
TABLE = """| part | what runs in it | commit | tests | failed | seconds | counted |
|---|---|---|---|---|---|---|
"""
SHOWN = 20
"""Failures of a part that are listed by name."""


@dataclass(frozen=True)
class Outcome:
    """What came of one part.

    Attributes:
        commit: what was tested, with a + where files had been changed since.
        seconds: of wall time.
        counted: what the tests themselves counted, such as kills: name -> sum.
        failures: one line each.
    """

    part: str
    commit: str
    tests: int
    failed: int
    seconds: int
    counted: dict[str, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Night:
    """The whole page: the machine in general terms, and the outcome of each part that has run."""

    machine: str
    outcomes: dict[str, Outcome]

    @property
    def failed(self) -> list[str]:
        """The parts in which something failed."""
        return [part.name for part in PARTS if part.name in self.outcomes and self.outcomes[part.name].failed]

    @property
    def missing(self) -> list[str]:
        """The parts that have not run."""
        return [part.name for part in PARTS if part.name not in self.outcomes]


def page(night: Night) -> str:
    """Return the page."""
    rows = [_row(part.name, part.holds, night.outcomes.get(part.name)) for part in PARTS]
    listed = [_listed(night.outcomes[name]) for name in night.failed]
    return "".join(
        [
            HEAD,
            _verdict(night),
            *([f"{night.machine}\n\n"] if night.machine else []),
            TABLE,
            *rows,
            *(["\n## Failures\n\n"] if listed else []),
            *listed,
        ]
    )


def read(text: str) -> Night:
    """Return what a page says; rows of parts that there are no more are left out."""
    machine = re.search(r"^.* Python .*$", text, re.MULTILINE)
    known = {part.name for part in PARTS}
    found = [_outcome(cells, text) for cells in _cells(text) if cells[0] in known and cells[2] != "not run"]
    return Night(machine.group() if machine else "", {outcome.part: outcome for outcome in found})


def _verdict(night: Night) -> str:
    if not (night.failed or night.missing):
        return "**All parts passed.**\n\n"
    said = []
    if night.failed:
        said.append(f"**FAILED: {', '.join(night.failed)}.**")
    if night.missing:
        said.append(f"**Not run: {', '.join(night.missing)}.**")
    return " ".join(said) + "\n\n"


def _row(name: str, holds: str, outcome: Outcome | None) -> str:
    if outcome is None:
        return f"| {name} | {holds} | not run | | | | |\n"
    counted = ", ".join(f"{number:,} {what}" for what, number in sorted(outcome.counted.items()))
    numbers = " | ".join(f"{number:,}" for number in (outcome.tests, outcome.failed, outcome.seconds))
    return f"| {name} | {holds} | {outcome.commit} | {numbers} | {counted} |\n"


def _listed(outcome: Outcome) -> str:
    lines = [f"* {outcome.part}: `{failure}`\n" for failure in outcome.failures[:SHOWN]]
    return "".join(lines)


def _cells(text: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if len(row) == 7]


def _outcome(cells: Sequence[str], text: str) -> Outcome:
    name, _, commit, tests, failed, seconds, counted = cells
    pairs = [part.split(" ", 1) for part in counted.split(", ") if part]
    return Outcome(
        part=name,
        commit=commit,
        tests=_number(tests),
        failed=_number(failed),
        seconds=_number(seconds),
        counted={what: _number(number) for number, what in pairs},
        failures=tuple(re.findall(rf"^\* {name}: `(.*)`$", text, re.MULTILINE)),
    )


def _number(text: str) -> int:
    return int(text.replace(",", ""))
