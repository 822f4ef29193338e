"""Messages of a station: the next one, or one that is waited for, and what came instead."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ohmstead.ports.bench import Bench, TraceLine
from ohmstead.scenario.matching import differences
from ohmstead.scenario.outcome import StepFailed
from ohmstead.scenario.steps import Expect, ExpectNone, WaitFor

LOOK_AGAIN = 1.0
"""Seconds after which something is looked at again that no change announces."""
SHOWN = 5
"""Messages that a failure tells of."""

Message = Expect | ExpectNone | WaitFor


class Cursor:
    """How far a scenario has read the messages of each station."""

    def __init__(self, read: dict[str, int] | None = None) -> None:
        self.read = dict(read or {})

    def fork(self) -> "Cursor":
        """Return one for a lane of its own."""
        return Cursor(self.read)

    def join(self, others: list["Cursor"]) -> None:
        """Go on where the last lane has read to."""
        for other in others:
            for station, number in other.read.items():
                self.read[station] = max(number, self.read.get(station, 0))


async def until(bench: Bench, seconds: float, holds: Callable[[], bool]) -> bool:
    """Wait until something holds that changes with a station; False: it did not within so many seconds."""
    version = 0
    try:
        async with asyncio.timeout(seconds):
            while not holds():
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        version = await bench.wait_changed(version)
    except TimeoutError:
        return holds()
    return True


async def meet(wanted: Expect | WaitFor, bench: Bench, station: str, cursor: Cursor, seconds: float) -> None:
    """Wait for a message and read on behind it. Raises StepFailed."""
    start = cursor.read.get(station, 0)
    found: list[TraceLine] = []

    def came() -> bool:
        for line in bench.trace(cursor.read.get(station, 0)):
            cursor.read[station] = line.number
            if is_of(line, wanted) and (isinstance(wanted, Expect) or not differences(payload(line), wanted.fields)):
                found.append(line)
                return True
        return False

    if not await until(bench, seconds, came):
        cursor.read[station] = start
        raise StepFailed(_instead(wanted, bench.trace(start), seconds))
    wrong = differences(payload(found[0]), wanted.fields)
    if wrong:
        raise StepFailed("\n".join([f"{_named(found[0])} came, and", *wrong, f"it was: {found[0].payload[:600]}"]))


async def stay_away(wanted: ExpectNone, bench: Bench, station: str, cursor: Cursor, seconds: float) -> None:
    """Wait, and see that no such message comes. Raises StepFailed."""
    start = cursor.read.get(station, 0)

    def came() -> bool:
        return any(is_of(line, wanted) and not differences(payload(line), wanted.fields) for line in bench.trace(start))

    if await until(bench, seconds, came):
        lines = [line for line in bench.trace(start) if is_of(line, wanted)]
        raise StepFailed(f"{_named(lines[0])} came: {lines[0].payload[:600]}")
    lines = list(bench.trace(start))
    cursor.read[station] = lines[-1].number if lines else start


def is_of(line: TraceLine, wanted: Message) -> bool:
    """Say whether a frame is of the kind and action that is wanted, whatever its fields are."""
    sent = "sent" if wanted.sender == "station" else "received"
    return line.direction == sent and line.kind == wanted.kind and line.action == wanted.action


def payload(line: TraceLine) -> object:
    """Return the payload of a frame."""
    try:
        content: object = msgspec.json.decode(line.payload)
    except msgspec.DecodeError:
        return None
    return content


def _instead(wanted: Expect | WaitFor, lines: tuple[TraceLine, ...], seconds: float) -> str:
    what = f"{wanted.action} ({wanted.kind})" if wanted.kind != "CALL" else wanted.action
    like = [line for line in lines if is_of(line, wanted)]
    told = [f"no {what} of the {wanted.sender} {'with these fields ' if like else ''}came within {seconds:g} s"]
    for line in like[-SHOWN:]:
        told.append(f"{_named(line)}: {'; '.join(differences(payload(line), wanted.fields))}")
    if not like:
        others = [f"{line.direction} {_named(line)}" for line in lines[-SHOWN:]]
        told.append(f"instead: {', '.join(others)}" if others else "instead: no message at all")
    return "\n".join(told)


def _named(line: TraceLine) -> str:
    return f"{line.kind} {line.action or 'that cannot be read'} {line.message_id}".strip()
