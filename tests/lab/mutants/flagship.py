"""Mutants of what the certified product does not have: start and stop points, summaries, root checks, waits."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from ohmstead.blocks.a_certificates import ACertificates
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.m_certificates import MCertificates
from ohmstead.model.device import SecurityCtrlr, reports
from ohmstead.model.facts import Fact
from ohmstead.model.session import FactChange, Session, TransactionOrigin
from ohmstead.model.trust_store import TrustStore
from ohmstead.ports.certificate_reader import CertificateRefused
from ohmstead.ports.hardware import BayOccupied
from ohmstead.runtime import facts
from ohmstead.runtime.route import StationRoute
from ohmstead.wire.messages import ReasonEnum, ReportData, TriggerReasonEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import always, ignored, nothing

Wrong = Callable[..., object]


def _moved(wrong: Callable[[Session, FactChange], FactChange]) -> Callable[[], AbstractContextManager[None]]:
    def advance(right: Wrong, session: Session, change: FactChange, origin: TransactionOrigin) -> object:
        return right(session, wrong(session, change), origin)

    return lambda: replaced(facts, "advance", advance)


def _without(point: Fact) -> Callable[[], AbstractContextManager[None]]:
    """Never stop at a point."""

    def advance(right: Wrong, session: Session, change: FactChange, origin: TransactionOrigin) -> object:
        kept = msgspec.structs.replace(session, stop_points=session.stop_points - {point})
        return right(kept, change, msgspec.structs.replace(origin, stop_points=origin.stop_points - {point}))

    return lambda: replaced(facts, "advance", advance)


def _other_reason(_session: Session, change: FactChange) -> FactChange:
    departs = change.trigger is TriggerReasonEnum.EVDeparted
    return msgspec.structs.replace(change, ends=ReasonEnum.Other) if departs else change


def _other_trigger(_session: Session, change: FactChange) -> FactChange:
    arrives = change.trigger is TriggerReasonEnum.EVDetected
    return msgspec.structs.replace(change, trigger=TriggerReasonEnum.CablePluggedIn) if arrives else change


def _never_leaves(right: Wrong, self: ETransactions, seen: BayOccupied) -> None:
    if seen.occupied:
        right(self, seen)


POINTS = (
    Mutant(
        "bay-unseen", "An EV that arrives is not noticed.", lambda: replaced(ETransactions, "observe_bay", nothing), "E"
    ),
    Mutant(
        "bay-never-left",
        "An EV that departs is not noticed.",
        lambda: replaced(ETransactions, "observe_bay", _never_leaves),
        "E",
    ),
    Mutant("bay-for-cable", "The trigger of an arrival is CablePluggedIn.", _moved(_other_trigger), "E"),
    Mutant("bay-left-for-other", "The reason of an end by departure is Other.", _moved(_other_reason), "E"),
    Mutant("energy-ends-nothing", "The stop point EnergyTransfer is ignored.", _without(Fact.EnergyTransfer), "E"),
)


def _no_connectors(right: Callable[..., tuple[ReportData, ...]], *arguments: object) -> object:
    return tuple(entry for entry in right(*arguments) if entry.component.name != "EVSE")


SUMMARIES = (
    Mutant("summary-of-nothing", "A SummaryInventory is empty.", lambda: replaced(reports, "summary", always(())), "B"),
    Mutant(
        "summary-without-evses",
        "A SummaryInventory leaves out the EVSEs.",
        lambda: replaced(reports, "summary", _no_connectors),
        "B",
    ),
)


def _unsigned_too(right: Wrong, self: MCertificates, root: object) -> object:
    try:
        return right(self, root)
    except CertificateRefused:
        return [], []


def _old_root_too(right: Callable[..., tuple[str, ...]], self: TrustStore, **_options: bool) -> object:
    return (*right(self, fallback=False), *right(self, fallback=True))


ROOTS = (
    Mutant(
        "root-need-not-be-signed",
        "A CSMS root that the one in force has not signed is installed.",
        lambda: replaced(MCertificates, "_replaced", _unsigned_too),
        "M",
    ),
    Mutant(
        "root-of-before-stays",
        "The CSMS root of before stays, though the new one has been proven.",
        lambda: replaced(MCertificates, "when_connected", nothing),
        "M",
    ),
    Mutant(
        "root-of-before-forgotten",
        "The CSMS root of before helps nobody.",
        lambda: replaced(StationRoute, "_try_fallback_root", always(False)),
        "BM",
    ),
    Mutant(
        "root-of-before-helps-everybody",
        "The CSMS root of before vouches for another CSMS too.",
        lambda: replaced(TrustStore, "csms_roots", _old_root_too),
        "B",
    ),
)


def _same_wait(right: Wrong, self: ACertificates) -> None:
    kept, self._repeats = self._repeats, min(self._repeats, 0)
    try:
        right(self)
    finally:
        self._repeats = kept


def _one_time_less(right: Wrong, self: ACertificates) -> None:
    if self._repeats == self._device.security.cert_signing_repeat_times:
        return
    right(self)


WAITS: tuple[Mutant, ...] = (
    Mutant(
        "asks-but-once", "A certificate is asked for once.", lambda: replaced(ACertificates, "_ask_again", nothing), "A"
    ),
    Mutant(
        "asks-without-doubling",
        "The wait for a certificate is not doubled.",
        lambda: replaced(ACertificates, "_rearm_overdue", _same_wait),
        "A",
    ),
    Mutant(
        "asks-once-less",
        "After the last doubling of the wait the certificate is not asked for.",
        lambda: replaced(ACertificates, "_rearm_overdue", _one_time_less),
        "A",
    ),
    Mutant(
        "ignores-CertSigningWaitMinimum",
        "A certificate is waited for 1 s.",
        ignored(SecurityCtrlr.cert_signing_wait_minimum, 1),
        "A",
    ),
)

MUTANTS = (*POINTS, *SUMMARIES, *ROOTS, *WAITS)
