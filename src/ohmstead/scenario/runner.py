"""Plays a scenario on a stage, one step after the other, until the first that fails."""

import asyncio
from collections.abc import Callable

import msgspec

from ohmstead.ports.bench import Backoffice, CommandRefused, ResetRefused, UnknownStation, VariableKey
from ohmstead.ports.hand import HandAction, HandRefused
from ohmstead.ports.protocol_faults import FaultNotTaken
from ohmstead.scenario.document import Scenario
from ohmstead.scenario.duration import seconds
from ohmstead.scenario.matching import differences
from ohmstead.scenario.outcome import ScenarioOutcome, StepFailed, StepOutcome
from ohmstead.scenario.stage import Stage, StagedStation
from ohmstead.scenario.steps import (
    AddFault,
    Check,
    ClearFaults,
    Command,
    Expect,
    ExpectNone,
    Repeat,
    Reset,
    SetVariable,
    Sleep,
    Step,
    Together,
    WaitFor,
)
from ohmstead.scenario.watching import Cursor, meet, stay_away, until

MOST_OUTCOMES = 100_000
"""Steps whose outcome is kept; of further ones only those that fail."""

Tell = Callable[[StepOutcome], None]


class ScenarioRun:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario, stage: Stage, tell: Tell = lambda _: None) -> None:
        self._scenario = scenario
        self._stage = stage
        self._tell = tell
        self._outcomes: list[StepOutcome] = []
        self._began = 0.0

    async def run(self) -> ScenarioOutcome:
        """Play it; a step that fails ends it, and is in the outcome."""
        loop = asyncio.get_running_loop()
        self._began = loop.time()
        passed = True
        try:
            await self._all(self._scenario.steps, "", "", Cursor(self._read()))
        except StepFailed:
            passed = False
        return ScenarioOutcome(
            name=self._scenario.name,
            source=self._scenario.source,
            passed=passed,
            seconds=loop.time() - self._began,
            frames=sum(self._read().values()),
            steps=tuple(self._outcomes),
        )

    def _read(self) -> dict[str, int]:
        """Return the number of the newest message of each station."""
        traces = {name: station.bench.trace() for name, station in self._stage.stations.items()}
        return {name: lines[-1].number if lines else 0 for name, lines in traces.items()}

    async def _all(self, steps: tuple[Step, ...], above: str, around: str, cursor: Cursor) -> None:
        for index, step in enumerate(steps, 1):
            number = f"{above}{index}"
            if isinstance(step.does, Repeat):
                for turn in range(1, step.does.times + 1):
                    await self._all(step.does.steps, f"{number}.", f"{around}#{turn}", cursor)
            elif isinstance(step.does, Together):
                await self._side_by_side(step.does, number, around, cursor)
            else:
                await self._one(step, f"{number}{around}", cursor)

    async def _side_by_side(self, lanes: Together, number: str, around: str, cursor: Cursor) -> None:
        cursors = [cursor.fork() for _ in lanes.lanes]
        try:
            async with asyncio.TaskGroup() as group:
                for index, (lane, own) in enumerate(zip(lanes.lanes, cursors, strict=True), 1):
                    group.create_task(self._all(lane, f"{number}.{index}.", around, own))
        except ExceptionGroup as group_error:
            failed, other = group_error.split(StepFailed)
            if other is not None:
                raise other from None
            raise StepFailed("a lane failed") from failed
        cursor.join(cursors)

    async def _one(self, step: Step, number: str, cursor: Cursor) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        told = ""
        try:
            await self._do(step, cursor)
        except StepFailed as failed:
            told = str(failed)
        except (HandRefused, ResetRefused, FaultNotTaken, UnknownStation, CommandRefused) as refused:
            told = f"refused: {refused}"
        outcome = StepOutcome(
            number=number,
            title=step.title,
            line=step.line,
            station=step.station,
            passed=not told,
            at=start - self._began,
            seconds=loop.time() - start,
            told=told,
        )
        if told or len(self._outcomes) < MOST_OUTCOMES:
            self._outcomes.append(outcome)
        self._tell(outcome)
        if told:
            raise StepFailed(told)

    async def _do(self, step: Step, cursor: Cursor) -> None:
        station = self._stage.stations[step.station]
        if isinstance(step.does, HandAction):
            await station.hand.perform(step.does)  # type: ignore[arg-type]  # each HandAction of KINDS is an Action
            return
        wait = seconds(step.within if step.within is not None else "message", self._scenario.timeouts)
        match step.does:
            case Expect() | WaitFor() as wanted:
                await meet(wanted, station.bench, step.station, cursor, wait)
            case ExpectNone() as wanted:
                await stay_away(wanted, station.bench, step.station, cursor, wait)
            case Sleep(seconds=given):
                await asyncio.sleep(seconds(given, self._scenario.timeouts))
            case Check(fields=wanted_fields):
                await _check(station, wanted_fields, 0.0 if step.within is None else wait)
            case Command() as command:
                await self._command(command, step.station)
            case Reset(discard=discard):
                csms = self._stage.csms
                forget = (lambda: None) if csms is None else (lambda: csms.forget(step.station))
                await station.bench.reset(discard=discard, meanwhile=forget)
            case other:
                await _prepare(station, other)

    async def _command(self, command: Command, station: str) -> None:
        csms: Backoffice | None = self._stage.csms
        if csms is None:
            raise StepFailed("there is no embedded CSMS here that could send commands")
        result = await csms.send(station, command.action, command.payload)
        if result.kind != "CALLRESULT":
            raise StepFailed(f"{command.action} was answered with {result.kind}: {result.payload}")
        wrong = differences(msgspec.json.decode(result.payload), command.answer)
        if wrong:
            raise StepFailed("\n".join([*wrong, f"the answer was: {result.payload[:600]}"]))


async def _check(station: StagedStation, wanted: dict[str, object], wait: float) -> None:
    def wrong() -> list[str]:
        return differences(msgspec.to_builtins(station.bench.view()), wanted)

    if wait > 0:
        await until(station.bench, wait, lambda: not wrong())
    if left := wrong():
        raise StepFailed("\n".join(left))


async def _prepare(station: StagedStation, does: object) -> None:
    faults = station.bench.faults
    match does:
        case AddFault(fault=fault):
            if faults is None:
                raise StepFailed("this station can have no faults of the protocol")
            faults.add(fault)
        case ClearFaults():
            if faults is not None:
                faults.clear()
        case SetVariable() as edit:
            key = VariableKey(
                component=edit.component,
                variable=edit.variable,
                component_instance=edit.component_instance,
                variable_instance=edit.variable_instance,
                evse_id=edit.evse_id,
                connector_id=edit.connector_id,
            )
            outcome = await station.bench.set_variable(key, edit.value)
            if outcome.status not in ("Accepted", "RebootRequired"):
                raise StepFailed(f"{outcome.status}: {outcome.reason}")
        case _:
            raise AssertionError(f"nobody does {does!r}")
