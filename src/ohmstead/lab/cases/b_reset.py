"""Block B: resets of the station and of an EVSE, with and without transactions (B11, B12)."""

from collections.abc import Awaitable, Callable

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.b_boot import BOOT_REASON, SELF_CHECK
from ohmstead.lab.readings.b_reset import (
    IDLE_WITH_CABLE,
    STATE_AFTER_RESET,
    TOKEN_OF_RESET,
    UNAVAILABLE_FOR_RESET,
)
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ResetEnum, TransactionEventRequest

IDLE = ("B11.FR.01", "B11.FR.03", "B11.FR.04", "B01.FR.03")
RESET = (UNAVAILABLE_FOR_RESET, SELF_CHECK)
Place = tuple[int, int]
"""evse_id, connector_id"""


async def _reset(t: Tester, kind: ResetEnum, status: str, *, evse_id: int | None = None) -> None:
    """Ask for a reset; evseId is left out for the whole station (errata 6.2.13 to 6.2.15)."""
    await t.call(wire.ResetRequest(type=kind, evse_id=evse_id), step=2, status=status)
    t.rules.disturbed = True


async def _boots(t: Tester, step: int, after: int, reason: object, statuses: dict[Place, str] | None = None) -> None:
    """BootNotification, and the status of every connector: Available where nothing else is given."""
    boot = await t.expect(step, wire.BootNotificationRequest, within=300, reason=reason)
    await states_station.check_closed(t, step, UNAVAILABLE_FOR_RESET)
    t.require(
        step, len(t.endpoint().handshakes) > 1, "WebSocket connection", "made anew by the reboot", "the one of before"
    )
    for evse in t.product.evses:
        for connector in evse.connectors:
            status = (statuses or {}).get((evse.id, connector.id), "Available")
            await t.expect_status(after, status, evse_id=evse.id, connector_id=connector.id)
            _check_told(t, after, boot, status, (evse.id, connector.id))
    await states_station.check_self_check(t, after, but=statuses)


def _check_told(t: Tester, step: int, boot: wire.BootNotificationRequest, status: str, place: Place) -> None:
    """Nothing but this status is told after the boot, or that the station checks itself before."""
    told = [one.status for one in t.statuses(place[0], since=t.arrived(boot).at) if one.place == place]
    wrong = [one for one in told if one not in (status, "Unavailable")]
    t.require(
        step,
        not wrong,
        f"StatusNotificationRequest.connectorStatus: at EVSE {place[0]}/{place[1]}",
        status,
        ", ".join(wrong),
    )


def _here(t: Tester, evse_id: int | None = None) -> Place:
    return (evse_id or t.config.evse_id, t.config.connector_id)


# The station without a transaction


@case(
    "TC_B_20_CS",
    "Station, OnIdle, no transaction",
    requirements=(*IDLE, "B01.FR.09"),
    readings=(BOOT_REASON, *RESET),
)
async def idle_station(t: Tester) -> None:
    """Accepted; it reboots at once and every connector is Available."""
    await _reset(t, ResetEnum.OnIdle, "Accepted")
    reason = one_of("RemoteReset", "ScheduledReset")
    await _boots(t, 3, 5, differs(BOOT_REASON, specification=reason, tool=ANYTHING))


async def _connector_unavailable(t: Tester) -> None:
    await states_station.unavailable(t, t.config.evse_id, t.config.connector_id)


@case(
    "TC_B_23_CS",
    "Station, OnIdle, a connector is out of service",
    requirements=(*IDLE, "B11.FR.02"),
    readings=RESET,
    begin=_connector_unavailable,
)
async def unavailable_stays(t: Tester) -> None:
    """The connector is Unavailable after the reboot, the others are Available."""
    await _reset(t, ResetEnum.OnIdle, "Accepted")
    await _boots(t, 3, 5, "RemoteReset", {_here(t): "Unavailable"})


# The station with transactions


async def _closes_the_free(t: Tester) -> None:
    """What is Available while a reset of the station waits becomes Unavailable (B12, step 3a): right by both."""
    for evse in t.product.evses:
        if not t.outlet(evse.id).running:
            for connector in evse.connectors:
                await t.maybe_status("Unavailable", evse_id=evse.id, connector_id=connector.id)


async def _until_ended(t: Tester, evse_id: int) -> None:
    """Bring the transaction of an EVSE to its end, state by state, as far as its stop points need it."""
    outlet = t.outlet(evse_id)
    token = t.config.valid if evse_id == t.config.evse_id else t.config.valid2

    async def stop(t: Tester, evse_id: int) -> None:
        await states_stopping.stop_authorized(t, evse_id, token=token)

    steps: tuple[Callable[[Tester, int], Awaitable[None]], ...] = (
        stop,
        states_stopping.ev_connected_post_session,
        states_stopping.ev_disconnected,
        states_stopping.parking_bay_unoccupied,
    )
    booted = len(t.received(wire.BootNotificationRequest))
    for state in steps:
        boots = len(t.received(wire.BootNotificationRequest))
        t.require(3, boots == booted, "BootNotificationRequest: the reboot", "after the last transaction", "before it")
        await state(t, evse_id)
        if not outlet.running:
            return
    t.fail(6, "TransactionEventRequest: the transaction", "ended", "still running")


@case(
    "TC_B_21_CS",
    "Station, OnIdle, a transaction runs",
    requirements=("B12.FR.01", "B12.FR.03"),
    readings=(*RESET, IDLE_WITH_CABLE),
    begin=states.energy_transfer_started,
)
async def charging_station_on_idle(t: Tester) -> None:
    """Scheduled; it reboots as soon as the transaction has ended in the usual way, and not before."""
    await _reset(t, ResetEnum.OnIdle, "Scheduled")
    await _closes_the_free(t)
    await _until_ended(t, t.config.evse_id)
    await _boots_when_idle(t, 7, 9, t.config.evse_id)
    await states_station.security_event(t, "StartupOfTheDevice", "ResetOrReboot", step=11)


async def _boots_when_idle(t: Tester, step: int, after: int, evse_id: int) -> None:
    """The reset that waited for the last transaction; a station may take a cable that is locked for one (2.14)."""
    outlet, link = t.outlet(evse_id), t.endpoint()
    leaves = len(link.handshakes) > 1 or await link.wait_disconnected(max(60.0, t.patience))
    if not leaves and outlet.plugged:
        waits = differs(IDLE_WITH_CABLE, specification=ANYTHING, tool="at the end of the transaction")
        t.compare(step, "BootNotificationRequest: the reboot", "not while the cable is in", waits)
        await _unplug(t, evse_id)
    await _boots(t, step, after, "ScheduledReset", {_here(t, evse_id): "Occupied" if outlet.plugged else "Available"})


async def _unplug(t: Tester, evse_id: int) -> None:
    """Take the cable out; a place that waits for the reset may be closed at once (B12, step 3a)."""
    closed = differs(UNAVAILABLE_FOR_RESET, specification=one_of("Available", "Unavailable"), tool="Available")
    await states_stopping.unplug(t, evse_id, status=closed)


async def _ended_by_reset(t: Tester, *, id_token: object = ANYTHING) -> TransactionEventRequest:
    """The event that ends the transaction of the configured EVSE at once."""
    state = differs(STATE_AFTER_RESET, specification=one_of("EVConnected", "SuspendedEVSE"), tool="EVConnected")
    return await t.event(
        3,
        event_type="Ended",
        trigger_reason="ResetCommand",
        transaction_info__charging_state=state,
        transaction_info__stopped_reason="ImmediateReset",
        id_token=id_token,
    )


@case(
    "TC_B_22_CS",
    "Station, Immediate, a transaction runs",
    requirements=("B12.FR.02", "B12.FR.04", "E07.FR.03", "B01.FR.03"),
    readings=(*RESET, STATE_AFTER_RESET, TOKEN_OF_RESET),
    begin=states.energy_transfer_started,
)
async def charging_station_at_once(t: Tester) -> None:
    """Accepted; the transaction ends by the reset before the station reboots; the cable is still in afterwards."""
    await _reset(t, ResetEnum.Immediate, "Accepted")
    ended = await _ended_by_reset(t, id_token=differs(TOKEN_OF_RESET, specification=ANYTHING, tool=None))
    await _boots(t, 5, 7, "RemoteReset", {_here(t): "Occupied"})
    boot = t.received(wire.BootNotificationRequest)[-1]
    t.require(
        5,
        t.arrived(ended).at <= t.arrived(boot).at,
        "TransactionEventRequest.eventType: Ended",
        "before the reboot",
        "after it",
    )


async def _two_charge(t: Tester) -> None:
    await states.energy_transfer_started(t)
    await states.energy_transfer_started(t, t.config.evse_id2, token=t.config.valid2)


@case(
    "TC_B_41_CS",
    "Station, OnIdle, two transactions run",
    requirements=("B12.FR.01", "B12.FR.03", "E07.FR.03"),
    readings=(*RESET, IDLE_WITH_CABLE),
    begin=_two_charge,
)
async def two_charging(t: Tester) -> None:
    """Scheduled; the end of the first transaction changes nothing, at the end of the second one it reboots."""
    await _reset(t, ResetEnum.OnIdle, "Scheduled")
    await _closes_the_free(t)
    await states_stopping.ev_connected_post_session(t)
    await _unplug(t, t.config.evse_id)
    await states_stopping.parking_bay_unoccupied(t)
    await t.expect_none(6, wire.BootNotificationRequest, 5)
    await _until_ended(t, t.config.evse_id2)
    await _boots_when_idle(t, 11, 13, t.config.evse_id2)


# One EVSE


async def _stays_up(t: Tester, *statuses: str) -> None:
    """Only the EVSE was reset: the station and its connection are as before.

    The EVSE may have been told to be away (B11.FR.08), and then is back in one of these statuses.
    """
    await t.expect_none(3, wire.BootNotificationRequest, 5)
    t.require(3, len(t.endpoint().handshakes) == 1, "WebSocket connection", "the one of before", "made anew")
    await states_station.check_closed(t, 3, UNAVAILABLE_FOR_RESET, one_of("Unavailable", *statuses))
    told = [one.status for one in t.statuses(t.config.evse_id)]
    t.require(
        3,
        told[-1:] != ["Unavailable"],
        "StatusNotificationRequest.connectorStatus: the last one",
        "that of before",
        "Unavailable",
    )


@case(
    "TC_B_25_CS",
    "EVSE, OnIdle, no transaction",
    requirements=("B11.FR.01", "B11.FR.08", "B11.FR.10"),
    readings=(UNAVAILABLE_FOR_RESET,),
)
async def idle_evse(t: Tester) -> None:
    """Accepted; the station stays up, and the EVSE is announced as one that can be reset."""
    await _reset(t, ResetEnum.OnIdle, "Accepted", evse_id=t.config.evse_id)
    await _stays_up(t, "Available")
    allows = await t.get(f"EVSE#{t.config.evse_id}.AllowReset", step="B11.FR.10")
    if allows != "true":
        t.note(f"AllowReset of EVSE {t.config.evse_id} should be true (B11.FR.10)")


@case(
    "TC_B_26_CS",
    "EVSE, OnIdle, its transaction runs",
    requirements=("B12.FR.01", "B12.FR.07"),
    readings=(UNAVAILABLE_FOR_RESET,),
    begin=states.energy_transfer_started,
)
async def charging_evse_on_idle(t: Tester) -> None:
    """Scheduled; the transaction ends in the usual way."""
    await _reset(t, ResetEnum.OnIdle, "Scheduled", evse_id=t.config.evse_id)
    await states_stopping.stop_authorized(t)
    await states_stopping.ev_connected_post_session(t)
    await _unplug(t, t.config.evse_id)
    if t.outlet().ended and "ParkingBayOccupancy" in t.start_points:
        # The EVSE is reset now, and finds an EV in its bay (E01.FR.01).
        await t.maybe_event(event_type="Started", trigger_reason="EVDetected")
    await states_stopping.parking_bay_unoccupied(t)
    await _stays_up(t, "Occupied", "Available")


@case(
    "TC_B_27_CS",
    "EVSE, Immediate, its transaction runs",
    requirements=("B12.FR.02", "B12.FR.08", "E07.FR.03"),
    readings=(UNAVAILABLE_FOR_RESET, STATE_AFTER_RESET),
    begin=states.energy_transfer_started,
)
async def charging_evse_at_once(t: Tester) -> None:
    """Accepted; the transaction ends by the reset; the station stays up."""
    await _reset(t, ResetEnum.Immediate, "Accepted", evse_id=t.config.evse_id)
    await _ended_by_reset(t)
    await _stays_up(t, "Occupied")


# An EVSE of a station that can only be reset as a whole


@case(
    "TC_B_28_CS",
    "EVSE, OnIdle, where no single EVSE can be reset",
    requirements=("B11.FR.01", "B11.FR.09"),
)
async def evse_not_offered(t: Tester) -> None:
    """Rejected, whatever the EVSE does, and nothing happens."""
    await _refused(t)


@case(
    "TC_B_29_CS",
    "EVSE, OnIdle, where no single EVSE can be reset and its transaction runs",
    requirements=("B12.FR.01", "B12.FR.09"),
    begin=states.energy_transfer_started,
)
async def charging_evse_not_offered(t: Tester) -> None:
    """Rejected, and the transaction goes on."""
    await _refused(t)
    await t.expect_none(2, wire.TransactionEventRequest, 3 * t.settle, event_type="Ended")


async def _refused(t: Tester) -> None:
    """The EVSE exists, so that it is the reset of a single one that is refused; the station stays up."""
    links = len(t.endpoint().handshakes)
    await t.call(wire.ResetRequest(type=ResetEnum.OnIdle, evse_id=t.config.evse_id), step=2, status="Rejected")
    await t.expect_none(2, wire.BootNotificationRequest, 3 * t.settle)
    t.require(2, len(t.endpoint().handshakes) == links, "WebSocket connection", "the same", "a new one")
