"""Block E: a TransactionEvent that the CSMS does not answer, or answers with an error, goes again, and not for ever."""

from collections.abc import Sequence
from math import ceil

import msgspec

from ohmstead.lab.cases import states, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import between, differs
from ohmstead.lab.cases.rules import PERIODIC
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.e_transactions import RETRY_AFTER_ERROR
from ohmstead.wire import messages as wire
from ohmstead.wire.errors import CallError, ErrorCode
from ohmstead.wire.messages import ChargingStateEnum, TransactionEventRequest

ATTEMPTS = 3
"""MessageAttempts: the least that shows that the interval grows, and that a second send can succeed before the last."""
RETRIED = ("E13.FR.01", "E13.FR.02", "E13.FR.03")


class FailingEvent:
    """Picks the event whose delivery fails: the first that says that energy flows."""

    def __init__(self) -> None:
        self._seq_no: int | None = None

    def __call__(self, event: TransactionEventRequest) -> bool:
        """Say whether an event is the one."""
        charges = event.transaction_info.charging_state is ChargingStateEnum.Charging
        if self._seq_no is None and charges and event.trigger_reason not in PERIODIC:
            self._seq_no = event.seq_no
        return event.seq_no == self._seq_no


class RetrySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the station was told about retries, in seconds."""

    interval: int
    timeout: float
    """What passes between a send and its failure: the message timeout, or nothing where the answer is a CALLERROR."""

    def gaps(self, sends: int) -> list[float]:
        """Return how long each send comes after the one before it, the interval growing with the sends so far."""
        return [self.timeout + self.interval * preceding for preceding in range(1, sends)]


async def _prepare(t: Tester, *, silent: bool) -> RetrySettings:
    """Set how often and when to retry."""
    interval = max(3, ceil(3 * t.rig.tolerance))
    await configure(
        t,
        {
            "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": str(ATTEMPTS),
            "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": str(interval),
        },
    )
    return RetrySettings(interval=interval, timeout=await _message_timeout(t) if silent else 0.0)


async def _message_timeout(t: Tester) -> float:
    return await t.get_number("OCPPCommCtrlr.MessageTimeout[Default]") or 0.0


async def _connect(t: Tester) -> None:
    """An EV is connected after the token was accepted; what may come before energy flows is allowed."""
    closing = {"trigger_reason": "ChargingStateChanged", "transaction_info__charging_state": "SuspendedEVSE"}
    t.allow(TransactionEventRequest, trigger_reason="SignedDataReceived")
    t.allow(TransactionEventRequest, **closing)
    await states.plug(t, state="EVConnectedPreSession")


async def _watch(t: Tester, target: FailingEvent, retry: RetrySettings, sends: int, slack: float = 0.0) -> None:
    """The event comes so many times, at the right intervals, and then not again.

    Args:
        t: the tester.
        target: the event.
        retry: attempts and intervals.
        sends: how often it comes.
        slack: seconds that the text of the case allows beyond what the specification does.
    """
    found: list[TransactionEventRequest] = [await t.expect(5, TransactionEventRequest, where=target)]
    for gap in retry.gaps(sends):
        within = gap + t.rig.tolerance + 1
        found.append(await t.expect(5, TransactionEventRequest, where=target, within=within + slack))
        _check_gap(t, found, gap, slack, silent=bool(retry.timeout))
    more = retry.timeout + retry.interval * sends + t.rig.tolerance + 1
    await t.expect_none(5, TransactionEventRequest, more, where=target)
    t.outlet().take(found[-1])


def _check_gap(
    t: Tester, found: Sequence[TransactionEventRequest], wanted: float, slack: float, *, silent: bool
) -> None:
    """The interval is multiplied by the sends so far, and begins where the failure is known (E13.FR.03)."""
    before = t.arrived(found[-2]).at if silent else t.answered(found[-2])
    gap = round(t.arrived(found[-1]).at - before, 3)
    low, high = wanted - t.rig.tolerance, wanted + t.rig.tolerance
    in_time = differs(RETRY_AFTER_ERROR, specification=between(low, high), tool=between(low, high + slack))
    t.compare(
        5,
        f"TransactionEventRequest: seconds before it is sent for the {len(found)}. time",
        gap,
        in_time if slack else between(low, high),
    )


async def _goes_on(t: Tester) -> None:
    """The events after a discarded one are delivered (E13.FR.04)."""
    t.answers.plain(TransactionEventRequest)
    await states_stopping.stop_authorized(t)


@case(
    "TC_E_41_CS",
    "Retries: no answer, until the last attempt",
    requirements=(*RETRIED, "E13.FR.04"),
    begin=states.authorized,
)
async def silence_to_the_end(t: Tester) -> None:
    """Sent as often as configured, each time a message timeout and a growing interval later; then discarded."""
    retry = await _prepare(t, silent=True)
    target = FailingEvent()
    t.withhold(TransactionEventRequest, where=target)
    await _connect(t)
    await _watch(t, target, retry, ATTEMPTS)
    await _goes_on(t)


@case("TC_E_42_CS", "Retries: no answer, then success", requirements=RETRIED, begin=states.authorized)
async def silence_then_success(t: Tester) -> None:
    """Sent a second time, and not again once it was answered."""
    retry = await _prepare(t, silent=True)
    target = FailingEvent()
    t.withhold(TransactionEventRequest, where=target, times=1)
    await _connect(t)
    await _watch(t, target, retry, 2)


@case(
    "TC_E_50_CS",
    "Retries: CALLERROR, until the last attempt",
    requirements=(*RETRIED, "E13.FR.04"),
    begin=states.authorized,
)
async def errors_to_the_end(t: Tester) -> None:
    """Sent as often as configured, each time a growing interval later; then discarded."""
    retry = await _prepare(t, silent=False)
    target = FailingEvent()
    t.error(TransactionEventRequest, where=target)
    await _connect(t)
    await _watch(t, target, retry, ATTEMPTS)
    await _goes_on(t)


@case(
    "TC_E_51_CS",
    "Retries: CALLERROR, then success",
    requirements=RETRIED,
    readings=(RETRY_AFTER_ERROR,),
    begin=states.authorized,
)
async def error_then_success(t: Tester) -> None:
    """Sent a second time, and not again once it was accepted; a third send would be refused."""
    retry = await _prepare(t, silent=False)
    slack = await _message_timeout(t)
    target = FailingEvent()
    sends = 0

    def answer(_event: TransactionEventRequest) -> CallError | wire.TransactionEventResponse:
        nonlocal sends
        sends += 1
        return wire.TransactionEventResponse() if sends == 2 else CallError(ErrorCode.InternalError, "the lab says so")

    t.rules.disturbed = True
    t.answer(TransactionEventRequest, answer, where=target)
    await _connect(t)
    await _watch(t, target, retry, 2, slack)
