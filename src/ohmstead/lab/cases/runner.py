"""Runs one case on one rig and says how it went."""

import asyncio
import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec

from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.places import placed
from ohmstead.lab.cases.states_station import first_boot
from ohmstead.lab.cases.subjects import MessageMissing
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.usual import usual_settings
from ohmstead.lab.evidence.digests import new_key
from ohmstead.lab.evidence.recording import recorded, tape_for, text_of
from ohmstead.lab.rig import Provisioning, Rig
from ohmstead.lab.selection import rows_of, select
from ohmstead.lab.verdict import Disputed, Failed, Finding, Inconclusive, Result, Verdict
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.product.token_types import local_start_types
from ohmstead.wire.messages import SetVariableStatusEnum

FindingT = TypeVar("FindingT", Finding, Disputed)

_log = logging.getLogger(__name__)


def not_applicable(case: Case, product: Product) -> Result | None:
    """Return the result of a case whose condition a product does not meet; None if it applies."""
    if not rows_of(case.id):
        return None
    applies = select(case.id, product)
    if applies.applies:
        return None
    return Result(
        id=case.id,
        title=case.title,
        verdict=Verdict.NOT_APPLICABLE,
        reason=applies.reason,
        requirements=case.requirements,
    )


async def run_case(
    case: Case,
    rig: Rig,
    product: Product,
    config: LabConfig,
    *,
    record: bool = False,
    key: str | None = None,
    hide: bool = True,
    goes_on: bool = True,
) -> Result:
    """Run a case on a rig with a fresh station; never raises for what the station does.

    Args:
        case: which.
        rig: where.
        product: what the station claims to be.
        config: of the lab.
        record: let the result carry the evidence: what passed between lab and rig, to judge it again by.
        key: of the digests that stand for passwords in the evidence; None: a new one; empty: passwords are kept.
        hide: take passwords out of what the result says.
        goes_on: past what does not hinder the next step; False: end at the first finding, as earlier versions did.
    """
    tape = tape_for(case.id, rig, new_key() if key is None else key) if record else None
    if tape is not None:
        rig = recorded(rig, tape)
    here = placed(config, product, case.places)
    tester = Tester(rig, product, here, _provisioning(case, product, config), case.id)
    tester.requirements = case.requirements
    tester.goes_on = goes_on
    began = tester.now()
    verdict, reason = await _judged(case, tester)
    found = tester.findings or [one.finding for one in tester.disputed[:1]]
    finding = found[0] if verdict is Verdict.FAIL else None
    if tape is not None:
        tape.end()
    result = Result(
        id=case.id,
        title=case.title,
        verdict=verdict,
        reason=reason,
        finding=finding,
        also=tuple(tester.findings[1:]) if verdict is Verdict.FAIL else (),
        requirements=case.requirements,
        notes=tuple(tester.notes),
        disputed=tuple(tester.disputed),
        log=tuple(tester.log),
        seconds=round(tester.now() - began, 3),
        evidence=text_of(tape) if tape is not None else "",
    )
    return _hidden(result, tester) if hide else result


async def _judged(case: Case, tester: Tester) -> tuple[Verdict, str]:
    """Run a case and return what follows: verdict and reason. What was found before decides, however the case ends."""
    verdict, reason = Verdict.PASS, ""
    try:
        async with asyncio.timeout(case.limit):
            await _run(case, tester)
    except Failed as failed:
        tester.give_up(failed)
    except Inconclusive as missing:
        verdict, reason = Verdict.INCONCLUSIVE, str(missing)
    except TimeoutError:
        verdict, reason = Verdict.INCONCLUSIVE, f"not over after {case.limit:g} s"
    except Exception as error:
        if not tester.findings:
            # A bug of the case or the lab is nobody's failure but ours.
            _log.exception("%s broke", case.id)
        verdict, reason = Verdict.INCONCLUSIVE, f"the lab broke: {type(error).__name__}: {error}"
    if tester.findings:
        return Verdict.FAIL, str(tester.findings[0])
    if verdict is Verdict.PASS and tester.disputed:
        return Verdict.FAIL, str(tester.disputed[0].finding)
    return verdict, reason


def _hidden(result: Result, tester: Tester) -> Result:
    """Return a result that shows no password, of the case or of the station."""

    def hidden(one: FindingT) -> FindingT:
        texts = {
            name: tester.shown(getattr(one, name)) for name in ("field", "got", "wanted", "right") if hasattr(one, name)
        }
        return msgspec.structs.replace(one, **texts)

    return msgspec.structs.replace(
        result,
        reason=tester.shown(result.reason),
        finding=None if result.finding is None else hidden(result.finding),
        also=tuple(map(hidden, result.also)),
        notes=tuple(map(tester.shown, result.notes)),
        disputed=tuple(map(hidden, result.disputed)),
        log=tuple(
            # Frames were looked through when they came.
            msgspec.structs.replace(one, text=tester.shown(one.text)) if one.way == "." else one
            for one in result.log
        ),
    )


def _provisioning(case: Case, product: Product, config: LabConfig) -> Provisioning:
    if case.provisioning is not None:
        return case.provisioning
    profile = case.profile_for(product, config.security_profile)
    return Provisioning(security_profile=case.profiles[0] if profile is None else profile)


async def _run(case: Case, t: Tester) -> None:
    await t.prepare()
    if case.boots:
        await first_boot(t)
        await configure(t, own_settings(t, case), preconditions(t))
        t.clear()
    if case.begin is not None:
        await case.begin(t)
        await t.quiet(step="begin")
    t.remark(f"{case.id} begins")
    await case.body(t)
    await t.finish()


def preconditions(t: Tester) -> dict[str, str]:
    """Return the general preconditions of Part 6, the configured default points, and what a product has unusually."""
    asks = not local_start_types(t.product) and t.product.has(Feature.REMOTE_START_AUTHORIZED_FIRST)
    return {
        **usual_settings(t.product),
        "AuthCtrlr.LocalPreAuthorize": "false",
        # Who has no reader, keypad or button is authorized as a remote start is (errata 5.10).
        **({"AuthCtrlr.AuthorizeRemoteStart": "true"} if asks else {}),
        # Without its signature a meter starts nothing (E01.FR.04).
        **({"SampledDataCtrlr.SignReadings": "true"} if "DataSigned" in t.config.start_points.split(",") else {}),
        "TxCtrlr.TxStartPoint": t.config.start_points,
        "TxCtrlr.TxStopPoint": t.config.stop_points,
    }


def own_settings(t: Tester, case: Case) -> dict[str, str]:
    """Return what `lab.toml` and the case itself want set, which the case cannot do without."""
    return {**t.config.settings, **case.settings_for(t.config)}


async def configure(t: Tester, settings: Mapping[str, str], general: Mapping[str, str] = MappingProxyType({})) -> None:
    """Set variables. One that is not there, or is read-only at the wanted value, is skipped and noted.

    Args:
        t: the tester.
        settings: what the case cannot do without.
        general: set before; where a station cannot set them at all, only what begins a transaction lacks them.

    Raises Inconclusive for a refusal.
    """
    unsettable: MessageMissing | None = None
    for key, value in {**general, **settings}.items():
        missing = unsettable
        if missing is None:
            try:
                await _configure(t, key, value)
                continue
            except MessageMissing as lacking:
                missing = lacking
                unsettable = lacking if lacking.action == "SetVariables" else None
        await _find(t, key, value, missing, needed=key in settings)


async def _find(t: Tester, key: str, value: str, missing: MessageMissing, *, needed: bool) -> None:
    """Where nothing can be set, take a variable that is as wanted already. Raises MessageMissing for what is needed."""
    try:
        actual = await t.get(key, step="settings")
    except MessageMissing:
        actual = None
    if actual is not None and _enough(t, key, actual, value):
        t.note(f"{key} is {actual} and cannot be set: skipped")
        t.knows_setting(key, actual)
    elif needed:
        raise missing
    else:
        t.unset[key] = str(missing)


async def _configure(t: Tester, key: str, value: str) -> None:
    status = await t.try_set(key, value, step="settings")
    match status:
        case SetVariableStatusEnum.Accepted:
            return
        case SetVariableStatusEnum.RebootRequired:
            t.note(f"{key}={value} acts after a reboot")
        case SetVariableStatusEnum.UnknownComponent | SetVariableStatusEnum.UnknownVariable:
            t.note(f"{key} is not implemented: skipped")
        case _:
            await _stays(t, key, value, status)


async def _stays(t: Tester, key: str, value: str, status: SetVariableStatusEnum) -> None:
    """Take the value that a variable has instead, where that will do. Raises Inconclusive where it will not.

    Points that the product says cannot be set have to contain what is asked for ("if the mutability of TxStartPoint is
    ReadWrite then ...", TC_E_01); what they contain beside it is expected to act.
    """
    actual = await t.get(key)
    if actual is None or not _enough(t, key, actual, value):
        t.inconclusive(f"{key}={value} was answered {status.value}")
    t.note(f"{key} is {actual} and cannot be set: skipped")
    t.knows_setting(key, actual)


FIXED_WITHOUT = {
    "TxCtrlr.TxStartPoint": Feature.TX_START_POINT_WRITABLE,
    "TxCtrlr.TxStopPoint": Feature.TX_STOP_POINT_WRITABLE,
}
"""Lists that products may have as they are: the variable -> the feature with which it can be set."""


def _enough(t: Tester, key: str, actual: str, wanted: str) -> bool:
    has, asked = set(actual.lower().split(",")), set(wanted.lower().split(","))
    feature = FIXED_WITHOUT.get(key)
    fixed = feature is not None and not t.product.has(feature)
    return asked <= has if fixed else asked == has
