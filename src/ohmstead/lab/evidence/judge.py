"""The verdict of a tape: the case runs again, offline and in virtual time, on what the tape says."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from ohmstead.edge.virtual_time import Deadlock, OutOfTime, run
from ohmstead.lab.cases.case import Case, load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.persistent import afterwards, on_persistent_station
from ohmstead.lab.cases.runner import run_case
from ohmstead.lab.evidence.border import LEND, START
from ohmstead.lab.evidence.replay import Misfit, Player
from ohmstead.lab.evidence.replay_rig import ReplayPersistentRig, ReplayRig
from ohmstead.lab.evidence.tape import (
    FIRST_FINDING_FORMAT,
    FORMAT,
    PLAIN_FORMAT,
    TapeEntry,
    TapeError,
    TapeHead,
    parted,
    read,
)
from ohmstead.lab.verdict import Disputed, Finding, Result, Verdict
from ohmstead.product.profile import Product

MISFIT = "the log does not fit: "
"""How the reason of a tape begins that is no evidence for its case."""


class Judgment(msgspec.Struct, frozen=True, kw_only=True):
    """What a verdict consists of; two of them are compared byte by byte."""

    id: str
    verdict: str
    reason: str
    finding: Finding | None
    also: tuple[Finding, ...]
    notes: tuple[str, ...]
    disputed: tuple[Disputed, ...]

    def encoded(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(self)


def judgment(result: Result) -> Judgment:
    """Return the part of a result that is its verdict."""
    return Judgment(
        id=result.id,
        verdict=result.verdict.value,
        reason=result.reason,
        finding=result.finding,
        also=result.also,
        notes=result.notes,
        disputed=result.disputed,
    )


async def _judge(text: str, case: Case, product: Product, config: LabConfig) -> Result:
    """Run a case on its tape. A tape that does not fit makes it INCONCLUSIVE; never raises for what is on the tape.

    The loop's time has to begin at `TapeHead.began`.
    """
    try:
        head, entries = read(text)
        if head.case != case.id:
            raise TapeError(f"it is the log of {head.case}")
        entries, later = parted(entries)
    except TapeError as error:
        return misfit(case, str(error))
    player = Player(head, entries)
    playing = asyncio.create_task(player.play())
    running = asyncio.create_task(_run(player, _as_asked(case, head, entries), product, config))
    try:
        await asyncio.wait((running, player.misfit), return_when=asyncio.FIRST_COMPLETED)
        if player.misfit.done():
            return misfit(case, player.misfit.result())
        return afterwards(running.result(), later)
    except TapeError as error:
        return misfit(case, str(error))
    finally:
        for task in (playing, running):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _as_asked(case: Case, head: TapeHead, entries: Iterable[TapeEntry]) -> Case:
    """Return a case with the security profiles in which the lab that made a tape began it.

    Earlier ones knew the first alone; to a station of another profile, which was there before the case, they said so
    and did not take its connection.
    """
    if head.format in (FORMAT, FIRST_FINDING_FORMAT) or isinstance(head.persistent, msgspec.UnsetType):
        return case
    began = any(entry.what in (LEND, START) for entry in entries)
    return case if began else msgspec.structs.replace(case, profiles=case.profiles[:1])


async def _run(player: Player, case: Case, product: Product, config: LabConfig) -> Result:
    persistent = player.head.persistent
    hide, goes_on = player.head.format != PLAIN_FORMAT, player.head.format == FORMAT
    if isinstance(persistent, msgspec.UnsetType):
        result = await run_case(case, ReplayRig(player), product, config, hide=hide, goes_on=goes_on)
    else:
        result = await run_case(
            on_persistent_station(case, persistent),
            ReplayPersistentRig(player, persistent),
            product,
            config,
            hide=hide,
            goes_on=goes_on,
        )
    with suppress(Misfit):
        await player.finish()
    return result


def misfit(case: Case, reason: str) -> Result:
    """Return the result of a tape that is no evidence."""
    return Result(id=case.id, title=case.title, verdict=Verdict.INCONCLUSIVE, reason=f"{MISFIT}{reason}")


def is_misfit(result: Result) -> bool:
    """Say whether a result comes from a tape that does not fit."""
    return result.reason.startswith(MISFIT)


def judge_tape(text: str, case: Case, product: Product, config: LabConfig) -> Result:
    """Judge one tape in virtual time."""
    try:
        head, _ = read(text)
        return run(_judge(text, case, product, config), start=head.began, limit=case.limit * 2)
    except TapeError as error:
        return misfit(case, str(error))
    except (Deadlock, OutOfTime) as error:
        return misfit(case, f"nothing comes any more: {str(error).splitlines()[0]}")


def confirmed(result: Result, product: Product, config: LabConfig) -> Result:
    """Return a live result if its evidence leads to the same verdict, byte by byte; else an INCONCLUSIVE one."""
    if not result.evidence:
        return result
    again = judge_tape(result.evidence, load_cases()[result.id], product, config)
    if judgment(again).encoded() == judgment(result).encoded():
        return result
    told = f"live {result.verdict.value} {result.reason}".strip()
    reason = f"the evidence does not lead to the verdict: {told}, judged {again.verdict.value} {again.reason}".strip()
    return msgspec.structs.replace(result, verdict=Verdict.INCONCLUSIVE, reason=reason, finding=None, also=())
