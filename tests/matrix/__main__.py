"""`make matrix`: products that a seed draws, each through everything; a table of what went wrong, and docs/matrix.md.

    python -m tests.matrix [--seed S] [--products N] [--only K ...] [--table FILE] [--fresh] [--singles] [--page]

What is known of this state of the code is not run again, unless `--fresh` says so. The page is written when all
products of the usual seed have run; `--page` writes it of fewer.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.matrix.covering import Space, covering
from tests.matrix.known import FOLDER, ROOT, Known
from tests.matrix.page import page
from tests.matrix.parameters import PARAMETERS, SHIPPED, Assignment
from tests.matrix.shrinking import nearest
from tests.matrix.tables import table
from tests.matrix.workers import outcomes, shrunk

SEED = 20201
PRODUCTS = 200
PAGE = ROOT / "docs" / "matrix.md"


def main(arguments: Sequence[str]) -> int:
    """Run what is not known, shrink what failed, and write it down."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="draws the products")
    parser.add_argument("--products", type=int, default=PRODUCTS, metavar="N", help="the first N of them")
    parser.add_argument("--only", type=int, nargs="*", default=[], metavar="K", help="these alone, counted from 1")
    parser.add_argument("--table", type=Path, help="where the table of failures is written, beside the terminal")
    parser.add_argument("--fresh", action="store_true", help="run again what is known")
    parser.add_argument("--singles", action="store_true", help="the shipped product with each other value alone")
    parser.add_argument("--page", action="store_true", help="write docs/matrix.md of fewer products than all, too")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    rows = singles() if asked.singles else covering(asked.seed, PRODUCTS)
    drawn = dict(enumerate(rows, start=1))
    wanted = asked.only or list(drawn)[: asked.products]
    known = Known("singles" if asked.singles else str(asked.seed))
    done = {} if asked.fresh else known.outcomes()
    waiting = {number: drawn[number] for number in wanted if number not in done}
    for number, outcome in outcomes(waiting, asked.seed, asked.workers):
        done[number] = outcome
        known.add(number, outcome)
        said = f"{len(outcome.passed)} passed, {len(outcome.troubles)} troubles, {outcome.seconds:.1f} s of CPU"
        print(f"product {number}: {said}", flush=True)
    chosen = {number: done[number] for number in wanted}
    smallest = shrunk(drawn, chosen, asked.workers)
    text = table(asked.seed, chosen, smallest, FOLDER)
    print(text)
    if asked.table:
        asked.table.write_text(text, encoding="utf-8")
    if (asked.page or len(chosen) == PRODUCTS) and asked.seed == SEED and not asked.singles:
        PAGE.write_text(page(asked.seed, drawn, chosen), encoding="utf-8")
    return 1 if any(outcome.troubles for outcome in chosen.values()) else 0


def singles() -> list[Assignment]:
    """Return for each value that the shipped product does not have the product most like it that has it."""
    space = Space()
    cells = [(name, value) for name, values in PARAMETERS.items() for value in values if SHIPPED[name] != value]
    return [row for cell in cells if (row := nearest(space, [cell], SHIPPED)) is not None]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
