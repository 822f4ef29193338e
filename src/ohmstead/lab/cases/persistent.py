"""A case on a station that was there before it: how it gets the connection, and what is noted when it has gone.

The same for the live run and for judging its tape again, which is why nothing here knows who the station is.
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.runner import configure, own_settings, preconditions
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.evidence import tape
from ohmstead.lab.evidence.tape import TapeEntry, line
from ohmstead.lab.rig import PersistentRig, PersistentStation
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

PASSWORD = "SecurityCtrlr.BasicAuthPassword"
CALM_WITHIN = 60.0
"""Seconds after which a station that goes on talking is not waited for any longer."""


def unfit(case: Case, persistent: PersistentStation) -> str | None:
    """Return why a case cannot be run on this station, None if it can."""
    given = persistent.provisioning.security_profile
    if given not in case.profiles:
        needed = " or ".join(map(str, sorted(case.profiles)))
        return f"security profile {needed} is needed, the station was given {given}"
    if case.last and not persistent.attended:
        return "it cannot be undone, and nobody is there to provision the station again"
    return None


def on_persistent_station(
    case: Case, persistent: PersistentStation, use_tester: Callable[[Tester], None] = lambda _tester: None
) -> Case:
    """Return the case as it is run on a station that is running already.

    Args:
        case: as it is written for a fresh station.
        persistent: what the station was given.
        use_tester: called with the tester, where the case can be run at all.
    """

    async def body(t: Tester) -> None:
        reason = unfit(case, persistent)
        if reason is not None:
            t.inconclusive(reason)
        use_tester(t)
        t.number_from(persistent.number)
        if case.boots:
            await _welcome(t)
            settings = own_settings(t, case)
            if PASSWORD in settings:
                settings[PASSWORD] = persistent.provisioning.password
            await configure(t, settings, preconditions(t))
            t.clear()
        if case.begin is not None:
            await case.begin(t)
            await t.quiet(step="begin")
        t.remark(f"{case.id} itself")
        await case.body(t)

    return msgspec.structs.replace(case, boots=False, begin=None, body=body, provisioning=persistent.provisioning)


async def _welcome(t: Tester) -> None:
    rig = t.rig
    if not isinstance(rig, PersistentRig):
        raise TypeError(f"the station of the rig {rig.name} is a fresh one for each case")
    await rig.lend()
    if not await t.endpoint().wait_connected(t.patience):
        t.inconclusive("the station is not connected")
    # Looked at for the evidence: what the station offered when it made its connection, which was before the case.
    t.remark(f"connections so far: {len(t.endpoint().attempts)}")
    if not rig.is_calm():
        await calm(t)
    t.rules.findings.clear()
    t.clear()


async def calm(t: Tester) -> None:
    """Wait until the station has nothing more to say, but not for ever."""
    for _ in range(1 + int(CALM_WITHIN / t.settle)):
        before = len(_said(t))
        await asyncio.sleep(t.settle)
        if len(_said(t)) == before:
            return


def _said(t: Tester) -> list[Request[Response]]:
    periodic = wire.HeartbeatRequest | wire.MeterValuesRequest
    return [one for one in t.received(Request) if not isinstance(one, periodic)]


# When the case is over


def afterwards(result: Result, entries: Iterable[TapeEntry]) -> Result:
    """Return a result with what became of the station after the case; its evidence, where it has some, tells it too.

    Raises TapeError.
    """
    for entry in entries:
        evidence = result.evidence and result.evidence + line(entry)
        result = msgspec.structs.replace(_with(result, entry), evidence=evidence)
    return result


def _with(result: Result, entry: TapeEntry) -> Result:
    try:
        match entry.what:
            case tape.INTERRUPTED:
                reason = msgspec.json.decode(entry.value, type=str)
                undecided = {"verdict": Verdict.INCONCLUSIVE, "reason": reason, "finding": None, "also": ()}
                return msgspec.structs.replace(result, **undecided)
            case tape.LEFT:
                left = msgspec.json.decode(entry.value, type=list[str])
                notes = tuple(f"not as it was found: {text}" for text in left)
                return msgspec.structs.replace(result, notes=result.notes + notes)
            case tape.SECOND:
                seconds = msgspec.json.decode(entry.value, type=list[str])
                return msgspec.structs.replace(result, notes=(*result.notes, *seconds))
    except msgspec.DecodeError as error:
        raise tape.TapeError(f"after the end: {error}") from None
    return result
