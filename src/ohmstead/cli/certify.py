"""`ohmstead certify`: the whole campaign on one product, and the report."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ohmstead.lab.config import LabConfig
    from ohmstead.lab.figures import Figures

app = typer.Typer(rich_markup_mode="rich")

ROUNDS = 2
"""Of what performance is measured by."""
EXAMPLE = """[bold]Example[/bold]

  ohmstead certify --product sec1000-240y
  ohmstead lab judge report-sec1000-240y"""


@app.command(epilog=EXAMPLE)
def certify(
    cases: Annotated[list[str] | None, typer.Argument(help="Cases; none: every one that is implemented.")] = None,
    product: Annotated[
        str, typer.Option("--product", help="Name of a shipped product, or a product file.")
    ] = "sec1000-240y",
    bench: Annotated[str, typer.Option("--bench", help="memory (virtual time) or wire (real time).")] = "memory",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder of the report; without it report-PRODUCT.")
    ] = None,
    network: Annotated[
        str, typer.Option("--network", help="Measure performance over loopback, mobile, both or none.")
    ] = "both",
    config: Annotated[Path | None, typer.Option("--config", help="A lab.toml: tokens, places, durations.")] = None,
) -> int:
    """Run all applicable cases on a product, measure it, and write the report.

    Exit code 0: no case failed or stayed inconclusive, and no figure was above the limit that the product claims.
    """
    from importlib.metadata import version

    from ohmstead.cli.certify_folder import write_folder
    from ohmstead.cli.lab import show_result
    from ohmstead.cli.lab_judge import confirmed
    from ohmstead.cli.lab_relay import NETWORKS
    from ohmstead.cli.lab_run import Campaign, chosen_cases, run_campaign
    from ohmstead.lab.campaign import Run
    from ohmstead.lab.config import load as load_config
    from ohmstead.lab.report_build import build
    from ohmstead.product.load import load

    if bench not in ("memory", "wire"):
        raise typer.BadParameter(f"{bench} is no bench; memory or wire is", param_hint="--bench")
    if network not in (*NETWORKS, "both", "none"):
        raise typer.BadParameter(f"{network} is no network; loopback, mobile, both, none are", param_hint="--network")
    chosen = load(product)
    folder = out or Path(f"report-{chosen.name}")
    began, started = datetime.now(UTC), time.monotonic()
    campaign = Campaign(product=product, bench=bench, config=config, cases=chosen_cases(cases or [], None), record=True)
    settings = load_config(config)
    results = [confirmed(result, chosen, settings) for result in run_campaign(campaign, show_result)]
    networks = {"both": tuple(NETWORKS), "none": ()}.get(network, (network,))
    measured = [_measure(one, product, settings) for one in networks]
    run = Run(
        product=chosen,
        config=settings,
        bench=bench,
        made_by=f"ohmstead {version('ohmstead')}",
        began=began,
        seconds=round(time.monotonic() - started, 1),
        results=tuple(results),
        figures=tuple(figures for figures in measured if figures is not None),
    )
    report = build(run)
    written = write_folder(folder, report, results)
    for profile in report.profiles:
        if profile.claimed:
            typer.echo(f"{profile.result:<11} {profile.name}: {profile.why}")
    typer.echo("\n".join(str(path) for path in written))
    for one in run.figures:
        typer.echo(
            f"{one.technology}: {'above the limit: ' + ', '.join(one.missed) if one.missed else 'within limits'}"
        )
    good = all(result.good for result in results) and all(one is not None and not one.missed for one in measured)
    return 0 if good else 1


def _measure(network: str, product: str, config: "LabConfig") -> "Figures | None":
    """Measure over one network; None where the station did something wrong meanwhile, which is told."""
    from rich.console import Console

    from ohmstead.cli.lab_relay import TECHNOLOGIES, measure_over
    from ohmstead.lab.verdict import Failed, Inconclusive

    try:
        with Console(stderr=True).status(f"measuring over {TECHNOLOGIES[network]}"):
            return measure_over(network, product, rounds=ROUNDS, config=config).figures
    except (Failed, Inconclusive) as reason:
        typer.echo(f"{TECHNOLOGIES[network]}: not measured: {reason}", err=True)
        return None
