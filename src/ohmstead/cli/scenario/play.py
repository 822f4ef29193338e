"""Plays one scenario, and says of each step how it went."""

import logging
from pathlib import Path

import msgspec

from ohmstead.cli.logs import log_to_stderr
from ohmstead.cli.scenario.memory_stage import memory_stage
from ohmstead.cli.scenario.shipped import products_of
from ohmstead.cli.terminal import say
from ohmstead.edge.private_files import write_private
from ohmstead.edge.virtual_time import Deadlock, run
from ohmstead.scenario.document import Scenario, ScenarioError
from ohmstead.scenario.outcome import ScenarioOutcome, StepOutcome
from ohmstead.scenario.runner import ScenarioRun
from ohmstead.scenario.stage import Stage
from ohmstead.wire.printable import printable


def play(scenario: Scenario, *, quiet: bool = False, log_wire: Path | None = None) -> ScenarioOutcome:
    """Run a scenario in virtual time. Raises ScenarioError."""
    log_to_stderr(logging.ERROR)
    products = products_of(scenario)

    async def on_stage() -> ScenarioOutcome:
        async with memory_stage(scenario, products) as stage:
            try:
                return await ScenarioRun(scenario, stage, lambda step: show(step, quiet=quiet)).run()
            finally:
                if log_wire is not None:
                    write_wire(log_wire, stage)

    if not quiet:
        say(f"{scenario.name} ({scenario.source})")
    try:
        outcome = run(on_stage())
    except Deadlock as error:
        raise ScenarioError(f"{scenario.source}: nothing can go on any more: {str(error).splitlines()[0]}") from None
    say(summary(outcome))
    return outcome


def show(step: StepOutcome, *, quiet: bool) -> None:
    """Say one line of a step, and of one that failed what came instead."""
    if step.passed and quiet:
        return
    mark = "ok  " if step.passed else "FAIL"
    say(printable(f"{mark} {_clock(step.at)}  {step.number:<8} {step.station}: {step.title}"))
    for line in step.told.split("\n") if step.told else ():
        say(f"       {printable(line)}")


def summary(outcome: ScenarioOutcome) -> str:
    """Return the last line."""
    failed = [step for step in outcome.steps if not step.passed]
    word = "passed" if outcome.passed else f"FAILED at line {failed[0].line}"
    return f"{outcome.name}: {word}, {len(outcome.steps)} steps, {outcome.frames} messages, {_clock(outcome.seconds)}"


def write_wire(path: Path, stage: Stage) -> None:
    """Write what the stations keep of their frames, one JSON line each, in the order of time."""
    lines = [line for station in stage.stations.values() for line in station.bench.trace()]
    lines.sort(key=lambda line: (line.at, line.station, line.number))
    write_private(path, "".join(msgspec.json.encode(line).decode() + "\n" for line in lines))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:04.1f}"
