"""The reusable states of Part 6 (with the errata of 2025-09): each brings the station there and checks the way.

A state first reaches those that it builds on, unless the outlet is there already. What the station has to send depends
on the start and stop points that the lab has set. Where the text of a state and the specification differ, it is judged
by both (`lab.readings`); a trigger reason that is less specific than it should be (E02.FR.17) is noted.
"""

from datetime import datetime, timedelta

from ohmstead.lab.cases.checks import ABSENT, PRESENT, Wanted, differs, one_of
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.rules import PERIODIC
from ohmstead.lab.cases.states_cable import free_retained
from ohmstead.lab.cases.tester import ANY, Tester
from ohmstead.lab.cases.tokens import remote_token, stopping_token
from ohmstead.lab.readings.c_authorization import DEAUTHORIZED_STATE
from ohmstead.lab.readings.e_transactions import PLUGGED_IN, STARTED_BY_TOKEN, STOPPED_BY_DRIVER
from ohmstead.lab.readings.f_remote_control import REMOTE_STOP_IN_TWO
from ohmstead.product.token_types import local_start_types, remote_start_types
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ChargingStateEnum, TransactionEventEnum, TransactionEventRequest, TriggerReasonEnum

NOBODY_TO_ASK_ABOUT = frozenset((wire.IdTokenEnum.Central, wire.IdTokenEnum.NoAuthorization))
"""Types of which no station asks the CSMS (C02.FR.01, C05.FR.01)."""
CLOSED = frozenset({"PowerPathClosed", "DataSigned"})
"""Start points that are reached where EV and driver have come: the meter is asked for its signature then."""
STOPPING = frozenset({"Authorized", "PowerPathClosed", "EnergyTransfer"})
"""Stop points that a withdrawn authorization reaches at once."""


async def parking_bay_occupied(t: Tester, evse_id: int | None = None) -> None:
    """An EV stands in the bay."""
    outlet = t.outlet(evse_id)
    if outlet.bay:
        return
    outlet.bay = True
    await t.hand.arrive(outlet.evse_id)
    if "ParkingBayOccupancy" in t.start_points:
        await t.event(
            "ParkingBayOccupied.1", evse_id=evse_id, event_type=_next_type(outlet), trigger_reason="EVDetected"
        )


async def ev_connected_pre_session(t: Tester, evse_id: int | None = None) -> None:
    """The cable is in."""
    outlet = t.outlet(evse_id)
    if outlet.plugged:
        return
    await parking_bay_occupied(t, evse_id)
    await plug(t, evse_id, state="EVConnectedPreSession")


async def plug(
    t: Tester, evse_id: int | None = None, *, state: str = "plug", ready: bool = True
) -> TransactionEventRequest | None:
    """Connect the EV: status Occupied, and the event where a transaction runs or starts by it; returns the event.

    An EV that is not ready takes no energy, and the event may say so at once.
    """
    outlet = t.outlet(evse_id)
    connector_id = t.config.connector_id
    closes = outlet.authorized and not outlet.stopped
    await t.hand.plug(outlet.evse_id, connector_id)
    outlet.plugged = True
    await t.expect_status(f"{state}.1", "Occupied", evse_id=outlet.evse_id, connector_id=connector_id)
    starts = "EVConnected" in t.start_points or (closes and bool(t.start_points & CLOSED))
    if not (outlet.running or starts):
        return None
    reasons: object = one_of("CablePluggedIn", "ChargingStateChanged", "RemoteStart")
    if not outlet.running and t.start_points & {"EVConnected", *CLOSED} == {"DataSigned"}:
        reasons = one_of("SignedDataReceived", "RemoteStart")
    offered = "Charging" if ready else "SuspendedEV"
    stands: object = one_of("EVConnected", "SuspendedEVSE", *([offered] if closes else []))
    if state == "EnergyTransferStarted" and (outlet.running or "EVConnected" in t.start_points):
        # Where only the power path starts the transaction, its text and the one of EVConnectedPreSession differ.
        reasons = differs(PLUGGED_IN, specification=reasons, tool=one_of("CablePluggedIn", "RemoteStart"))
        stands = differs(PLUGGED_IN, specification=stands, tool="EVConnected")
    event = await t.event(
        f"{state}.3",
        evse_id=evse_id,
        event_type=_next_type(outlet),
        trigger_reason=reasons,
        transaction_info__charging_state=stands,
        evse__id=outlet.evse_id,
        evse__connector_id=connector_id,
    )
    _note_trigger(t, event, TriggerReasonEnum.CablePluggedIn)
    return event


async def authorized(
    t: Tester,
    evse_id: int | None = None,
    *,
    remote: bool | None = None,
    token: LabToken | None = None,
    cached: bool | None = None,
    arrives: bool = True,
    profile: wire.ChargingProfile | None = None,
) -> None:
    """A token, or a remote start, is accepted.

    Args:
        t: the tester.
        evse_id: for which EVSE; None: the configured one.
        remote: by RequestStartTransaction; None: as configured.
        token: None: the configured valid one.
        cached: the station answers from its cache or list, without an AuthorizeRequest; None: as far as the lab knows.
        arrives: an EV comes into the bay first, if none is there: what the texts leave open (ParkingBayOccupied).
        profile: chargingProfile of the remote start.
    """
    outlet = t.outlet(evse_id)
    if outlet.authorized and not outlet.stopped:
        return
    token = token or t.config.valid
    if arrives and not outlet.plugged:
        await parking_bay_occupied(t, evse_id)
    by_csms = t.config.remote if remote is None else remote
    if remote is None and not outlet.plugged and token.type is wire.IdTokenEnum.MacAddress:
        # A car tells its address over the cable: who comes before it comes from afar.
        by_csms = bool(remote_start_types(t.product))
    if by_csms or not local_start_types(t.product):
        token = remote_token(t.product, token)
        await _authorize_remotely(t, outlet, token, cached, profile)
    else:
        await identified(t, token, outlet.evse_id)
        if not _known(t, token, cached):
            await t.expect(
                "Authorized.1",
                wire.AuthorizeRequest,
                id_token__id_token=token_text(token),
                id_token__type=token.type,
            )
    outlet.authorized, outlet.stopped = True, False
    starts = "Authorized" in t.start_points or (outlet.plugged and bool(t.start_points & CLOSED))
    if outlet.running or starts:
        reason: object = "RemoteStart" if outlet.remote else "Authorized"
        if not outlet.running and not outlet.remote and t.start_points & {"Authorized", *CLOSED} == {"DataSigned"}:
            reason = "SignedDataReceived"
        elif not (outlet.remote or outlet.running or "Authorized" in t.start_points):
            either = one_of("Authorized", "ChargingStateChanged")
            reason = differs(STARTED_BY_TOKEN, specification="Authorized", tool=either)
        await t.event(
            "Authorized.3",
            evse_id=evse_id,
            event_type=_next_type(outlet),
            trigger_reason=reason,
            id_token__id_token=token_text(token),
            id_token__type=token.type,
        )


def token_trigger(t: Tester, event: TransactionEventRequest) -> object:
    """Return the trigger of an event that tells of a token: it may be the one of what started the transaction."""
    if t.outlet(event.evse.id if event.evse is not None else None).remote:
        return "RemoteStart"
    starts = event.event_type is TransactionEventEnum.Started
    return "SignedDataReceived" if starts and t.start_points == {"DataSigned"} else "Authorized"


async def identified(t: Tester, token: LabToken, evse_id: int | None = None) -> None:
    """A token is presented; a car says its MAC address over the cable, which is connected first."""
    await _connected_first(t, token, evse_id)
    await t.present(token, evse_id)


async def _connected_first(t: Tester, token: LabToken, evse_id: int | None) -> None:
    if token.type is wire.IdTokenEnum.MacAddress:
        await ev_connected_pre_session(t, evse_id)


async def _authorize_remotely(
    t: Tester, outlet: Progress, token: LabToken, cached: bool | None, profile: wire.ChargingProfile | None
) -> None:
    outlet.remote = True
    # A transaction that runs already is named in the response (F02.FR.01).
    running = outlet.transaction_id if outlet.running else None
    await t.start_remotely(
        token,
        outlet.evse_id,
        step="Authorized.2",
        profile=profile,
        transaction_id=running or ANY,
    )
    asks = t.settings.get("AuthCtrlr.AuthorizeRemoteStart")
    if asks == "true" and not _known(t, token, cached):
        await t.expect("Authorized.3", wire.AuthorizeRequest, id_token__id_token=token_text(token))
    if asks is None:
        # Nobody has set it, so that a station may ask or not (F01.FR.01, F01.FR.02).
        t.allow(wire.AuthorizeRequest, id_token__id_token=token_text(token))


async def energy_transfer_started(
    t: Tester, evse_id: int | None = None, *, remote: bool | None = None, token: LabToken | None = None
) -> None:
    """Energy flows."""
    outlet = t.outlet(evse_id)
    if not outlet.authorized and not remote:
        await _connected_first(t, token or t.config.valid, evse_id)
    await authorized(t, evse_id, remote=remote, token=token)
    if not outlet.plugged:
        await plug(t, evse_id, state="EnergyTransferStarted")
    await charging(t, evse_id)


async def every_evse_charges(t: Tester) -> None:
    """Energy flows at every EVSE: with two tokens of the configuration, and from afar with made-up ones at the rest."""
    await energy_transfer_started(t)
    others = [evse.id for evse in t.product.evses if evse.id != t.config.evse_id]
    for number, evse_id in enumerate(others):
        token = t.config.valid2 if number == 0 else _another(t.config.valid2, number)
        await energy_transfer_started(t, evse_id, token=token, remote=True if number else None)


def _another(token: LabToken, number: int) -> LabToken:
    """Return a token of the same type that nobody holds: as long as this one, so that it is as well-formed."""
    digits = f"{number:02X}"
    return LabToken(token.id_token[: -len(digits)] + digits, token.type)


async def charging(t: Tester, evse_id: int | None = None, *, step: str = "EnergyTransferStarted.9") -> None:
    """Wait for the event that says that energy flows, where one has to come."""
    outlet = t.outlet(evse_id)
    if outlet.running and outlet.charging_state is ChargingStateEnum.Charging:
        return
    if not (outlet.running or "EnergyTransfer" in t.start_points):
        return
    # The event that starts by the energy may be the one that tells of the token (E02.FR.01, TC_E_02).
    first = one_of("ChargingStateChanged", "Authorized", "RemoteStart")
    trigger: object = "ChargingStateChanged" if outlet.running else first
    await t.event(
        step,
        evse_id=evse_id,
        event_type=_next_type(outlet),
        trigger_reason=trigger,
        transaction_info__charging_state="Charging",
    )


async def energy_transfer_suspended(t: Tester, evse_id: int | None = None) -> None:
    """The EV suspends."""
    outlet = t.outlet(evse_id)
    await energy_transfer_started(t, evse_id)
    await t.elapse(t.config.transaction_duration)
    await t.hand.suspend(outlet.evse_id)
    await check_suspended(t, evse_id)


async def check_suspended(t: Tester, evse_id: int | None = None) -> None:
    """What a station says of an EV that suspended, now or while it was offline."""
    outlet = t.outlet(evse_id)
    if not outlet.running:
        return
    ends = "EnergyTransfer" in t.stop_points
    event = await t.event(
        "EnergyTransferSuspended.1",
        evse_id=evse_id,
        event_type="Ended" if ends else "Updated",
        trigger_reason=Wanted("a trigger reason", lambda one: one not in PERIODIC),
        transaction_info__charging_state=one_of("EVConnected", "SuspendedEV"),
        transaction_info__stopped_reason="StoppedByEV" if ends else ABSENT,
    )
    # An EV that has ended for good is another matter: then the trigger may be StopAuthorized (E15.FR.05).
    if not ends and event.transaction_info.charging_state is ChargingStateEnum.SuspendedEV:
        field = "TransactionEventRequest.triggerReason"
        t.compare("EnergyTransferSuspended.1", field, event.trigger_reason, "ChargingStateChanged")


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
    await _connected_first(t, t.config.valid, evse_id)
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
    t: Tester, evse_id: int | None = None, *, step: str = "EVDisconnected", status: object = "Available"
) -> None:
    """What a station says of a cable that was taken out, now or while it was offline."""
    outlet = t.outlet(evse_id)
    outlet.plugged = False
    await t.expect_status(f"{step}.1", status, evse_id=outlet.evse_id, connector_id=t.config.connector_id)
    if outlet.running:
        ends = bool(t.stop_points & (STOPPING | {"EVConnected"}))
        await t.event(
            f"{step}.3",
            evse_id=evse_id,
            event_type="Ended" if ends else "Updated",
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


# Shared by the states


def _next_type(outlet: Progress) -> str:
    return "Updated" if outlet.running else "Started"


def _known(t: Tester, token: LabToken, cached: bool | None) -> bool:
    if token.type in NOBODY_TO_ASK_ABOUT:
        return True
    return token.id_token.lower() in t.cached if cached is None else cached


def token_text(token: LabToken) -> Wanted:
    """Tokens compare case-insensitively; one that the station makes itself may be any (C06)."""
    if token.type is wire.IdTokenEnum.Local:
        return Wanted("an id", lambda value: isinstance(value, str) and bool(value))
    return Wanted(token.id_token, lambda value: isinstance(value, str) and value.lower() == token.id_token.lower())


def _note_trigger(t: Tester, event: TransactionEventRequest, usual: TriggerReasonEnum) -> None:
    if event.trigger_reason not in (usual, TriggerReasonEnum.RemoteStart):
        t.note(f"reading: {event.trigger_reason.value} taken where {usual.value} is the more specific (E02.FR.17)")
