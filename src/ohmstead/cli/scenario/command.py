"""`ohmstead scenario`: run scenarios, and what helps to write them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli.terminal import say, say_lines

if TYPE_CHECKING:
    from ohmstead.scenario.outcome import ScenarioOutcome

app = typer.Typer(
    help="Scenarios: what is done at stations, and what must come of it, in a file that runs.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

EXAMPLES = """[bold]Examples[/bold]

  ohmstead scenario run outage

    A shipped one, in virtual time, against the embedded CSMS.

  ohmstead scenario run my.yaml --junit report.xml --json report.json

    For CI: exit code 1 if a step fails."""


@app.callback()
def scenario() -> None:
    """Scenarios: what is done at stations, and what must come of it, in a file that runs: docs/scenarios.md."""


@app.command("run", epilog=EXAMPLES)
def run(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files, or names of shipped ones.")],
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML.", dir_okay=False, show_default=False)
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JSON.", dir_okay=False, show_default=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of that of the file.", show_default=False)] = None,
    log_wire: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every frame as a JSON line.", dir_okay=False, show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only steps that fail, and the last line.")] = False,
) -> None:
    """Run scenarios in virtual time against the embedded CSMS: a day takes seconds."""
    import msgspec

    from ohmstead.cli.scenario.play import play
    from ohmstead.cli.scenario.shipped import find
    from ohmstead.scenario.document import ScenarioError, read_scenario

    if log_wire is not None and len(files) > 1:
        raise ScenarioError("--log-wire goes with one scenario; right would be a run for each")
    read = [read_scenario(find(name)) for name in files]
    if seed is not None:
        read = [msgspec.structs.replace(one, seed=seed) for one in read]
    outcomes = [play(one, quiet=quiet, log_wire=log_wire) for one in read]
    _write(outcomes, junit, json)
    raise typer.Exit(0 if all(outcome.passed for outcome in outcomes) else 1)


def _write(outcomes: "list[ScenarioOutcome]", junit: Path | None, json: Path | None) -> None:
    import msgspec

    from ohmstead.scenario.junit import junit as as_junit

    if junit is not None:
        junit.write_bytes(as_junit(outcomes))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)) + b"\n")


@app.command("list")
def list_() -> None:
    """Show the scenarios that ship."""
    from ohmstead.cli.scenario.shipped import shipped_scenarios
    from ohmstead.scenario.document import read_scenario

    for path in shipped_scenarios():
        one = read_scenario(path)
        say(f"{path.stem:<10} {one.name} ({len(one.stations)} stations)")


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Name of a shipped scenario.")]) -> None:
    """Print a scenario that ships, to begin with."""
    from ohmstead.cli.scenario.shipped import find

    say_lines(find(name).read_text(encoding="utf-8"))


@app.command("check")
def check(files: Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.")]) -> None:
    """Read scenarios and say what is wrong in them, without running them."""
    from ohmstead.cli.scenario.shipped import find, products_of
    from ohmstead.scenario.document import read_scenario

    for name in files:
        one = read_scenario(find(name))
        products_of(one)
        say(f"{one.source}: {len(one.steps)} steps, {len(one.stations)} stations")


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of scenario files, for editors."""
    import msgspec

    from ohmstead.scenario.schema import scenario_schema

    say_lines(msgspec.json.format(msgspec.json.encode(scenario_schema())).decode())
