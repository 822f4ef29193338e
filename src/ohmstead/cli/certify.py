"""`ohmstead certify`: the whole campaign on one product, and the report."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode="rich")

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
    config: Annotated[Path | None, typer.Option("--config", help="A lab.toml: tokens, places, durations.")] = None,
) -> int:
    """Run all applicable cases on a product and write the report. Exit code 0: nothing failed or stayed open."""
    from importlib.metadata import version

    from ohmstead.cli.certify_folder import write_folder
    from ohmstead.cli.lab import show_result
    from ohmstead.cli.lab_judge import confirmed
    from ohmstead.cli.lab_run import Campaign, chosen_cases, run_campaign
    from ohmstead.lab.campaign import Run
    from ohmstead.lab.config import load as load_config
    from ohmstead.lab.report_build import build
    from ohmstead.product.load import load

    if bench not in ("memory", "wire"):
        raise typer.BadParameter(f"{bench} is no bench; memory or wire is", param_hint="--bench")
    chosen = load(product)
    folder = out or Path(f"report-{chosen.name}")
    began, started = datetime.now(UTC), time.monotonic()
    campaign = Campaign(product=product, bench=bench, config=config, cases=chosen_cases(cases or [], None), record=True)
    settings = load_config(config)
    results = [confirmed(result, chosen, settings) for result in run_campaign(campaign, show_result)]
    run = Run(
        product=chosen,
        config=settings,
        bench=bench,
        made_by=f"ohmstead {version('ohmstead')}",
        began=began,
        seconds=round(time.monotonic() - started, 1),
        results=tuple(results),
    )
    report = build(run)
    written = write_folder(folder, report, results)
    for profile in report.profiles:
        if profile.claimed:
            typer.echo(f"{profile.result:<11} {profile.name}: {profile.why}")
    typer.echo("\n".join(str(path) for path in written))
    return 0 if all(result.good for result in results) else 1
