"""`ohmstead fleet`: many whole stations at one CSMS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli.terminal import say, say_lines, warn

if TYPE_CHECKING:
    from ohmstead.cli.fleet.processes import FleetRun
    from ohmstead.fleet.plan import FleetPlan
    from ohmstead.fleet.report import FleetReport
    from ohmstead.fleet.station import FleetAccess

app = typer.Typer(
    help="Many whole stations at one CSMS: hundreds of them, as a file says, with a report.",
    rich_markup_mode="rich",
    no_args_is_help=True,
)

EXAMPLE = """[bold]Example[/bold]

  ohmstead fleet init fleet.toml
  ohmstead fleet check fleet.toml
  ohmstead fleet run fleet.toml -o report"""
CUT_OFF_AFTER = 15.0
"""Seconds after Ctrl-C at which it ends all the same, on a machine that is busy."""
MISSED = 1
WRONG_USE = 2

File = Annotated[Path, typer.Argument(metavar="FILE", help="The fleet file.")]


class FleetRefused(Exception):
    """A file that cannot be written; the text says why."""


@app.callback(epilog=EXAMPLE)
def fleet() -> None:
    """Many whole stations at one CSMS: hundreds of them, as a file says, with a report."""


@app.command("run")
def run(
    file: File,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the report: fleet.json and fleet.html.")] = Path(
        "fleet-report"
    ),
    metrics: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            help="Serve /metrics for Prometheus while it runs, on 127.0.0.1 only; 0: a free port, which is said.",
        ),
    ] = None,
) -> int:
    """Run a fleet and report on it; exit code 1: a limit of the file was missed. Ctrl-C ends it, with the report."""
    import asyncio

    from ohmstead.cli.fleet.live import tell

    plan, access = _read(file)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FleetRefused(f"--out {out}: {error.strerror or error}") from None
    report = asyncio.run(_run(plan, access, metrics))
    tell(report)
    _keep(report, out)
    say(f"{report.verdict}: {report.stations} stations, {report.seconds:.0f} s; {out}/fleet.html, {out}/fleet.json")
    return 0 if report.verdict == "PASS" else MISSED


async def _run(plan: "FleetPlan", access: "FleetAccess", metrics: int | None) -> "FleetReport":
    from ohmstead.cli import interruption
    from ohmstead.cli.fleet.live import FleetDisplay
    from ohmstead.cli.fleet.processes import FleetRun

    display = FleetDisplay()
    running = FleetRun(plan, access, display.show)
    async with _measured(running, metrics):
        with display, interruption.gently(running.stop, CUT_OFF_AFTER):
            return await running.run()


@asynccontextmanager
async def _measured(running: "FleetRun", port: int | None) -> AsyncIterator[None]:
    """Serve `/metrics` meanwhile, where that is asked for."""
    if port is None:
        yield
        return
    from ohmstead.cli.fleet.metrics import metrics_app
    from ohmstead.web.server import serve

    try:
        served = await serve(metrics_app(lambda: running.tally), port=port)
    except OSError as error:
        raise FleetRefused(f"--metrics {port}: {error.strerror or error}") from None
    say(f"metrics: {served.url}metrics")
    try:
        yield
    finally:
        await served.stop()


def _keep(report: "FleetReport", out: Path) -> None:
    import msgspec

    from ohmstead.fleet.page import page

    try:
        (out / "fleet.json").write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")
        (out / "fleet.html").write_text(page(report), "utf-8")
    except OSError as error:
        raise FleetRefused(f"--out {out}: {error.strerror or error}") from None


def _read(file: Path) -> "tuple[FleetPlan, FleetAccess]":
    from ohmstead.cli.fleet.access import access_of
    from ohmstead.fleet.reading import read_plan

    plan = read_plan(file)
    return plan, access_of(plan)


@app.command("check")
def check(file: File) -> int:
    """Check a fleet file: a line for each mistake, with what would be right; exit code 2 where there is one."""
    from ohmstead.cli.fleet.processes import shards_of
    from ohmstead.fleet.reading import FleetFileWrong

    try:
        plan, _ = _read(file)
    except FleetFileWrong as wrong:
        for mistake in wrong.mistakes:
            warn(mistake)
        return WRONG_USE
    count = sum(group.count for group in plan.group)
    say(f"{file}: {count} stations in {len(plan.group)} groups, {shards_of(plan)} processes, {plan.duration:g} s")
    return 0


@app.command("init")
def init(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to; without it to standard output.")
    ] = None,
) -> None:
    """Write a fleet file with every key explained."""
    from ohmstead.fleet.example import TEXT

    if file is None:
        say_lines(TEXT)
        return
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(TEXT)
    except FileExistsError:
        raise FleetRefused(f"{file} is there already: give another name, or remove it") from None
    except OSError as error:
        raise FleetRefused(f"{file}: {error.strerror or error}") from None
    say(f"{file} is written; ohmstead fleet check {file} reads it, ohmstead fleet run {file} runs it")
