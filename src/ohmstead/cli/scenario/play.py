"""Plays one scenario, and says of each step how it went."""

import asyncio
import logging
from pathlib import Path

from ohmstead.cli import interruption
from ohmstead.cli.logs import log_to_stderr
from ohmstead.cli.run.live import loop_factory
from ohmstead.cli.scenario.memory_stage import memory_stage
from ohmstead.cli.scenario.network_stage import CsmsAccess, configs, network_stage, refuse_commands
from ohmstead.cli.scenario.shipped import products_of
from ohmstead.cli.terminal import say
from ohmstead.edge.virtual_time import Deadlock, run
from ohmstead.scenario.document import Scenario, ScenarioError
from ohmstead.scenario.outcome import ScenarioOutcome, StepOutcome
from ohmstead.scenario.runner import ScenarioRun
from ohmstead.scenario.stage import Stage
from ohmstead.wire.printable import printable


def play(scenario: Scenario, *, quiet: bool = False, log_wire: Path | None = None) -> ScenarioOutcome:
    """Run a scenario in virtual time against the embedded CSMS. Raises ScenarioError, RunRefused."""
    products = products_of(scenario)

    async def on_stage() -> ScenarioOutcome:
        async with memory_stage(scenario, products, log_wire=log_wire) as stage:
            return await _perform(scenario, stage, quiet=quiet)

    _begin(scenario, quiet=quiet)
    try:
        outcome = run(on_stage())
    except Deadlock as error:
        raise ScenarioError(f"{scenario.source}: nothing can go on any more: {str(error).splitlines()[0]}") from None
    say(summary(outcome))
    return outcome


def play_at(
    access: CsmsAccess,
    scenario: Scenario,
    *,
    seed: int | None = None,
    quiet: bool = False,
    log_wire: Path | None = None,
) -> ScenarioOutcome:
    """Run a scenario in real time against a CSMS that is not ours. Raises ScenarioError, RunRefused."""
    refuse_commands(scenario)
    products = products_of(scenario)
    told = configs(scenario, products, access)

    async def on_stage() -> ScenarioOutcome:
        async with network_stage(scenario, products, told, seed=seed, log_wire=log_wire) as stage:
            return await _perform(scenario, stage, quiet=quiet)

    _begin(scenario, quiet=quiet)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        outcome = runner.run(interruption.cancelled_by_signal(on_stage()))
    say(summary(outcome))
    return outcome


def _begin(scenario: Scenario, *, quiet: bool) -> None:
    log_to_stderr(logging.ERROR)
    if not quiet:
        say(f"{scenario.name} ({scenario.source})")


async def _perform(scenario: Scenario, stage: Stage, *, quiet: bool) -> ScenarioOutcome:
    return await ScenarioRun(scenario, stage, lambda step: show(step, quiet=quiet)).run()


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


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:04.1f}"
