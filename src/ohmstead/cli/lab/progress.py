"""A campaign at the terminal, with a progress bar."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ohmstead.cli.terminal import escape
from ohmstead.lab.rigs.campaign import Campaign, results_of
from ohmstead.lab.verdict import Result


def passed(result: Result) -> str:
    """Return the line of a case that passed."""
    return f"{result.verdict:14} {result.id}  {escape(result.title)}  [dim]{result.seconds:.1f} s[/]"


def run_campaign(
    campaign: Campaign, line: Callable[[Result], str | None], keep: Callable[[Result], object] = lambda _result: None
) -> list[Result]:
    """Run every case with a progress bar, or with a line for each where nobody watches a terminal.

    Args:
        campaign: what to run.
        line: says what to print of a result; None: nothing at a terminal, where the bar goes on.
        keep: told each result as soon as it is there.

    Returns results in order of ids.
    """
    console = Console(highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results = []
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("lab", total=len(campaign.cases))
        for result in results_of(campaign):
            results.append(result)
            keep(result)
            progress.update(bar, advance=1, description=result.id)
            text = line(result) or (None if console.is_terminal else passed(result))
            if text is not None:
                console.print(text)
    return sorted(results, key=lambda result: result.id)
