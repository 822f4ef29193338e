"""Mutants of block B: boot, outages, reset, network profiles."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ohmstead.blocks.b_boot import BBoot
from ohmstead.blocks.b_network import BNetwork
from ohmstead.blocks.b_reset import BReset
from ohmstead.blocks.context import Registration
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.g_availability import GAvailability
from ohmstead.model import network
from ohmstead.model.network import Slot
from ohmstead.model.trust_store import TrustStore
from ohmstead.ports.calls import Answer
from ohmstead.runtime import dispatch, route
from ohmstead.runtime.backoff import BackOff
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import BootReasonEnum, ReasonEnum, ResetEnum, ResetStatusEnum
from tests.lab.mutation import Mutant, replaced, set_to

Wrong = Callable[..., object]


def _changed(**fields: Any) -> Wrong:
    """What a function returns is right but for these fields."""

    def wrong(right: Callable[..., msgspec.Struct], *arguments: object, **options: object) -> object:
        return msgspec.structs.replace(right(*arguments, **options), **fields)

    return wrong


def _nothing(_right: object, *_arguments: object) -> None:
    """Nothing happens."""


def _mutant(name: str, text: str, owner: object, function: str, wrong: Wrong) -> Mutant:
    return Mutant(name, text, lambda: replaced(owner, function, wrong), "B")


# Boot


def _another_model(right: Callable[..., wire.BootNotificationRequest], *arguments: object) -> object:
    boot = right(*arguments)
    station = msgspec.structs.replace(boot.charging_station, model="Ohmstead")
    return msgspec.structs.replace(boot, charging_station=station)


def _times(factor: float) -> Wrong:
    def wrong(right: Callable[[object, float], object], self: object, seconds: float) -> object:
        return right(self, seconds * factor)

    return wrong


def _always_accepted(right: Callable[..., None], self: BBoot, response: wire.BootNotificationResponse) -> None:
    right(self, msgspec.structs.replace(response, status=wire.RegistrationStatusEnum.Accepted))


def _serves_all() -> AbstractContextManager[None]:
    def wrong(right: Callable[..., object], self: dispatch.Dispatch, request: object) -> object:
        asked = self._registration
        self._registration = lambda: Registration.Accepted
        try:
            return right(self, request)
        finally:
            self._registration = asked

    return replaced(dispatch.Dispatch, "serve", wrong)


def _starts(right: Callable[..., object], self: FRemoteControl, request: object) -> object:
    right(self, request)
    return wire.RequestStartTransactionResponse(status=wire.RequestStartStopStatusEnum.Accepted)


BOOT = (
    _mutant("boot-another-model", "BootNotification names another model.", BBoot, "_request", _another_model),
    _mutant("boot-no-statuses", "No status is reported after Accepted.", GAvailability, "when_accepted", _nothing),
    _mutant("boot-too-early", "The next BootNotification comes after half the interval.", BBoot, "_wait", _times(0.5)),
    _mutant("boot-too-late", "The next BootNotification comes after twice the interval.", BBoot, "_wait", _times(2)),
    _mutant(
        "boot-always-power-up",
        "Every BootNotification has the reason PowerUp.",
        BBoot,
        "_request",
        _changed(reason=BootReasonEnum.PowerUp),
    ),
    _mutant(
        "boot-always-accepted", "Every answer to BootNotification counts as Accepted.", BBoot, "_take", _always_accepted
    ),
    Mutant("boot-serves-rejected", "CALLs are served before Accepted like afterwards.", _serves_all, "B"),
    _mutant(
        "boot-starts-while-pending",
        "Every remote start is answered Accepted.",
        FRemoteControl,
        "on_request_start_transaction",
        _starts,
    ),
    _mutant(
        "boot-silent-trigger",
        "A triggered BootNotification is not sent.",
        BBoot,
        "_trigger_boot",
        lambda _right, *_arguments: lambda: None,
    ),
)

# After an outage


def _tell_changed(_right: object, self: GAvailability, _online: object) -> None:
    self._work.after(self._tell_changed)


def _tell_all(_right: object, self: GAvailability, _online: object) -> None:
    self._work.after(self._tell_all)


OUTAGE = (
    _mutant(
        "outage-tells-changed",
        "OfflineThreshold counts for nothing: only changes.",
        GAvailability,
        "when_online",
        _tell_changed,
    ),
    _mutant(
        "outage-tells-all", "OfflineThreshold counts for nothing: everything.", GAvailability, "when_online", _tell_all
    ),
)

# Reset


def _unscheduled(right: Callable[..., Answer], self: BReset, request: wire.ResetRequest) -> object:
    return right(self, msgspec.structs.replace(request, type=ResetEnum.Immediate))


def _rejects(_right: object, *_arguments: object) -> Answer:
    return Answer(wire.ResetResponse(status=ResetStatusEnum.Rejected))


def _first_ended(_right: object, self: BReset, _ended: object) -> None:
    for scope in list(self._pending):
        self._work.after(lambda scope=scope: self._begin(scope, BootReasonEnum.ScheduledReset))  # type: ignore[misc]


def _for_another_reason(right: Callable[..., None], self: BReset, scope: int, reason: BootReasonEnum) -> None:
    remote, scheduled = BootReasonEnum.RemoteReset, BootReasonEnum.ScheduledReset
    right(self, scope, scheduled if reason is remote else remote)


def _whole_station(right: Callable[..., Answer], self: BReset, request: wire.ResetRequest) -> object:
    return right(self, msgspec.structs.replace(request, evse_id=None))


def _forgets(_right: object, self: BReset, evse_id: int) -> None:
    left = self._charging.sessions.at(evse_id)
    if left is not None:
        self._charging.forget(left)


RESET = (
    _mutant("reset-rejected", "Every reset is Rejected.", BReset, "on_reset", _rejects),
    _mutant("reset-never", "A reset is answered and not carried out.", BReset, "_begin", _nothing),
    _mutant("reset-always-immediate", "OnIdle is taken for Immediate.", BReset, "on_reset", _unscheduled),
    _mutant(
        "reset-at-first-end", "OnIdle waits for one transaction only.", BReset, "when_transaction_ended", _first_ended
    ),
    _mutant(
        "reset-reasons-swapped", "RemoteReset and ScheduledReset are swapped.", BReset, "_begin", _for_another_reason
    ),
    _mutant("reset-whole-station", "The station is reset instead of the EVSE.", BReset, "on_reset", _whole_station),
    _mutant(
        "reset-ends-other",
        "A transaction that a reset ends gives the reason Reboot.",
        BReset,
        "_ending",
        _changed(ends=ReasonEnum.Reboot),
    ),
    _mutant(
        "reset-evse-forgets-cable",
        "After the reset of an EVSE a cable is Available for a moment.",
        BReset,
        "_strip",
        _forgets,
    ),
)

# Network profiles


def _walks(change: Callable[..., Iterator[Slot]]) -> Callable[[], AbstractContextManager[None]]:
    return lambda: set_to(route, "walk", change)


def _attempts_and(more: int) -> Callable[..., Iterator[Slot]]:
    def walk(slots: Any, attempts: Callable[[], int], fallback: Slot | None, patience: Any) -> Iterator[Slot]:
        return network.walk(slots, lambda: attempts() + more, fallback, patience)

    return walk


def _backwards(slots: Any, attempts: Any, fallback: Slot | None, patience: Any) -> Iterator[Slot]:
    return network.walk(slots[::-1], attempts, fallback, patience)


def _no_fallback(slots: Any, attempts: Any, fallback: Slot | None, patience: Any) -> Iterator[Slot]:
    del fallback
    return network.walk(slots, attempts, None, patience)


def _no_objection(_right: object, *_arguments: object) -> None:
    return None


def _first_root_only(right: Callable[..., tuple[str, ...]], self: TrustStore, **options: bool) -> object:
    return right(self, **options)[:1]


def _always_shortest(right: Callable[[BackOff], float], self: BackOff) -> float:
    self.reset()
    return right(self)


def _wait_times(factor: float) -> Wrong:
    def wrong(right: Callable[[BackOff], float], self: BackOff) -> float:
        return right(self) * factor

    return wrong


NETWORK = (
    _mutant("slot-any-number", "Every slot number is taken.", BNetwork, "_objection", _no_objection),
    Mutant("slot-order-backwards", "NetworkConfigurationPriority is read backwards.", _walks(_backwards), "B"),
    Mutant("slot-one-attempt-more", "One attempt too many goes to each slot.", _walks(_attempts_and(1)), "B"),
    Mutant("slot-one-attempt-less", "One attempt too few goes to each slot.", _walks(_attempts_and(-1)), "B"),
    Mutant("slot-no-fallback", "After the last slot the first one follows.", _walks(_no_fallback), "B"),
    _mutant("roots-first-only", "An installed root is not used.", TrustStore, "csms_roots", _first_root_only),
    _mutant("back-off-stands-still", "The wait does not double.", BackOff, "next", _always_shortest),
    _mutant("back-off-half", "Half of every wait.", BackOff, "next", _wait_times(0.5)),
    _mutant("back-off-double", "Twice every wait.", BackOff, "next", _wait_times(2)),
)

MUTANTS = (*BOOT, *OUTAGE, *RESET, *NETWORK)
