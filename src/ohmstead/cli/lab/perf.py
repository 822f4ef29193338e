"""`ohmstead lab perf`: the four figures of the certificate, on loopback and over an emulated mobile network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli import own_flags
from ohmstead.cli.terminal import escape
from ohmstead.product.suggestion import meant

if TYPE_CHECKING:
    from rich.table import Table

    from ohmstead.lab.cases.figures import Measured
    from ohmstead.lab.rigs.relay import NetworkFigures
    from ohmstead.product.profile import Product

SHORT = {
    "response": "Response",
    "triggered": "Triggered",
    "start": "Start",
    "stop": "Stop",
}
NOT_MEASURABLE = ": not measurable"
ROUNDS = 5
EXAMPLE = "[bold]Example[/bold]\n\n  ohmstead lab perf --network mobile --json performance.json"


def perf(
    product: Annotated[str, typer.Option("--product", help="Name of a shipped product, or a file.")] = "sec1000-240y",
    without_unbuilt: own_flags.WithoutUnbuilt = False,
    network: Annotated[str, typer.Option("--network", help="loopback, mobile or both.")] = "both",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Each asks, reports, starts and stops.")] = ROUNDS,
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures as JSON.")] = None,
) -> int:
    """Measure the four figures of the certificate. Exit code 1: one was above the limit that the vendor gave."""
    import msgspec
    from rich.console import Console

    from ohmstead.cli.lab.kept import tried
    from ohmstead.cli.own import load_own
    from ohmstead.lab.rigs.relay import NETWORKS, SEED, TECHNOLOGIES, PerformanceReport, measure_over
    from ohmstead.lab.verdict import Failed

    if network not in (*NETWORKS, "both"):
        near = meant(network, (*NETWORKS, "both"))
        raise typer.BadParameter(
            f"{network} is no network; loopback, mobile and both are{near}", param_hint="--network"
        )
    tried(json, "--json")
    chosen, console, measured = load_own(product, drop_unbuilt=without_unbuilt), Console(highlight=False), []
    for name in NETWORKS if network == "both" else (network,):
        try:
            with Console(stderr=True).status(f"measuring over {TECHNOLOGIES[name]}"):
                one = measure_over(name, chosen, rounds=rounds)
        except Failed as failed:
            console.print(f"[bold red]FAIL[/] {TECHNOLOGIES[name]}: {escape(str(failed))}", soft_wrap=True)
            return 1
        measured.append(one)
        console.print(table(one, chosen))
    if json is not None:
        report = PerformanceReport(product=chosen.name, rounds=rounds, seed=SEED, networks=tuple(measured))
        json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
    for one in measured:
        for row in one.missed:
            console.print(f"[bold red]above the limit[/] over {one.figures.technology}: {row}", soft_wrap=True)
    return 1 if any(one.missed for one in measured) else 0


def table(measured: "NetworkFigures", product: "Product") -> "Table":
    """Return the performance table of a network; below each figure that of the certified product."""
    from rich import box
    from rich.table import Table

    from ohmstead.lab.cases.figures import NAMES

    figures, certified = measured.figures, product.performance
    shown = Table(title=f"Performance over {figures.technology}, seconds", title_justify="left", box=box.SIMPLE)
    shown.padding, shown.pad_edge = (0, 1, 0, 0), False
    shown.add_column("", no_wrap=True)
    for column in ("Number", "Min", "Max", "Average", "p50", "p99"):
        shown.add_column(column, justify="right", no_wrap=True)
    rows = (certified.response, certified.triggered, certified.start, certified.stop)
    for (field, name), theirs in zip(NAMES.items(), rows, strict=True):
        row = figures.row(field)
        shown.add_row(*_cells(SHORT[field] + _limit(row, name in measured.missed), row))
        if certified.technology:
            label = "  certified" + (NOT_MEASURABLE if theirs.average is None else "")
            shown.add_row(label, "", *map(_seconds, (theirs.min, theirs.max, theirs.average)), style="dim")
    shown.add_row(*_cells("Whole report", figures.whole_report))
    if certified.technology:
        shown.caption, shown.caption_justify = f"certified: over {certified.technology}", "left"
    return shown


def _cells(name: str, row: "Measured") -> tuple[str, ...]:
    numbers = map(_seconds, (row.min, row.max, row.average, row.p50, row.p99))
    return (name if row.number else name + NOT_MEASURABLE, str(row.number), *numbers)


def _seconds(time: float | None) -> str:
    return "" if time is None else f"{time:.2f}" if time >= 0.1 else f"{time:.4f}"


def _limit(row: "Measured", missed: bool) -> str:
    if row.limit is None or not row.number:
        return ""
    return f", limit {row.limit:g}: " + ("[bold red]missed[/]" if missed else "[green]met[/]")
