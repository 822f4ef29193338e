"""`ohmstead scenario`: run scenarios, and what helps to write them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli.run import flags as run_flags
from ohmstead.cli.scenario import flags
from ohmstead.cli.terminal import say, say_lines

if TYPE_CHECKING:
    from ohmstead.scenario.document import Scenario
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


RECORD_EXAMPLES = """[bold]Examples[/bold]

  ohmstead scenario record http://127.0.0.1:8080 -o session.yaml

    What was done on the page or by the control API of a running station since it was started.

  ohmstead scenario record wire.jsonl -o session.yaml

    The same from a file that `run --log-wire` or `scenario run --log-wire` has written."""


@app.callback()
def scenario() -> None:
    """Scenarios: what is done at stations, and what must come of it, in a file that runs: docs/scenarios.md."""


@app.command("run", epilog=EXAMPLES)
def run(
    files: flags.Files,
    junit: flags.Junit = None,
    json: flags.Json = None,
    seed: flags.Seed = None,
    log_wire: flags.LogWire = None,
    quiet: flags.Quiet = False,
    csms: flags.Csms = None,
    csms_root: run_flags.CsmsRoot = None,
    password_file: flags.PasswordFile = None,
    client_cert: run_flags.ClientCert = None,
    client_key: run_flags.ClientKey = None,
    security_profile: flags.SecurityProfile = None,
) -> None:
    """Run scenarios in virtual time against the embedded CSMS, where a day takes seconds, or in real time at yours."""
    from ohmstead.cli.scenario.network_stage import CsmsAccess, refuse_commands
    from ohmstead.cli.scenario.play import play, play_at
    from ohmstead.scenario.document import ScenarioError

    if log_wire is not None and len(files) > 1:
        raise ScenarioError("--log-wire goes with one scenario; right would be a run for each")
    read = _read(files, seed)
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
        raise ScenarioError(
            "--csms-root, --password-file, --client-cert, --client-key and --security-profile go with --csms URL: the "
            "embedded CSMS makes its own certificates and passwords"
        )
    else:
        outcomes = [play(one, quiet=quiet, log_wire=log_wire) for one in read]
    _write(outcomes, junit, json)
    raise typer.Exit(0 if all(outcome.passed for outcome in outcomes) else 1)


def _read(files: list[str], seed: int | None) -> "list[Scenario]":
    import msgspec

    from ohmstead.cli.scenario.shipped import find
    from ohmstead.scenario.document import read_scenario

    read = [read_scenario(find(name)) for name in files]
    return read if seed is None else [msgspec.structs.replace(one, seed=seed) for one in read]


def _write(outcomes: "list[ScenarioOutcome]", junit: Path | None, json: Path | None) -> None:
    import msgspec

    from ohmstead.scenario.junit import junit as as_junit

    if junit is not None:
        junit.write_bytes(as_junit(outcomes))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)) + b"\n")


@app.command("record", epilog=RECORD_EXAMPLES)
def record(
    source: flags.Source,
    output: flags.Output = None,
    product: flags.Product = None,
    token: flags.Token = None,
    force: flags.Force = False,
) -> None:
    """Make a scenario of what was done at a station, and of what it told its CSMS: it runs, and passes."""
    from ohmstead.cli.scenario.record import fetch, record_log
    from ohmstead.scenario.document import ScenarioError

    if output is not None and output.exists() and not force:
        raise ScenarioError(f"{output} is there already; right would be another -o FILE, or --force")
    running = source.startswith(("http://", "https://"))
    text = fetch(source, token) if running else record_log(Path(source), product)
    if output is None:
        say_lines(text.rstrip("\n"))
        return
    output.write_text(text, "utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            say(line, err=True)
    say(f"{output}: ohmstead scenario run {output}")


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
