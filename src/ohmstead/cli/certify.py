"""`ohmstead certify`: the whole campaign on one product, and the report."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ohmstead.lab.campaign import Report, Run
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
    from ohmstead.cli.certify_folder import write_folder
    from ohmstead.cli.lab_relay import NETWORKS
    from ohmstead.lab.config import load as load_config
    from ohmstead.lab.report import columns
    from ohmstead.lab.report_build import build
    from ohmstead.product.load import load

    if bench not in ("memory", "wire"):
        raise typer.BadParameter(f"{bench} is no bench; memory or wire is", param_hint="--bench")
    if network not in (*NETWORKS, "both", "none"):
        raise typer.BadParameter(f"{network} is no network; loopback, mobile, both, none are", param_hint="--network")
    folder = out or Path(f"report-{load(product).name}")
    networks = {"both": tuple(NETWORKS), "none": ()}.get(network, (network,))
    started = time.monotonic()
    done = _campaign(cases or [], product, bench, config)
    figures = [_measure(one, product, load_config(config)) for one in networks]
    done = msgspec.structs.replace(
        done,
        seconds=round(time.monotonic() - started, 1),
        figures=tuple(one for one in figures if one is not None),
    )
    report = build(done)
    _tell(report, write_folder(folder, report, done.results))
    if parted := columns(done.results):
        typer.echo(parted)
    good = all(result.good for result in done.results) and all(one is not None and not one.missed for one in figures)
    return 0 if good else 1


def _campaign(cases: list[str], product: str, bench: str, config: Path | None) -> "Run":
    """Run the cases, and judge each again from its evidence."""
    from importlib.metadata import version

    from ohmstead.cli.lab import show_result
    from ohmstead.cli.lab_judge import confirmed
    from ohmstead.cli.lab_run import Campaign, chosen_cases, run_campaign
    from ohmstead.lab.campaign import Run
    from ohmstead.lab.config import load as load_config
    from ohmstead.product.load import load

    chosen, settings = load(product), load_config(config)
    began = datetime.now(UTC)
    campaign = Campaign(product=product, bench=bench, config=config, cases=chosen_cases(cases, None), record=True)
    results = [confirmed(result, chosen, settings) for result in run_campaign(campaign, show_result)]
    return Run(
        product=chosen,
        config=settings,
        bench=bench,
        made_by=f"ohmstead {version('ohmstead')}",
        began=began,
        seconds=0.0,
        results=tuple(results),
    )


def _tell(report: "Report", written: "Sequence[Path]") -> None:
    """Say what came out: profiles, files, figures."""
    for profile in report.profiles:
        if profile.claimed:
            typer.echo(f"{profile.result:<11} {profile.name}: {profile.why}")
    typer.echo("\n".join(str(path) for path in written))
    for one in report.performance:
        missed = ", ".join(one.missed)
        typer.echo(f"{one.technology}: {f'above the limit: {missed}' if missed else 'within limits'}")


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
