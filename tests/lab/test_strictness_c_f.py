"""Blocks C and F: stations that both texts let pass, though they are unlike ours, and stations that neither does."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import msgspec
import pytest

from ohmstead.blocks.c_authorization import CAuthorization
from ohmstead.blocks.c_invalid_token import CInvalidToken
from ohmstead.blocks.e_transactions import ETransactions
from ohmstead.blocks.f_remote_control import FRemoteControl
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.blocks.stopping import Stopping
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.model.device import OCPPCommCtrlr
from ohmstead.model.facts import Fact, Suspension
from ohmstead.model.firmware import UpdateStep
from ohmstead.model.session import FactChange, Session, TransactionStep
from ohmstead.ports.calls import Cause
from ohmstead.ports.hardware import TokenPresented
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.runtime.transaction_events import TransactionEvents
from ohmstead.wire.messages import (
    EVSE,
    Component,
    EventData,
    EventNotificationEnum,
    EventTriggerEnum,
    NotifyEventRequest,
    ReasonEnum,
    TransactionEventEnum,
    TriggerMessageRequest,
    TriggerReasonEnum,
    Variable,
)
from tests.lab.mutation import replaced
from tests.lab.wrongs import always, ignored

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

Right = Callable[..., Any]
Unlike = Callable[[], AbstractContextManager[None]]
SEC1000 = load("sec1000-240y")
FLAGSHIP = load("flagship")
POINTS = ("ParkingBayOccupancy", "EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")


def _run(case: str, mutate: Unlike, product: Product = SEC1000, **config: Any) -> Result:
    return run_in_memory(load_cases()[f"TC_{case}_CS"], product, LabConfig(**config), mutate=mutate)


def _passes(case: str, mutate: Unlike = nullcontext, product: Product = SEC1000, **config: Any) -> None:
    result = _run(case, mutate, product, **config)
    assert result.verdict is Verdict.PASS, result.reason


def _fails_by_both(case: str, mutate: Unlike, **config: Any) -> None:
    result = _run(case, mutate, **config)
    assert (result.specification, result.tool) == (Verdict.FAIL, Verdict.FAIL), result.reason


# Unlike ours, and right


def _reads_lower(right: Right, self: CAuthorization, seen: TokenPresented) -> None:
    right(self, msgspec.structs.replace(seen, id_token=seen.id_token.lower()))


@pytest.mark.parametrize("case", ["C_02", "C_04", "C_09", "C_16", "C_36", "C_39", "C_41", "C_45", "C_47"])
def test_tokens_compare_without_case(case: str) -> None:
    """idToken is an identifierString: a reader may report 04a1 where the configuration has 04A1."""
    _passes(case, lambda: replaced(CAuthorization, "observe_token", _reads_lower))


@pytest.mark.parametrize("case", ["C_16", "C_18"])
def test_a_token_that_turns_out_to_be_invalid_ends_nothing_at_the_cable(case: str) -> None:
    """Without Authorized, PowerPathClosed or EnergyTransfer among the stop points it is an Updated (C15.FR.03)."""
    _passes(case, stop_points="EVConnected")


@pytest.mark.parametrize("case", ["C_15", "C_16", "C_17", "C_18"])
def test_energy_may_start_the_transaction(case: str) -> None:
    """The token was accepted before, so that the first event has another trigger than Authorized."""
    _passes(case, start_points="EnergyTransfer")


def _off_first(right: Right, self: CInvalidToken, running: Session) -> None:
    change = FactChange(
        trigger=TriggerReasonEnum.ChargingStateChanged,
        lost=frozenset({Fact.EnergyTransfer}),
        suspended=Suspension.EVSE,
    )
    self._charging.apply(running, change)
    right(self, self._charging.sessions.get(running.id) or running)


@pytest.mark.parametrize("case", ["C_16", "C_18"])
def test_that_the_energy_is_off_may_be_told_first(case: str) -> None:
    """An event of its own for the charging state (E02.FR.13), and then the one that ends."""
    _passes(case, lambda: replaced(CInvalidToken, "_deauthorize", _off_first))


def test_after_a_while_offline_every_connector_is_told() -> None:
    """Beyond OfflineThreshold all of them (B04.FR.01), not only the one that changed."""
    _passes("C_26", ignored(OCPPCommCtrlr.offline_threshold, 1))


@pytest.mark.parametrize("remote", [False, True], ids=["local", "remote"])
@pytest.mark.parametrize("stop", POINTS)
@pytest.mark.parametrize("start", POINTS)
def test_a_deauthorized_driver_leaves_whatever_starts_and_stops(start: str, stop: str, remote: bool) -> None:
    """E05.FR.09, E05.FR.10; what nothing can stop any more may end when the EV leaves."""
    _passes("C_34", product=FLAGSHIP, start_points=start, stop_points=stop, remote=remote)


def test_without_a_car_a_deauthorized_transaction_is_idle() -> None:
    """Where the token alone starts it, no cable is in."""
    _passes("C_34", start_points="Authorized")


@pytest.mark.parametrize("case", ["C_45", "F_04"])
def test_a_station_need_not_know_every_start_point(case: str) -> None:
    """TxStartPoint is to be set as far as the station supports it (errata 6.2.57)."""
    without = {**SEC1000.features, "C-09.2": False}
    _passes(case, product=msgspec.structs.replace(SEC1000, features=without))


def _notifies(right: Right, self: ETransactions, identifier: str) -> None:
    right(self, identifier)
    now = self._world.clock.now()
    data = EventData(
        event_id=1,
        timestamp=now,
        trigger=EventTriggerEnum.Delta,
        actual_value="Available",
        event_notification_type=EventNotificationEnum.HardWiredNotification,
        component=Component(name="Connector", evse=EVSE(id=1, connector_id=1)),
        variable=Variable(name="AvailabilityState"),
    )
    self._csms.calls.send(NotifyEventRequest(generated_at=now, seq_no=0, event_data=(data,)), Cause.Own)


def test_available_may_be_told_as_an_event() -> None:
    """F_04 lets a StatusNotification come, or a NotifyEvent."""
    _passes("F_04", lambda: replaced(ETransactions, "_time_out", _notifies))


def test_clock_aligned_values_may_come_meanwhile() -> None:
    """They are nobody's answer to a trigger."""
    _passes("F_11", settings={"AlignedDataCtrlr.Interval": "1", "AlignedDataCtrlr.SendDuringIdle": "false"})


async def _gives_up(_right: Right, self: LFirmware, _job: object) -> None:
    self._fail(UpdateStep.GaveUp)


def test_the_end_of_the_update_is_not_judged() -> None:
    """What follows the trigger in F_19 is cleaning up (errata 6.2.59)."""
    _passes("F_19", lambda: replaced(LFirmware, "_verify", _gives_up))


# Wrong by both


def _says_local(right: Right, self: Stopping, stopped: object, token: object, _reason: object) -> None:
    right(self, stopped, token, ReasonEnum.Local)


def test_a_master_pass_has_its_reason_at_every_stop_point() -> None:
    """Though the transaction ends only with the cable (C16.FR.07)."""
    for case in ("C_47", "C_48"):
        _fails_by_both(case, lambda: replaced(Stopping, "_stop", _says_local), stop_points="EVConnected")


def _plain_start(
    right: Right, self: object, of: Session, step: TransactionStep, *, offline: bool, at: datetime | None = None
) -> object:
    started = step.event_type is TransactionEventEnum.Started
    if started and step.trigger_reason is TriggerReasonEnum.Authorized:
        step = msgspec.structs.replace(step, trigger_reason=TriggerReasonEnum.ChargingStateChanged)
    return right(self, of, step, offline=offline, at=at)


def test_a_start_by_a_token_says_so() -> None:
    """C_33 wants Authorized at PowerPathClosed too, as E02.FR.20 does."""
    _fails_by_both("C_33", lambda: replaced(TransactionEvents, "build", _plain_start))


@pytest.mark.parametrize("case", ["C_08", "C_33", "C_41"])
def test_a_cache_that_knows_nobody(case: str) -> None:
    """C01.FR.05 lets a question go out beside the cache; waiting for the answer is not what LocalPreAuthorize says."""
    _fails_by_both(case, lambda: replaced(CAuthorization, "_cached", always(None)))


async def _sends_first(right: Right, self: FRemoteControl, request: TriggerMessageRequest) -> object:
    """The message leaves, and a moment later the answer."""
    answer = right(self, request)
    if answer.then is None:
        return answer
    answer.then()
    await asyncio.sleep(0.2)
    return msgspec.structs.replace(answer, then=None)


@pytest.mark.parametrize("case", ["F_11", "F_12", "F_13", "F_15", "F_17", "F_23"])
def test_the_answer_to_a_trigger_goes_first(case: str) -> None:
    """F06.FR.04, and the order of the steps."""
    _fails_by_both(case, lambda: replaced(FRemoteControl, "on_trigger_message", _sends_first))
