"""`ohmstead scenario`: run scenarios, and what helps to write them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli.run import flags
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

  ohmstead scenario run outage --csms ws://localhost:9000 --password-file password.txt

    In real time, against yours.

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
    csms: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            rich_help_panel=flags.CSMS,
            show_default=False,
            help="wss:// or ws:// URL of your CSMS, without the identity: real time. Default: the embedded one.",
        ),
    ] = None,
    csms_root: flags.CsmsRoot = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=flags.CSMS,
            show_default=False,
            help="File with the password of all stations, or with a line IDENTITY:PASSWORD for each.",
        ),
    ] = None,
    client_cert: flags.ClientCert = None,
    client_key: flags.ClientKey = None,
    security_profile: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=3,
            rich_help_panel=flags.CSMS,
            show_default=False,
            help="At your CSMS, as in `ohmstead run`. Default: 1 for a ws:// URL, else 2.",
        ),
    ] = None,
) -> None:
    """Run scenarios in virtual time against the embedded CSMS, where a day takes seconds, or in real time at yours."""
    import msgspec

    from ohmstead.cli.scenario.network_stage import CsmsAccess, refuse_commands
    from ohmstead.cli.scenario.play import play, play_at
    from ohmstead.cli.scenario.shipped import find
    from ohmstead.scenario.document import ScenarioError, read_scenario

    if log_wire is not None and len(files) > 1:
        raise ScenarioError("--log-wire goes with one scenario; right would be a run for each")
    read = [read_scenario(find(name)) for name in files]
    if seed is not None:
        read = [msgspec.structs.replace(one, seed=seed) for one in read]
    if csms is not None:
        for one in read:
            refuse_commands(one)
        access = CsmsAccess(
            url=csms,
            root=csms_root,
            password_file=password_file,
            client_cert=tuple(client_cert or ()),
            client_key=client_key,
            security_profile=security_profile,
        )
        outcomes = [play_at(access, one, seed=seed, quiet=quiet, log_wire=log_wire) for one in read]
    elif csms_root or password_file or client_cert or client_key or security_profile is not None:
        raise ScenarioError("these options go with --csms URL: the embedded CSMS makes its own passwords")
    else:
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
