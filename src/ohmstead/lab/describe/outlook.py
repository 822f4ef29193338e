"""Which cases the lab will be able to carry out, after a preflight; which not, and why."""

from collections.abc import Iterable, Iterator

import msgspec

from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.persistent import unfit
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.cases.subjects import is_subject
from ohmstead.lab.describe.preflight import Outcome, Trial
from ohmstead.lab.needs import CaseNeeds, needs
from ohmstead.lab.rig import PersistentStation
from ohmstead.product.profile import Product

BEGINNINGS = frozenset(("arrive", "connect-ev", "insert-cable", "plug", "present"))
"""Actions before which the general preconditions have to be set."""


class Lack(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, and the cases that it keeps from a verdict."""

    reason: str
    fails: bool = False
    """True: the cases are about what is missing, and will say FAIL."""
    cases: tuple[str, ...]


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What the lab will be able to test."""

    testable: tuple[str, ...]
    lacks: tuple[Lack, ...]
    """By reason, the one with the most cases first."""
    inapplicable: int


def outlook(cases: Iterable[Case], product: Product, station: PersistentStation, trials: Iterable[Trial]) -> Outlook:
    """Return what follows from the trials for each case."""
    absent = [one for one in trials if one.outcome is Outcome.No]
    testable, inapplicable = [], 0
    found: dict[tuple[str, bool], list[str]] = {}
    for case in cases:
        if not_applicable(case, product) is not None:
            inapplicable += 1
            continue
        reason = next(_reasons(case, station, absent), None)
        if reason is None:
            testable.append(case.id)
        else:
            found.setdefault(reason, []).append(case.id)
    lacks = [Lack(reason=reason, fails=fails, cases=tuple(ids)) for (reason, fails), ids in found.items()]
    lacks.sort(key=lambda lack: (not lack.fails, -len(lack.cases), lack.reason))
    return Outlook(testable=tuple(testable), lacks=tuple(lacks), inapplicable=inapplicable)


def _reasons(case: Case, station: PersistentStation, absent: Iterable[Trial]) -> Iterator[tuple[str, bool]]:
    """Yield why a case will say nothing, or will fail; what it is about goes first."""
    reason = unfit(case, station)
    if reason is not None:
        yield reason, False
    need = needs().get(case.id)
    if need is None:
        return
    for trial in absent:
        if not trial.hand and trial.name in need.messages and is_subject(trial.name, case.id, case.requirements):
            yield f"{trial.name} {trial.told}", True
    for trial in absent:
        if trial.hand and trial.name in _hand(case, need):
            yield f"{trial.name}: {trial.told}", False
        elif not trial.hand and _needs(need, trial.name):
            yield f"{trial.name} {trial.told}", False


def _needs(need: CaseNeeds, message: str) -> bool:
    if message == "SetVariables" and BEGINNINGS & set(need.hand):
        return True
    return message in need.messages


def _hand(case: Case, need: CaseNeeds) -> set[str]:
    """Return the actions that a case needs; one that watches the first boot needs the mains off and on."""
    return {*need.hand, *(() if case.boots else ("cut-power", "restore-power"))}
