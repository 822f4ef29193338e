"""A campaign at the terminal, with a progress bar."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ohmstead.lab.rigs.campaign import Campaign, results_of
from ohmstead.lab.verdict import Result


def run_campaign(campaign: Campaign, line: Callable[[Result], str | None]) -> list[Result]:
    """Run every case with a progress bar; `line` says what to print of a result. Returns results in order of ids."""
    console = Console(highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results = []
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("lab", total=len(campaign.cases))
        for result in results_of(campaign):
            results.append(result)
            progress.update(bar, advance=1, description=result.id)
            text = line(result)
            if text is not None:
                console.print(text)
    return sorted(results, key=lambda result: result.id)
