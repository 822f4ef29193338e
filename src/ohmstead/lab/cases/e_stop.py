"""Block E: how transactions stop, at each stop point."""

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.e_offline import Outage
from ohmstead.lab.cases.e_start import ASKING
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.tokens import stopping_token
from ohmstead.lab.readings.e_transactions import STOP_IN_TWO, STOPPED_BY_DRIVER
from ohmstead.lab.readings.f_remote_control import REMOTE_STOP_IN_TWO
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import AuthorizationStatusEnum, TransactionEventEnum

TX_STOP_POINT = "TxCtrlr.TxStopPoint"
STOPPED_REASON = "TransactionEventRequest.transactionInfo.stoppedReason"


@case(
    "TC_E_06_CS",
    "Local stop",
    requirements=("E07.FR.04", "E06.FR.15", "C01.FR.03"),
    readings=(STOPPED_BY_DRIVER,),
    settings=ASKING,
    begin=states.energy_transfer_started,
)
async def stop_locally(t: Tester) -> None:
    """The token that started stops; then the EV leaves."""
    await states_stopping.stop_authorized(t, remote=False)
    await states_stopping.ev_connected_post_session(t)
    await states_stopping.ev_disconnected(t)
    running = t.outlet().running and "ParkingBayOccupancy" not in t.stop_points
    t.require(3, not running, "TransactionEventRequest.eventType", "Ended", "none")
    await states_stopping.parking_bay_unoccupied(t)


# Stop point Authorized


@case(
    "TC_E_15_CS",
    "Stop point Authorized: stopped by the token",
    requirements=("E06.FR.03", "E06.FR.09", "E06.FR.15"),
    readings=(STOPPED_BY_DRIVER, STOP_IN_TWO),
    settings={TX_STOP_POINT: "Authorized"},
    begin=states.energy_transfer_started,
)
async def authorized_locally(t: Tester) -> None:
    """The token stops, and the transaction ends."""
    await t.elapse(t.config.transaction_duration)
    await t.present(stopping_token(t.product, t.config.valid) or t.config.valid)
    at_once = differs(STOP_IN_TWO, specification=one_of("Ended", "Updated"), tool="Ended")
    last = await t.event(1, trigger_reason="StopAuthorized", event_type=at_once)
    if last.event_type is not TransactionEventEnum.Ended:
        last = await t.event(
            1,
            trigger_reason="ChargingStateChanged",
            transaction_info__charging_state="EVConnected",
            event_type="Ended",
        )
    reason = differs(STOPPED_BY_DRIVER, specification=one_of("Local", None), tool="Local")
    t.compare(1, STOPPED_REASON, last.transaction_info.stopped_reason, reason)


@case(
    "TC_E_21_CS",
    "Stop point Authorized: stopped from afar",
    requirements=("E06.FR.03", "E06.FR.15", "F03.FR.09"),
    settings={TX_STOP_POINT: "Authorized"},
    begin=states.energy_transfer_started,
)
async def authorized_remotely(t: Tester) -> None:
    """One event says that the CSMS stopped, and ends the transaction."""
    await _request_stop(t)
    await t.event(
        3, trigger_reason="RemoteStop", transaction_info__stopped_reason="Remote", event_type=TransactionEventEnum.Ended
    )


async def _request_stop(t: Tester) -> None:
    request = wire.RequestStopTransactionRequest(transaction_id=t.outlet().transaction_id or "none")
    await t.call(request, step=2, status="Accepted")


@case(
    "TC_E_16_CS",
    "Stop points Authorized, PowerPathClosed: the CSMS finds the token of an offline start invalid",
    requirements=("E06.FR.04", "E06.FR.15", "C15.FR.04"),
    settings={**ASKING, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true", "TxCtrlr.StopTxOnInvalidId": "true"},
    begin=states_station.id_token_cached,
)
async def found_invalid(t: Tester) -> None:
    """The queue is emptied, every event of it marked offline; then the station takes the authorization back."""
    if not t.stop_points & {"Authorized", "PowerPathClosed"}:
        has = "Authorized" in t.product.stop_points
        await configure(t, {TX_STOP_POINT: "Authorized" if has else "PowerPathClosed"})
    await states_station.start_offline_transaction(t, stay_offline=True)
    invalid = wire.IdTokenInfo(status=AuthorizationStatusEnum.Invalid)
    t.answer(
        wire.TransactionEventRequest,
        wire.TransactionEventResponse(id_token_info=invalid),
        where=lambda event: event.id_token is not None,
        times=1,
    )
    outage = Outage(t)
    await outage.end()
    await t.expect_status(1, "Occupied", evse_id=t.config.evse_id, connector_id=t.config.connector_id)
    t.allow_status(one_of("Available", "Occupied"))
    found = [await t.event("1 or 3")]
    while found[-1].trigger_reason.value != "Deauthorized":
        found.append(await t.event("1 or 3"))
    # Events may come in any order (general rules of Part 6); their numbers say which was first.
    *queue, event = found
    queue.sort(key=lambda one: one.seq_no)
    starts = bool(queue) and queue[0].event_type is TransactionEventEnum.Started
    t.require(1, starts, "TransactionEventRequest.eventType", "Started in the queue", "none")
    for one in queue:
        marked = one.offline is True or (one is not queue[0] and not outage.meanwhile(one))
        t.require(1, marked, "TransactionEventRequest.offline", "true", one.offline)
    named = any(one.id_token is not None for one in queue)
    t.require(1, named, "TransactionEventRequest.idToken", "once in the queue", "nothing")
    t.require(
        3,
        event.event_type is TransactionEventEnum.Ended,
        "TransactionEventRequest.eventType",
        "Ended",
        event.event_type.value,
    )
    reason = event.transaction_info.stopped_reason
    t.require(3, reason is wire.ReasonEnum.DeAuthorized, STOPPED_REASON, "DeAuthorized", reason)
    same = {folded(one.transaction_info.transaction_id) for one in (*queue, event)}
    t.require(3, len(same) == 1, "TransactionEventRequest.transactionInfo.transactionId", "of the queue", "another")


# Stop point PowerPathClosed


@case(
    "TC_E_07_CS",
    "Stop point PowerPathClosed: stopped by the token",
    requirements=("E06.FR.06", "E06.FR.15"),
    settings={TX_STOP_POINT: "PowerPathClosed"},
    begin=states.energy_transfer_started,
)
async def power_path_locally(t: Tester) -> None:
    """The token takes the authorization back, so the power path opens and the transaction ends."""
    await states_stopping.stop_authorized(t, remote=False)


@case(
    "TC_E_35_CS",
    "Stop point PowerPathClosed: stopped from afar",
    requirements=("E06.FR.06", "E06.FR.15"),
    readings=(REMOTE_STOP_IN_TWO,),
    settings={TX_STOP_POINT: "PowerPathClosed"},
    begin=states.energy_transfer_started,
)
async def power_path_remotely(t: Tester) -> None:
    """One event says that the CSMS stopped; the last one ends the transaction (errata 6.2.49)."""
    await _request_stop(t)
    kind = differs(REMOTE_STOP_IN_TWO, specification="Ended", tool=one_of("Ended", "Updated"))
    first = await t.event(3, trigger_reason="RemoteStop", event_type=kind)
    last = first if first.event_type is TransactionEventEnum.Ended else await t.event(3)
    t.require(
        3,
        last.event_type is TransactionEventEnum.Ended,
        "TransactionEventRequest.eventType",
        "Ended",
        last.event_type.value,
    )
    reason = last.transaction_info.stopped_reason
    t.require(3, reason is wire.ReasonEnum.Remote, STOPPED_REASON, "Remote", reason)


# Stop point EVConnected


async def _suspended_by_ev(t: Tester) -> None:
    """The EV suspends; the cable will not take the authorization along, where that can be chosen."""
    key = "TxCtrlr.StopTxOnEVSideDisconnect"
    if await t.try_set(key, "false") is not wire.SetVariableStatusEnum.Accepted:
        t.note(f"{key} cannot be set to false: skipped")
    await states.energy_transfer_suspended(t)


@case(
    "TC_E_54_CS",
    "Stop point EVConnected: disconnected on the EV side",
    requirements=("E06.FR.02", "E06.FR.15"),
    settings={TX_STOP_POINT: "EVConnected"},
    begin=_suspended_by_ev,
)
async def ev_disconnected(t: Tester) -> None:
    """The cable that leaves the EV ends the transaction."""
    outlet = t.outlet()
    await t.hand.unplug(outlet.evse_id)
    await t.event(
        1,
        trigger_reason="EVCommunicationLost",
        transaction_info__charging_state="Idle",
        transaction_info__stopped_reason=one_of("StoppedByEV", "EVDisconnected"),
        event_type="Ended",
    )
    await t.expect_status(1, "Available", evse_id=outlet.evse_id, connector_id=t.config.connector_id)
