"""`python -m benchmarks [--quick]`: measure, print the table, write bench-results/latest.json and latest.md."""

import sys
import time
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks.report import keep, show
from benchmarks.run import FULL, SMOKE, everything

RESULTS = Path("bench-results")


def main() -> int:
    """Measure; the exit code is 0 whatever the figures are, for they depend on the machine."""
    if sys.argv[1:] not in ([], ["--quick"]):
        print(__doc__)
        return 2
    begin = time.monotonic()
    console = Console()
    RESULTS.mkdir(exist_ok=True)
    with console.status("measuring, three to six minutes; leave the machine alone meanwhile ..."):
        run = uvloop.run(everything(SMOKE if sys.argv[1:] else FULL, RESULTS))
    keep(run, RESULTS)
    show(run, console)
    console.print(f"  {time.monotonic() - begin:.0f} s; written to {RESULTS}/latest.json and latest.md", style="dim")
    return 0


if __name__ == "__main__":
    sys.exit(main())
