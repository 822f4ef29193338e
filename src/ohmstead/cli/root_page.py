"""What `ohmstead --help` says. It imports no command and no library: whoever asks for help should not wait for it."""

import os
import sys
from shutil import get_terminal_size
from textwrap import wrap

from ohmstead.cli.terminal import say_own

HELP = {
    "run": "Run a charging station: with an embedded CSMS and a page, or at somebody else's CSMS.",
    "product": "What a station is: products that come with Ohmstead, and products read from a certificate.",
    "lab": "The test laboratory: which official cases apply to a product, and whether the station passes them.",
    "certify": "Run all applicable cases on a product, measure it, and write the report.",
    "scenario": "Scenarios: what is done at stations, and what must come of it, in a file that runs.",
    "fleet": "Many whole stations at one CSMS: hundreds of them, as a file says, with a report.",
    "firmware": "Firmware: the manufacturer's keys, images, signatures.",
}
"""Command -> the first sentence of its own help."""
OPTIONS = {
    "--version": "Say which version, commit and edition of OCPP this is.",
    "--help": "Show this message and exit. Each command has its own: ohmstead COMMAND --help.",
}
ABOUT = "An OCPP 2.0.1 charging station good enough to certify, and the lab that certifies it."
FIRST = {
    "ohmstead run": "a station, its CSMS and a page to charge at",
    "ohmstead lab run": "our own station through all official cases",
    "ohmstead lab describe": "the first step with a station of your own",
}
WIDEST = 100
BOLD, COMMAND, PLAIN = "\x1b[1m", "\x1b[1;36m", "\x1b[0m"


def page(width: int, *, color: bool) -> str:
    """Return the page for a terminal of some columns."""

    def styled(style: str, text: str) -> str:
        return f"{style}{text}{PLAIN}" if color else text

    def table(title: str, rows: dict[str, str]) -> list[str]:
        column = max(map(len, rows)) + 2
        lines = [styled(BOLD, title)]
        for name, text in rows.items():
            first, *more = wrap(text, max(20, width - column - 2)) or [""]
            lines.append(f"  {styled(COMMAND, name)}{' ' * (column - len(name))}{first}")
            lines += [" " * (column + 2) + line for line in more]
        return [*lines, ""]

    lines = [styled(BOLD, "Usage:") + " ohmstead [OPTIONS] COMMAND [ARGS]...", "", *wrap(ABOUT, width), ""]
    lines += [*table("Commands", HELP), *table("Options", OPTIONS), *table("Start here", FIRST)]
    return "\n".join(lines)


def show() -> None:
    """Print the page, as the terminal is."""
    at_terminal = sys.stdout.isatty()
    columns = get_terminal_size((80, 24)).columns
    say_own(page(min(columns, WIDEST), color=at_terminal and not os.environ.get("NO_COLOR")))
