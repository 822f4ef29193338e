"""The table of the cases that are written: `lab list` reads it, for loading every case takes half a second of CPU."""

from ohmstead.lab.cases.case import load_cases


def table() -> str:
    """Return id and title of every case, a line each."""
    return "id\ttitle\n" + "".join(f"{case.id}\t{case.title}\n" for _, case in sorted(load_cases().items()))
