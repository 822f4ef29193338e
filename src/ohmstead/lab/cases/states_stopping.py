"""The states of Part 6 in which a session ends: stopped, taken back by the CSMS, unplugged, gone (see `states`)."""

from datetime import datetime, timedelta

from ohmstead.lab.cases.checks import ABSENT, PRESENT, Wanted, differs, one_of
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.states import (
    authorized,
    charging,
    connected_first,
    energy_transfer_started,
    ev_connected_pre_session,
    keeps_cable,
    plug,
    token_text,
)
from ohmstead.lab.cases.states_cable import free_retained
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.tokens import stopping_token
from ohmstead.lab.readings.c_authorization import DEAUTHORIZED_STATE
from ohmstead.lab.readings.e_transactions import STOPPED_BY_DRIVER
from ohmstead.lab.readings.f_remote_control import REMOTE_STOP_IN_TWO
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ChargingStateEnum, TransactionEventEnum, TransactionEventRequest

STOPPING = frozenset({"Authorized", "PowerPathClosed", "EnergyTransfer"})
"""Stop points that a withdrawn authorization reaches at once."""


async def stop_authorized(
    t: Tester, evse_id: int | None = None, *, remote: bool | None = None, token: LabToken | None = None
) -> None:
    """The authorization is taken back, by the token that started or by RequestStopTransaction (errata 6.2.117)."""
    outlet = t.outlet(evse_id)
    await energy_transfer_started(t, evse_id)
    await t.elapse(t.config.transaction_duration)
    token = token or t.config.valid
    stops = stopping_token(t.product, token)
    by_csms = stops is None or (t.config.remote if remote is None else remote)
    if stops is None or by_csms:
        await t.call(
            wire.RequestStopTransactionRequest(transaction_id=outlet.transaction_id or "none"),
            step="StopAuthorized.2",
            status="Accepted",
        )
    else:
        await t.present(stops, outlet.evse_id)
    await check_stop_authorized(t, evse_id, by_csms=by_csms, token=token)


async def check_stop_authorized(
    t: Tester, evse_id: int | None = None, *, by_csms: bool = False, token: LabToken | None = None
) -> None:
    """What a station says of an authorization that was taken back, now or while it was offline."""
    outlet = t.outlet(evse_id)
    outlet.stopped = True
    outlet.stop_reason = "Remote" if by_csms else "Local"
    first = await t.event(
        "StopAuthorized.1",
        evse_id=evse_id,
        trigger_reason="RemoteStop" if by_csms else "StopAuthorized",
        id_token__id_token=one_of(None, token_text(token or t.config.valid)),
    )
    if by_csms and t.stop_points & {"Authorized", "PowerPathClosed"}:
        kind = differs(REMOTE_STOP_IN_TWO, specification="Ended", tool=one_of("Ended", "Updated"))
        t.compare("StopAuthorized.3", "TransactionEventRequest.eventType", first.event_type, kind)
    await check_stopped(t, outlet, first, step="StopAuthorized", reason=_stopped(by_csms))


async def check_stopped(
    t: Tester, outlet: Progress, first: TransactionEventRequest, *, step: str, reason: Wanted
) -> None:
    """After the event that stops: whether a second one follows, and that the last one ends the transaction if it must.

    Args:
        t: the tester.
        outlet: where.
        first: the event that stops.
        step: name for the report.
        reason: stoppedReason of the Ended.
    """
    ends = bool(t.stop_points & STOPPING)
    if first.event_type is TransactionEventEnum.Updated:
        if ends:
            await t.event(
                f"{step}.3",
                evse_id=outlet.evse_id,
                event_type="Ended",
                trigger_reason="ChargingStateChanged",
                transaction_info__charging_state="EVConnected",
            )
        elif outlet.charging_state is not ChargingStateEnum.EVConnected:
            await t.maybe_event(
                evse_id=outlet.evse_id,
                event_type="Updated",
                trigger_reason="ChargingStateChanged",
                transaction_info__charging_state="EVConnected",
            )
    last = outlet.last or first
    t.require(
        f"{step}.3",
        (last.event_type is TransactionEventEnum.Ended) == ends,
        "TransactionEventRequest.eventType",
        "Ended" if ends else "Updated",
        last.event_type.value,
    )
    if ends:
        got = last.transaction_info.stopped_reason
        t.require(
            f"{step}.3", reason.holds(got), "TransactionEventRequest.transactionInfo.stoppedReason", reason.words, got
        )


def _stopped(by_csms: bool) -> Wanted:
    return one_of("Remote") if by_csms else one_of("Local", None)


async def deauthorized(t: Tester, evse_id: int | None = None, *, status: str = "Invalid") -> None:
    """The CSMS finds the token not valid in the answer to the first event that carries it (errata 6.2.118)."""
    outlet = t.outlet(evse_id)
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum(status))
    t.answer(
        wire.TransactionEventRequest,
        wire.TransactionEventResponse(id_token_info=info),
        where=lambda event: event.id_token is not None,
        times=1,
    )
    await connected_first(t, t.config.valid, evse_id)
    await authorized(t, evse_id)
    if not outlet.running and not outlet.plugged:
        await plug(t, evse_id, state="Deauthorized")
    if not outlet.running:
        await charging(t, evse_id, step="Deauthorized.1")
    if t.settings.get("TxCtrlr.StopTxOnInvalidId") != "true":
        return
    outlet.stopped = True
    await _check_deauthorized(t, outlet, t.clock.now())


async def _check_deauthorized(t: Tester, outlet: Progress, told: datetime) -> None:
    """The event says so, and ends the transaction where a stop point was reached.

    Energy may have begun to flow before the station was told that the token is not valid.

    Without an EV the charging state is Idle, whatever the text says, and nothing is left that could stop it later.
    """
    ends = bool(t.stop_points & STOPPING)
    step, plugged = "Deauthorized.3", outlet.plugged
    event = await t.event(step, evse_id=outlet.evse_id)
    # Written instants are cut to seconds.
    sure = told - timedelta(seconds=1 + t.rig.tolerance)
    if event.transaction_info.charging_state is ChargingStateEnum.Charging and event.timestamp < sure:
        t.compare(step, "TransactionEventRequest.triggerReason", event.trigger_reason, "ChargingStateChanged")
        t.note("energy flowed before the answer said that the token is not valid")
        event = await t.event(step, evse_id=outlet.evse_id)
    kind = "Ended" if ends else "Updated" if plugged else one_of("Updated", "Ended")
    t.compare(step, "TransactionEventRequest.eventType", event.event_type, kind)
    t.compare(step, "TransactionEventRequest.triggerReason", event.trigger_reason, "Deauthorized")
    ended = event.event_type is TransactionEventEnum.Ended
    field = "TransactionEventRequest.transactionInfo"
    reason = "DeAuthorized" if ended else ABSENT
    t.compare(step, f"{field}.stoppedReason", event.transaction_info.stopped_reason, reason)
    safe = one_of("EVConnected", "SuspendedEVSE") if plugged else one_of("EVConnected", "SuspendedEVSE", "Idle", None)
    by_either = differs(DEAUTHORIZED_STATE, specification=one_of(safe, None), tool=safe)
    t.compare(step, f"{field}.chargingState", event.transaction_info.charging_state, by_either)
    if event.transaction_info.charging_state is None and plugged and not ended:
        await t.event(
            step,
            evse_id=outlet.evse_id,
            trigger_reason="ChargingStateChanged",
            transaction_info__charging_state=safe,
        )


async def ev_connected_post_session(t: Tester, evse_id: int | None = None) -> None:
    """Energy has stopped and may not flow again without a new authorization."""
    outlet = t.outlet(evse_id)
    if not outlet.stopped:
        await stop_authorized(t, evse_id)
    if outlet.running and outlet.charging_state is not ChargingStateEnum.EVConnected:
        await t.event(
            "EVConnectedPostSession.1",
            evse_id=evse_id,
            trigger_reason="ChargingStateChanged",
            transaction_info__charging_state="EVConnected",
        )


async def cable_in(t: Tester, evse_id: int | None = None) -> None:
    """A cable is in and nobody charges; where a lock keeps it away until somebody does (AQ-2), somebody has."""
    await (ev_connected_post_session if keeps_cable(t) else ev_connected_pre_session)(t, evse_id)


async def ev_disconnected(t: Tester, evse_id: int | None = None) -> None:
    """The cable is out after a session."""
    outlet = t.outlet(evse_id)
    if not outlet.plugged:
        return
    await ev_connected_post_session(t, evse_id)
    await unplug(t, evse_id)


async def unplug(
    t: Tester, evse_id: int | None = None, *, step: str = "EVDisconnected", status: object = "Available"
) -> None:
    """Take the cable out: the status, and the event where the transaction still runs."""
    await t.hand.unplug(t.outlet(evse_id).evse_id)
    await free_retained(t, t.outlet(evse_id))
    await check_unplugged(t, evse_id, step=step, status=status)


async def check_unplugged(
    t: Tester,
    evse_id: int | None = None,
    *,
    step: str = "EVDisconnected",
    status: object = "Available",
    stays: bool = False,
) -> None:
    """What a station says of a cable that was taken out, now or while it was offline.

    Args:
        t: the tester.
        evse_id: where; None: at the configured EVSE.
        step: for the report.
        status: of the connector.
        stays: the authorization outlasts the EV (StopTxOnEVSideDisconnect is false, E10).
    """
    outlet = t.outlet(evse_id)
    outlet.plugged = False
    await t.expect_status(f"{step}.1", status, evse_id=outlet.evse_id, connector_id=t.config.connector_id)
    if outlet.running:
        reached = (STOPPING | {"EVConnected"}) - ({"Authorized"} if stays else set())
        kind: object = "Ended" if t.stop_points & reached else "Updated"
        if "EVConnected" not in t.stop_points and not (outlet.authorized or outlet.stopped):
            # No authorization is lost where nobody had one, but perhaps nothing is left that could end it later.
            kind = one_of("Updated", "Ended")
        await t.event(
            f"{step}.3",
            evse_id=evse_id,
            event_type=kind,
            trigger_reason="EVCommunicationLost",
            transaction_info__charging_state="Idle",
        )


async def parking_bay_unoccupied(t: Tester, evse_id: int | None = None) -> None:
    """The EV has left, and the place is as before."""
    outlet = t.outlet(evse_id)
    await ev_disconnected(t, evse_id)
    if outlet.bay:
        await t.hand.leave(outlet.evse_id)
    await check_left(t, evse_id)


async def check_left(t: Tester, evse_id: int | None = None) -> None:
    """What a station says of a bay that was left, now or while it was offline; then nothing is known of the place."""
    outlet = t.outlet(evse_id)
    if outlet.running and "ParkingBayOccupancy" in t.stop_points:
        reason: object = outlet.stop_reason or PRESENT
        if outlet.stop_reason == "Local":
            reason = differs(STOPPED_BY_DRIVER, specification=one_of("Local", None), tool="Local")
        await t.event(
            "ParkingBayUnoccupied.1",
            evse_id=evse_id,
            event_type="Ended",
            trigger_reason="EVDeparted",
            transaction_info__stopped_reason=reason,
        )
    elif outlet.running:
        # Nothing is left that could stop it, so a station may end it.
        await t.maybe_event(evse_id=evse_id, event_type="Ended", trigger_reason="EVDeparted")
    outlet.reset()
