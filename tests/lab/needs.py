"""What each case asks of the hand and of the station: `python -m tests.lab.needs --write` runs each once, in memory.

The table (`lab/data/needs.tsv`) tells a person how many prompts a campaign will take, and a vendor which cases go
without which message or action.
"""

import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.needs import TABLE, CaseNeeds
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import LogEntry
from ohmstead.wire import frames
from tests.lab.tried import FIRST, product, product_of

PAGE = Path(__file__).parents[2] / "src" / "ohmstead" / "lab" / "data" / TABLE
GENERAL = ("LocalPreAuthorize", "TxStartPoint", "TxStopPoint")
"""Variables of the general preconditions: only a case that begins a transaction needs them."""
POWER = ("cut-power", "restore-power")
HAND = re.compile(r"hand: (\w+)\(")


def needs_of(identifier: str) -> CaseNeeds:
    """Run a case on a station that passes it, and return what it needed."""
    logging.getLogger("ohmstead").setLevel(logging.CRITICAL)
    result = run_in_memory(load_cases()[identifier], product(product_of(identifier) or FIRST), LabConfig())
    return CaseNeeds(
        id=identifier,
        # Whose station runs already switches it off and on where a case wants to see it start.
        hand=(*(() if load_cases()[identifier].boots else POWER), *_actions(result.log)),
        messages=tuple(sorted(set(_messages(result.log)))),
        seconds=round(result.seconds),
    )


def _actions(log: Iterable[LogEntry]) -> Iterator[str]:
    for entry in log:
        match = HAND.match(entry.text) if entry.way == "." else None
        if match is not None:
            yield match[1].replace("_", "-")


def _messages(log: Iterable[LogEntry]) -> Iterator[str]:
    for entry in log:
        if entry.way == ">":
            frame = frames.parse(entry.text)
            if isinstance(frame, frames.Call) and not any(f'"{name}"' in entry.text for name in GENERAL):
                yield frame.action


def main() -> None:
    """Write the table."""
    identifiers = sorted(load_cases())
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        found = list(pool.map(needs_of, identifiers))
    lines = ["id\thand\tmessages\tseconds", *(one.line() for one in found)]
    if "--write" in sys.argv:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
