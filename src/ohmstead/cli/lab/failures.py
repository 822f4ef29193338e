"""At the end of a campaign at the terminal: why its cases failed."""

from collections.abc import Sequence

from rich.console import Console

from ohmstead.cli.terminal import escape
from ohmstead.lab.report.causes import causes
from ohmstead.lab.report.explanation import Explanation, explain
from ohmstead.lab.report.plain_text import plain_text
from ohmstead.lab.verdict import Result

WHOLE = 3
"""Failures that are explained in full; of more of them one for each cause is, unless all are asked for."""
CAUSES = 5
"""Causes of which one case is explained in full."""


def print_failures(console: Console, results: Sequence[Result], *, verbose: bool) -> None:
    """Print why cases failed.

    Args:
        console: where.
        results: of a campaign.
        verbose: explain every failure, and print the wire log of whatever did not pass.
    """
    found = {result.id: why for result in results if (why := explain(result)) is not None}
    common = causes(found)
    if len(found) > 1:
        console.print("\n[bold]What is wrong[/]")
        for cause in common:
            console.print(f"  {escape(str(cause))}: {escape(' '.join(cause.cases))}")
    shown = list(found) if verbose or len(found) <= WHOLE else [cause.cases[0] for cause in common[:CAUSES]]
    for identifier in shown:
        _print_explained(console, identifier, found[identifier])
    if len(shown) < len(found):
        console.print(
            f"\n{len(found) - len(shown)} more: -v explains every case, or name one: lab run {_other(found, shown)}"
        )
    if verbose:
        for result in results:
            if not result.good:
                _print_log(console, result)


def _other(found: dict[str, Explanation], shown: Sequence[str]) -> str:
    return next(identifier for identifier in found if identifier not in shown)


def _print_explained(console: Console, identifier: str, explanation: Explanation) -> None:
    console.print(f"\n[bold red]FAIL[/] [bold]{escape(identifier)}[/]")
    for line in plain_text(explanation).splitlines():
        style = "bold red" if line.startswith("=>") else ""
        console.print(escape(line), style=style)


def _print_log(console: Console, result: Result) -> None:
    console.print(f"\n[bold]{result.id}[/] {escape(result.reason)}")
    for entry in result.log:
        console.print(escape(str(entry)))
