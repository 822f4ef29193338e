"""Block E: the CSMS asks how a transaction stands."""

import asyncio

from ohmstead.lab.cases import states, states_cable, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import ABSENT
from ohmstead.lab.cases.e_offline import BACK_OFF, SAMPLED, charging_for_a_while, check_values, without_connection
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.e_transactions import VALUES_OFFLINE
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import TransactionEventRequest, TransactionEventResponse

UNKNOWN = "2f1c9d3e-7b64-4f0a-9c51-d08e6a3b1f77"
"""A transactionId that no station has given."""
LONGER = 5
"""Seconds by which the outage of TC_E_31 is longer than the others: RetryBackOffWaitMinimum grows with it."""


class Held:
    """Keeps every TransactionEvent waiting for its answer, so that the queue of the station stays as it is."""

    def __init__(self, t: Tester) -> None:
        self._t = t
        self._go = asyncio.Event()
        t.answer(TransactionEventRequest, self._answer)

    async def _answer(self, event: TransactionEventRequest) -> TransactionEventResponse:
        await self._go.wait()
        info = None if event.id_token is None else self._t.answers.info(event.id_token)
        return TransactionEventResponse(id_token_info=info)

    def release(self) -> None:
        """Answer, also those that come from now on."""
        self._go.set()
        self._t.answers.plain(TransactionEventRequest)


async def ask(t: Tester, step: int, transaction_id: str | None, *, ongoing: object, waiting: bool) -> None:
    """Ask for the status of a transaction, or (None) only whether messages wait."""
    request = wire.GetTransactionStatusRequest(transaction_id=transaction_id)
    await t.call(request, step=step, ongoing_indicator=ongoing, messages_in_queue=waiting)


def transaction_of(t: Tester) -> str:
    """Return the id of the transaction that runs or ran last at the configured EVSE."""
    identifier = t.outlet().transaction_id
    if identifier is None:
        t.fail("begin", "TransactionEventRequest", "one", "none")
        raise AssertionError("fail raises")
    return identifier


# Nothing waits


@case("TC_E_28_CS", "Transaction status: an unknown transaction", requirements=("E14.FR.01",))
async def unknown(t: Tester) -> None:
    """It does not go on, and nothing waits."""
    await ask(t, 2, UNKNOWN, ongoing=False, waiting=False)


@case(
    "TC_E_30_CS",
    "Transaction status: one that goes on, nothing waits",
    requirements=("E14.FR.02", "E14.FR.05"),
    begin=states.energy_transfer_started,
)
async def goes_on(t: Tester) -> None:
    """It goes on, and nothing waits."""
    await ask(t, 2, transaction_of(t), ongoing=True, waiting=False)


@case(
    "TC_E_32_CS",
    "Transaction status: one that has ended, nothing waits",
    requirements=("E14.FR.03", "E14.FR.05"),
    begin=states.energy_transfer_started,
)
async def has_ended(t: Tester) -> None:
    """After the EV has left it does not go on, and nothing waits."""
    identifier = transaction_of(t)
    await states_stopping.parking_bay_unoccupied(t)
    await ask(t, 2, identifier, ongoing=False, waiting=False)


@case("TC_E_34_CS", "Transaction status: of none, nothing waits", requirements=("E14.FR.06", "E14.FR.08"))
async def of_none(t: Tester) -> None:
    """Nothing is said of a transaction, and nothing waits."""
    await ask(t, 2, None, ongoing=ABSENT, waiting=False)


# Messages wait: asked the moment the connection is back


async def _outage_while_charging(t: Tester, transaction_id: str | None, ongoing: object) -> None:
    outage = await without_connection(t)
    held = Held(t)
    await outage.end(after=BACK_OFF - 0.5)
    await ask(t, 4, transaction_id, ongoing=ongoing, waiting=True)
    held.release()
    await check_values(t, outage, 5)


@case(
    "TC_E_29_CS",
    "Transaction status: one that goes on, messages wait",
    requirements=("E14.FR.02", "E14.FR.04"),
    readings=(VALUES_OFFLINE,),
    settings=SAMPLED,
    begin=charging_for_a_while,
)
async def goes_on_and_waits(t: Tester) -> None:
    """It goes on, and messages wait; then they come."""
    await _outage_while_charging(t, transaction_of(t), ongoing=True)


@case(
    "TC_E_33_CS",
    "Transaction status: of none, messages wait",
    requirements=("E14.FR.06", "E14.FR.07"),
    readings=(VALUES_OFFLINE,),
    settings=SAMPLED,
    begin=charging_for_a_while,
)
async def of_none_and_waits(t: Tester) -> None:
    """Nothing is said of a transaction, but messages wait; then they come."""
    await _outage_while_charging(t, None, ongoing=ABSENT)


async def _charging(t: Tester) -> None:
    """Energy flows; where it can be chosen, the cable comes free when the EV side is disconnected (errata 6.2.53)."""
    await t.try_set("OCPPCommCtrlr.UnlockOnEVSideDisconnect", "true")
    await states_station.end_by_leaving(t)
    await states.energy_transfer_started(t)


@case(
    "TC_E_31_CS",
    "Transaction status: one that has ended, messages wait",
    requirements=("E14.FR.03", "E14.FR.04"),
    settings={
        **SAMPLED,
        "OCPPCommCtrlr.OfflineThreshold": str(BACK_OFF + LONGER + 60),
        "OCPPCommCtrlr.RetryBackOffWaitMinimum": str(BACK_OFF + LONGER),
    },
    begin=_charging,
)
async def has_ended_and_waits(t: Tester) -> None:
    """It does not go on, and messages wait; then everything comes that a stop by the token, or by the EV, leads to."""
    identifier, outlet = transaction_of(t), t.outlet()
    stops, valid = states_station.local_stop(t), t.config.valid
    # A transaction that stops with the energy is over when the EV suspends, and so is what locked the cable.
    over = stops is None and "EnergyTransfer" in t.stop_points
    kept = stops is None and not over and await states_cable.kept_for_owner(t, valid, outlet.evse_id)
    stays = stops is None and await t.get("TxCtrlr.StopTxOnEVSideDisconnect") == "false"
    outage = await without_connection(t)
    held = Held(t)
    if stops is None:
        await t.hand.suspend(outlet.evse_id)
        if over:
            await t.elapse(t.settle)
            await t.hand.unplug(outlet.evse_id)
        else:
            await states_cable.unplug_unstopped(t, valid, outlet.evse_id, kept=kept)
    else:
        await t.present(stops)
        await t.hand.unplug(outlet.evse_id)
    await t.hand.leave(outlet.evse_id)
    await t.elapse(LONGER)
    await outage.end(after=BACK_OFF + LONGER - 0.5)
    await ask(t, 2, identifier, ongoing=False, waiting=True)
    held.release()
    if kept and not states_cable.can_show(t, valid):
        await states_cable.take_kept(t, valid, outlet.evse_id)
    if stops is None:
        await states.check_suspended(t)
    else:
        await states_stopping.check_stop_authorized(t)
        await states_stopping.ev_connected_post_session(t)
    await states_stopping.check_unplugged(t, stays=stays)
    if kept and stays and outlet.running:
        # Who fetches the cable of a suspended transaction may stop it by that.
        await t.maybe_event(event_type="Ended", trigger_reason="StopAuthorized")
    t.require(
        3,
        "ParkingBayOccupancy" in t.stop_points or not outlet.running,
        "TransactionEventRequest.eventType",
        "Ended",
        "none",
    )
    await states_stopping.check_left(t)
