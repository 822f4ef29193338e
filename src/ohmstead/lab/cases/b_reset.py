"""Block B: resets of the station and of an EVSE, with and without transactions (B11, B12)."""

from collections.abc import Awaitable, Callable

from ohmstead.lab import states, states_station
from ohmstead.lab.case import case
from ohmstead.lab.checks import ABSENT, one_of
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ResetEnum, TransactionEventRequest

IDLE = ("B11.FR.01", "B11.FR.03", "B11.FR.04", "B01.FR.03")
Place = tuple[int, int]
"""evse_id, connector_id"""


async def _reset(t: Tester, kind: ResetEnum, status: str, *, evse_id: int | None = None) -> None:
    """Ask for a reset; evseId is left out for the whole station (errata 6.2.13 to 6.2.15)."""
    await t.call(wire.ResetRequest(type=kind, evse_id=evse_id), step=2, status=status)
    t.rules.disturbed = True


async def _boots(t: Tester, step: int, reason: object, statuses: dict[Place, str] | None = None) -> None:
    """BootNotification, and the status of every connector: Available where nothing else is given."""
    boot = await t.expect(step, wire.BootNotificationRequest, within=300, reason=reason)
    t.require(step, len(t.endpoint().handshakes) > 1, "connection", "made anew by the reboot", "the one of before")
    for evse in t.product.evses:
        for connector in evse.connectors:
            status = (statuses or {}).get((evse.id, connector.id), "Available")
            await _status_after(t, step + 2, boot, status, (evse.id, connector.id))


async def _status_after(t: Tester, step: int, boot: wire.BootNotificationRequest, status: str, place: Place) -> None:
    """Wait for a status that comes after the boot; one on the way down may be Unavailable (B11.FR.03)."""
    await t.expect_status(step, status, evse_id=place[0], connector_id=place[1])
    told = [
        message
        for message in t.received(wire.StatusNotificationRequest)
        if (message.evse_id, message.connector_id) == place and t.arrived(message).at >= t.arrived(boot).at
    ]
    wrong = [message.connector_status.value for message in told if message.connector_status.value != status]
    t.require(step, not wrong, f"connectorStatus of evse {place[0]}/{place[1]}", status, ", ".join(wrong))


def _here(t: Tester, evse_id: int | None = None) -> Place:
    return (evse_id or t.config.evse_id, t.config.connector_id)


# The station without a transaction


@case("TC_B_20_CS", "Station, OnIdle, no transaction", requirements=IDLE)
async def idle_station(t: Tester) -> None:
    """Accepted; it reboots at once and every connector is Available."""
    await _reset(t, ResetEnum.OnIdle, "Accepted")
    await _boots(t, 3, one_of("RemoteReset", "ScheduledReset"))


async def _connector_unavailable(t: Tester) -> None:
    await states_station.unavailable(t, t.config.evse_id, t.config.connector_id)


@case(
    "TC_B_23_CS",
    "Station, OnIdle, a connector is out of service",
    requirements=(*IDLE, "B11.FR.02"),
    begin=_connector_unavailable,
)
async def unavailable_stays(t: Tester) -> None:
    """The connector is Unavailable after the reboot, the others are Available."""
    await _reset(t, ResetEnum.OnIdle, "Accepted")
    await _boots(t, 3, "RemoteReset", {_here(t): "Unavailable"})


# The station with transactions


async def _until_ended(t: Tester, evse_id: int) -> None:
    """Bring the transaction of an EVSE to its end, state by state, as far as its stop points need it."""
    outlet = t.outlet(evse_id)
    token = t.config.valid if evse_id == t.config.evse_id else t.config.valid2

    async def stop(t: Tester, evse_id: int) -> None:
        await states.stop_authorized(t, evse_id, token=token)

    steps: tuple[Callable[[Tester, int], Awaitable[None]], ...] = (
        stop,
        states.ev_connected_post_session,
        states.ev_disconnected,
        states.parking_bay_unoccupied,
    )
    booted = len(t.received(wire.BootNotificationRequest))
    for state in steps:
        boots = len(t.received(wire.BootNotificationRequest))
        t.require(3, boots == booted, "reboot", "after the last transaction", "before it")
        await state(t, evse_id)
        if outlet.ended:
            return
    t.fail(6, "transaction", "ended", "still running")


@case(
    "TC_B_21_CS",
    "Station, OnIdle, a transaction runs",
    requirements=("B12.FR.01", "B12.FR.03"),
    begin=states.energy_transfer_started,
)
async def charging_station_on_idle(t: Tester) -> None:
    """Scheduled; it reboots as soon as the transaction has ended in the usual way, and not before."""
    await _reset(t, ResetEnum.OnIdle, "Scheduled")
    await _until_ended(t, t.config.evse_id)
    plugged = t.outlet().plugged
    await _boots(t, 7, "ScheduledReset", {_here(t): "Occupied" if plugged else "Available"})
    await states_station.security_event(t, "StartupOfTheDevice", "ResetOrReboot", step=11)


async def _ended_by_reset(t: Tester) -> TransactionEventRequest:
    """The event that ends the transaction of the configured EVSE at once."""
    return await t.event(
        3,
        event_type="Ended",
        trigger_reason="ResetCommand",
        transaction_info__charging_state="EVConnected",
        transaction_info__stopped_reason="ImmediateReset",
        id_token=ABSENT,
    )


@case(
    "TC_B_22_CS",
    "Station, Immediate, a transaction runs",
    requirements=("B12.FR.02", "B12.FR.04", "E07.FR.03", "B01.FR.03"),
    begin=states.energy_transfer_started,
)
async def charging_station_at_once(t: Tester) -> None:
    """Accepted; the transaction ends by the reset before the station reboots; the cable is still in afterwards."""
    await _reset(t, ResetEnum.Immediate, "Accepted")
    ended = await _ended_by_reset(t)
    await _boots(t, 5, "RemoteReset", {_here(t): "Occupied"})
    boot = t.received(wire.BootNotificationRequest)[-1]
    t.require(5, t.arrived(ended).at <= t.arrived(boot).at, "Ended", "before the reboot", "after it")


async def _two_charge(t: Tester) -> None:
    await states.energy_transfer_started(t)
    await states.energy_transfer_started(t, t.config.evse_id2, token=t.config.valid2)


@case(
    "TC_B_41_CS",
    "Station, OnIdle, two transactions run",
    requirements=("B12.FR.01", "B12.FR.03", "E07.FR.03"),
    begin=_two_charge,
)
async def two_charging(t: Tester) -> None:
    """Scheduled; the end of the first transaction changes nothing, at the end of the second one it reboots."""
    await _reset(t, ResetEnum.OnIdle, "Scheduled")
    await states.stop_authorized(t)
    await states.parking_bay_unoccupied(t)
    await t.expect_none(6, wire.BootNotificationRequest, 5)
    await _until_ended(t, t.config.evse_id2)
    second = t.outlet(t.config.evse_id2)
    await _boots(t, 11, "ScheduledReset", {_here(t, t.config.evse_id2): "Occupied" if second.plugged else "Available"})


# One EVSE


def _allow_reset(t: Tester, *others: str) -> None:
    """The EVSE may say that it is away and back (B11.FR.08)."""
    for status in ("Unavailable", *others):
        t.allow(wire.StatusNotificationRequest, connector_status=status, evse_id=t.config.evse_id)


async def _stays_up(t: Tester) -> None:
    """Only the EVSE was reset: the station and its connection are as before."""
    await t.expect_none(3, wire.BootNotificationRequest, 5)
    t.require(3, len(t.endpoint().handshakes) == 1, "connection", "the one of before", "made anew")


@case("TC_B_25_CS", "EVSE, OnIdle, no transaction", requirements=("B11.FR.01", "B11.FR.08", "B11.FR.10"))
async def idle_evse(t: Tester) -> None:
    """Accepted; the station stays up, and the EVSE is announced as one that can be reset."""
    _allow_reset(t, "Available")
    await _reset(t, ResetEnum.OnIdle, "Accepted", evse_id=t.config.evse_id)
    await _stays_up(t)
    allows = await t.get(f"EVSE#{t.config.evse_id}.AllowReset", step="B11.FR.10")
    if allows != "true":
        t.note(f"AllowReset of EVSE {t.config.evse_id} should be true (B11.FR.10)")


@case(
    "TC_B_26_CS",
    "EVSE, OnIdle, its transaction runs",
    requirements=("B12.FR.01", "B12.FR.07"),
    begin=states.energy_transfer_started,
)
async def charging_evse_on_idle(t: Tester) -> None:
    """Scheduled; the transaction ends in the usual way."""
    await _reset(t, ResetEnum.OnIdle, "Scheduled", evse_id=t.config.evse_id)
    _allow_reset(t)
    await states.stop_authorized(t)
    await states.ev_connected_post_session(t)
    await states.ev_disconnected(t)
    await states.parking_bay_unoccupied(t)
    await _stays_up(t)


@case(
    "TC_B_27_CS",
    "EVSE, Immediate, its transaction runs",
    requirements=("B12.FR.02", "B12.FR.08", "E07.FR.03"),
    begin=states.energy_transfer_started,
)
async def charging_evse_at_once(t: Tester) -> None:
    """Accepted; the transaction ends by the reset; the station stays up."""
    _allow_reset(t, "Occupied")
    await _reset(t, ResetEnum.Immediate, "Accepted", evse_id=t.config.evse_id)
    await _ended_by_reset(t)
    await _stays_up(t)
