"""The reusable states of Part 6 (with the errata of 2025-09): each brings the station there and checks the way.

A state first reaches those that it builds on, unless the outlet is there already. What the station has to send depends
on the start and stop points that the lab has set. Where the text of a state and the specification differ, it is judged
by both (`lab.readings`); a trigger reason that is less specific than it should be (E02.FR.17) is noted.
"""

from ohmstead.lab.cases.checks import ABSENT, Wanted, differs, one_of
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.progress import Progress
from ohmstead.lab.cases.rules import PERIODIC
from ohmstead.lab.cases.tester import ANY, Tester
from ohmstead.lab.cases.tokens import remote_token
from ohmstead.lab.readings.e_transactions import PLUGGED_IN, STARTED_BY_TOKEN
from ohmstead.lab.verdict import Failed
from ohmstead.product.feature_table import Feature
from ohmstead.product.token_types import local_start_types, remote_start_types
from ohmstead.wire import messages as wire
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import ChargingStateEnum, TransactionEventEnum, TransactionEventRequest, TriggerReasonEnum

NOBODY_TO_ASK_ABOUT = frozenset((wire.IdTokenEnum.Central, wire.IdTokenEnum.NoAuthorization))
"""Types of which no station asks the CSMS (C02.FR.01, C05.FR.01)."""
CLOSED = frozenset({"PowerPathClosed", "DataSigned"})
"""Start points that are reached where EV and driver have come: the meter is asked for its signature then."""


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
    """The cable is in; where a lock keeps it away until somebody is authorized (AQ-2), somebody is."""
    outlet = t.outlet(evse_id)
    if outlet.plugged:
        return
    if keeps_cable(t):
        await authorized(t, evse_id)
    await parking_bay_occupied(t, evse_id)
    await plug(t, evse_id, state="EVConnectedPreSession")


async def ev_waits(t: Tester, evse_id: int | None = None) -> None:
    """An EV waits for what its driver presents: the cable is in, unless a lock keeps it away until then (AQ-2)."""
    if keeps_cable(t):
        await parking_bay_occupied(t, evse_id)
    else:
        await ev_connected_pre_session(t, evse_id)


def keeps_cable(t: Tester) -> bool:
    """Say whether no cable comes in before somebody is authorized (AQ-2)."""
    return t.product.has(Feature.CABLE_LOCKED_UNTIL_AUTHORIZED)


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
    outlet.authorized, outlet.stopped, outlet.token = True, False, token
    starts = "Authorized" in t.start_points or (outlet.plugged and bool(t.start_points & CLOSED))
    if outlet.running or starts:
        reason: object = "RemoteStart" if outlet.remote else "Authorized"
        if not outlet.running and not outlet.remote and _signature_starts(t):
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
    return "SignedDataReceived" if starts and _signature_starts(t) else "Authorized"


def _signature_starts(t: Tester) -> bool:
    """Say whether it is the signature that a token leads to which starts a transaction, where none runs yet."""
    return t.start_points & {"Authorized", *CLOSED} == {"DataSigned"}


async def identified(t: Tester, token: LabToken, evse_id: int | None = None) -> None:
    """A token is presented; a car says its MAC address over the cable, which is connected first."""
    await connected_first(t, token, evse_id)
    await t.present(token, evse_id)


async def connected_first(t: Tester, token: LabToken, evse_id: int | None) -> None:
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
        await connected_first(t, token or t.config.valid, evse_id)
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
    """Wait for the event that says that energy flows, where one has to come.

    A transaction that runs goes on without it, and it is waited for once.
    """
    outlet = t.outlet(evse_id)
    if outlet.running and (outlet.charging_state is ChargingStateEnum.Charging or outlet.flows):
        return
    if not (outlet.running or "EnergyTransfer" in t.start_points):
        return
    # The event that starts by the energy may be the one that tells of the token (E02.FR.01, TC_E_02).
    first = one_of("ChargingStateChanged", "Authorized", "RemoteStart")
    trigger: object = "ChargingStateChanged" if outlet.running else first
    try:
        await t.event(
            step,
            evse_id=evse_id,
            event_type=_next_type(outlet),
            trigger_reason=trigger,
            transaction_info__charging_state="Charging",
        )
    except Failed as failed:
        if not outlet.running:
            raise
        t.overlook(failed)
        outlet.flows = True


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


# Shared by the states


def token_of(t: Tester, evse_id: int | None = None) -> LabToken:
    """Return the token that started at an EVSE: shown at the station, or named from afar; the configured one so far."""
    return t.outlet(evse_id).token or t.config.valid


def _next_type(outlet: Progress) -> str:
    return "Updated" if outlet.running else "Started"


def _known(t: Tester, token: LabToken, cached: bool | None) -> bool:
    if token.type in NOBODY_TO_ASK_ABOUT:
        return True
    return folded(token.id_token) in t.cached if cached is None else cached


def token_text(token: LabToken) -> Wanted:
    """Tokens compare case-insensitively; one that the station makes itself may be any (C06)."""
    if token.type is wire.IdTokenEnum.Local:
        return Wanted("an id", lambda value: isinstance(value, str) and bool(value))
    if token.type is wire.IdTokenEnum.KeyCode:
        # C04.FR.04: which code it was is told nowhere.
        return Wanted("the key code", lambda value: isinstance(value, str) and folded(value) == folded(token.id_token))
    return Wanted(
        token.id_token,
        lambda value: isinstance(value, str) and folded(value) == folded(token.id_token),
        token.id_token,
    )


def _note_trigger(t: Tester, event: TransactionEventRequest, usual: TriggerReasonEnum) -> None:
    if event.trigger_reason not in (usual, TriggerReasonEnum.RemoteStart, TriggerReasonEnum.SignedDataReceived):
        t.note(f"reading: {event.trigger_reason.value} taken where {usual.value} is the more specific (E02.FR.17)")
