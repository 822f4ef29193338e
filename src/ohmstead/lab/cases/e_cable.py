"""Block E: the cable is pulled out of the EV, or of the socket of the station."""

from math import ceil

from ohmstead.lab.cases import places, states, states_cable, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.e_transactions import RECONNECT_TIMEOUT
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import SetVariableStatusEnum

STOP_POINT = "TxCtrlr.TxStopPoint"
STOPS = "TxCtrlr.StopTxOnEVSideDisconnect"
UNLOCKS = "OCPPCommCtrlr.UnlockOnEVSideDisconnect"
TIMEOUT = "TxCtrlr.EVConnectionTimeOut"
KEYS = {"stops": STOPS, "unlocks": UNLOCKS}
INFO = "TransactionEventRequest.transactionInfo"


async def _points(t: Tester, *wanted: str) -> None:
    """Let transactions stop at those of these points that the product has, where that can be set."""
    if t.product.has(Feature.TX_STOP_POINT_WRITABLE):
        supported = [point for point in wanted if point in t.product.stop_points]
        await configure(t, {STOP_POINT: ",".join(supported)})


async def _suspended(t: Tester, *points: str, **settings: bool) -> None:
    """The EV has suspended, with points and settings of the text."""
    await _points(t, *points)
    await configure(t, {KEYS[name]: str(value).lower() for name, value in settings.items()})
    await states.energy_transfer_suspended(t)


async def _set_if_possible(t: Tester, key: str, value: str) -> None:
    """Set what the text asks for only where it can be set; else the value that it has counts."""
    if await t.try_set(key, value) is not SetVariableStatusEnum.Accepted:
        t.note(f"{key} cannot be set to {value}: skipped")
        t.knows_setting(key, await t.get(key) or "")


async def _pulled(t: Tester, kind: str = "", reason: object = None) -> None:
    """Step 1: the EV is gone, and the transaction says so; it ends with the reason, where the kind is Ended."""
    await states_cable.disconnect_ev(t)
    event = await t.event(1, trigger_reason="EVCommunicationLost", transaction_info__charging_state="Idle")
    if kind:
        t.compare(1, "TransactionEventRequest.eventType", event.event_type, kind)
    if kind == "Ended":
        t.compare(1, f"{INFO}.stoppedReason", event.transaction_info.stopped_reason, reason)


# Stop points


async def _until_authorization_ends(t: Tester) -> None:
    await _set_if_possible(t, UNLOCKS, "false")
    await _suspended(t, "Authorized", "PowerPathClosed", stops=True)


@case(
    "TC_E_17_CS",
    "Stop points Authorized, PowerPathClosed: disconnected on the EV side",
    requirements=("E06.FR.04", "E06.FR.15", "E09.FR.01", "E09.FR.03"),
    begin=_until_authorization_ends,
    places=(places.alternating,),
)
async def deauthorized_by_cable(t: Tester) -> None:
    """The authorization goes with the EV and ends the transaction; its owner may take the cable."""
    await _pulled(t, "Ended", "EVDisconnected")
    await states_cable.remove_cable(t, owner=t.settings.get(UNLOCKS) == "false")


async def _until_power_path_opens(t: Tester) -> None:
    await _set_if_possible(t, STOPS, "false")
    await _suspended(t, "PowerPathClosed")


@case(
    "TC_E_37_CS",
    "Stop point PowerPathClosed: disconnected on the EV side",
    requirements=("E06.FR.06", "E06.FR.15"),
    begin=_until_power_path_opens,
    places=(places.alternating,),
)
async def power_path_opened_by_cable(t: Tester) -> None:
    """Without an EV the power path is open, and the transaction has ended."""
    t.allow_status(one_of("Available", "Occupied"))
    await _pulled(t, "Ended", one_of("EVDisconnected", "StoppedByEV"))


async def _until_ev_leaves(t: Tester) -> None:
    await _set_if_possible(t, STOPS, "false")
    await _suspended(t, "EVConnected")


@case(
    "TC_E_20_CS",
    "Stop point EVConnected: disconnected on the EV side (IEC 61851-1)",
    requirements=("E06.FR.02", "E06.FR.15"),
    begin=_until_ev_leaves,
    places=(places.alternating,),
)
async def disconnected_by_cable(t: Tester) -> None:
    """The connection to the EV is lost, and the transaction has ended."""
    t.allow_status(one_of("Available", "Occupied"))
    await _pulled(t, "Ended", "EVDisconnected")


async def _stopped_with_cable(t: Tester) -> None:
    await _points(t, "EVConnected")
    await states_stopping.ev_connected_post_session(t)


@case(
    "TC_E_14_CS",
    "Stop point EVConnected: disconnected on the side of the station",
    requirements=("E06.FR.02", "E06.FR.15", "E06.FR.10"),
    begin=_stopped_with_cable,
    places=(places.socket,),
)
async def cable_removed(t: Tester) -> None:
    """After the session the driver takes the whole cable."""
    outlet = t.outlet()
    await t.hand.remove_cable(outlet.evse_id)
    outlet.plugged = False
    await t.expect_status(1, "Available", evse_id=outlet.evse_id, connector_id=t.config.connector_id)
    by_csms = outlet.stop_reason == "Remote"
    reason = "Remote" if by_csms else one_of("Local", "EVDisconnected", None)
    await t.event(
        3,
        trigger_reason="EVCommunicationLost",
        transaction_info__charging_state="Idle",
        transaction_info__stopped_reason=reason,
        event_type="Ended",
    )


# The transaction is deauthorized


def _lasting(t: Tester) -> list[str]:
    """Return the points at which a transaction stops, without the one that an EV which suspends would reach."""
    return sorted(t.stop_points - {"EnergyTransfer"}) or [
        one for one in t.product.stop_points if one != "EnergyTransfer"
    ]


async def _deauthorized_and_unlocked(t: Tester) -> None:
    await _suspended(t, *_lasting(t), stops=True, unlocks=True)


@case(
    "TC_E_24_CS",
    "The cable leaves the EV: deauthorized and unlocked",
    requirements=("E09.FR.01", "E09.FR.02", "E09.FR.04"),
    begin=_deauthorized_and_unlocked,
    places=(places.socket, places.alternating),
)
async def unlocked(t: Tester) -> None:
    """Nobody has to show a token to take the cable out."""
    await _pulled(t)
    await states_cable.remove_cable(t, owner=False)


async def _deauthorized_and_locked(t: Tester) -> None:
    await _suspended(t, *_lasting(t), stops=True, unlocks=False)


@case(
    "TC_E_25_CS",
    "The cable leaves the EV: deauthorized and locked",
    requirements=("E09.FR.01", "E09.FR.03", "E09.FR.04"),
    begin=_deauthorized_and_locked,
    places=(places.alternating,),
)
async def locked(t: Tester) -> None:
    """Its owner has to show the token."""
    await _pulled(t)
    await states_cable.remove_cable(t, owner=True)


# The transaction is suspended


async def _kept(t: Tester) -> None:
    await _suspended(t, "Authorized", "ParkingBayOccupancy", stops=False, unlocks=False)


@case(
    "TC_E_26_CS",
    "The cable leaves the EV: suspended, and charged on",
    requirements=("E10.FR.01", "E10.FR.03"),
    begin=_kept,
    places=(places.alternating,),
)
async def suspended(t: Tester) -> None:
    """The transaction waits for the EV, and energy flows again without a token."""
    outlet = t.outlet()
    await _pulled(t, "Updated")
    if not states_cable.in_socket(t):
        await t.expect_status(3, "Available", evse_id=outlet.evse_id, connector_id=t.config.connector_id)
        t.allow_status("Occupied")
    await states_cable.reconnect_ev(t)
    await t.event(
        5,
        event_type="Updated",
        trigger_reason="CablePluggedIn",
        transaction_info__charging_state="EVConnected",
    )
    await t.event(
        7,
        event_type="Updated",
        trigger_reason="ChargingStateChanged",
        transaction_info__charging_state="Charging",
    )


@case(
    "TC_E_27_CS",
    "The cable leaves the EV: suspended, and nobody comes back",
    requirements=("E10.FR.02", "E10.FR.03"),
    readings=(RECONNECT_TIMEOUT,),
    begin=_kept,
    places=(places.fixed_cable, places.alternating),
)
async def timed_out(t: Tester) -> None:
    """With a fixed cable the authorization ends after EVConnectionTimeOut (errata 6.2.52: nobody reconnects)."""
    outlet = t.outlet()
    seconds = max(5, ceil(3 * t.rig.tolerance + 4 * t.delay))
    await configure(t, {TIMEOUT: str(seconds)})
    await _pulled(t, "Updated")
    await t.expect_status(3, "Available", evse_id=outlet.evse_id, connector_id=t.config.connector_id)
    ends = "Authorized" in t.stop_points
    event = await t.event(
        5,
        within=seconds + t.rig.tolerance + 1,
        trigger_reason="EVConnectTimeout",
        event_type="Ended" if ends else "Updated",
    )
    if ends:
        either = one_of("Timeout", "EVDisconnected")
        reason = differs(RECONNECT_TIMEOUT, specification=either, tool="Timeout")
        t.compare(5, f"{INFO}.stoppedReason", event.transaction_info.stopped_reason, reason)
    t.allow_status("Available")
