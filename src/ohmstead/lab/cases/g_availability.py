"""Block G: status of connectors, and the availability that the CSMS sets."""

from ohmstead.lab.cases import states, states_station, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.g_availability import UNAVAILABLE_WHILE_PLUGGED, UNCHANGED_TOLD
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import OperationalStatusEnum

OPERATIVE = OperationalStatusEnum.Operative
INOPERATIVE = OperationalStatusEnum.Inoperative
EVSE_CHANGE = ("G03.FR.01", "G03.FR.02", "G03.FR.04")
STATION_CHANGE = ("G04.FR.01", "G04.FR.02", "G04.FR.03", "G04.FR.05")


@case("TC_G_01_CS", "A connector that gets a cable is Occupied", requirements=("G01.FR.01", "N07.FR.19"))
async def plug_in(t: Tester) -> None:
    """The cable goes in."""
    await states.ev_connected_pre_session(t)


@case(
    "TC_G_02_CS",
    "A connector whose cable is taken out is Available",
    requirements=("G01.FR.01", "N07.FR.19"),
    begin=states_stopping.cable_in,
)
async def plug_out(t: Tester) -> None:
    """The cable comes out again."""
    await states_stopping.unplug(t, step="3")


# Operative to inoperative and back, for an EVSE, the station and a connector


async def evse_unavailable(t: Tester) -> None:
    """The configured EVSE is out of service."""
    await states_station.unavailable(t, t.config.evse_id)


async def connector_unavailable(t: Tester) -> None:
    """The configured connector is out of service."""
    await states_station.unavailable(t, t.config.evse_id, t.config.connector_id)


@case("TC_G_03_CS", "EVSE: operative to inoperative", requirements=(*EVSE_CHANGE, "G03.FR.06"))
async def evse_out(t: Tester) -> None:
    """Every connector of the EVSE reports Unavailable, and no other."""
    await evse_unavailable(t)


@case(
    "TC_G_04_CS",
    "EVSE: inoperative to operative",
    requirements=(*EVSE_CHANGE, "G03.FR.07"),
    begin=evse_unavailable,
)
async def evse_back(t: Tester) -> None:
    """Every connector of the EVSE reports Available."""
    await states_station.change_availability(t, OPERATIVE, t.config.evse_id)
    await t.expect_statuses(3, "Available", evse_id=t.config.evse_id)


@case("TC_G_05_CS", "Station: operative to inoperative", requirements=(*STATION_CHANGE, "G04.FR.07"))
async def station_out(t: Tester) -> None:
    """Every connector reports Unavailable."""
    await states_station.unavailable(t)


@case(
    "TC_G_06_CS",
    "Station: inoperative to operative",
    requirements=(*STATION_CHANGE, "G04.FR.08"),
    begin=states_station.unavailable,
)
async def station_back(t: Tester) -> None:
    """Every connector reports Available."""
    await states_station.change_availability(t, OPERATIVE)
    await t.expect_statuses(3, "Available")


@case("TC_G_07_CS", "Connector: operative to inoperative", requirements=(*EVSE_CHANGE, "G03.FR.06"))
async def connector_out(t: Tester) -> None:
    """The connector reports Unavailable, and no other."""
    await connector_unavailable(t)


@case(
    "TC_G_08_CS",
    "Connector: inoperative to operative",
    requirements=(*EVSE_CHANGE, "G03.FR.07"),
    begin=connector_unavailable,
)
async def connector_back(t: Tester) -> None:
    """The connector reports Available."""
    await states_station.change_availability(t, OPERATIVE, t.config.evse_id, t.config.connector_id)
    await t.expect_status(3, "Available", evse_id=t.config.evse_id, connector_id=t.config.connector_id)


# Asking for what is so already: accepted, and nobody has to be told (a report of the same status is allowed)


def _allow_report(t: Tester, status: str) -> None:
    t.allow_status(status)


@case("TC_G_09_CS", "EVSE: operative to operative", requirements=(*EVSE_CHANGE, "G03.FR.03"))
async def evse_stays_in(t: Tester) -> None:
    """Accepted; a report of the same status is allowed."""
    _allow_report(t, "Available")
    await states_station.change_availability(t, OPERATIVE, t.config.evse_id)


@case(
    "TC_G_10_CS",
    "EVSE: inoperative to inoperative",
    requirements=(*EVSE_CHANGE, "G03.FR.03"),
    begin=evse_unavailable,
)
async def evse_stays_out(t: Tester) -> None:
    """Accepted; a report of the same status is allowed."""
    _allow_report(t, "Unavailable")
    await states_station.change_availability(t, INOPERATIVE, t.config.evse_id)


@case("TC_G_12_CS", "Station: operative to operative", requirements=(*STATION_CHANGE, "G04.FR.04"))
async def station_stays_in(t: Tester) -> None:
    """Accepted; a report of the same status is allowed."""
    _allow_report(t, "Available")
    await states_station.change_availability(t, OPERATIVE)


@case(
    "TC_G_13_CS",
    "Station: inoperative to inoperative",
    requirements=(*STATION_CHANGE, "G04.FR.04", "G04.FR.05"),
    readings=(UNCHANGED_TOLD,),
    begin=states_station.unavailable,
)
async def station_stays_out(t: Tester) -> None:
    """Accepted, and the status of every connector is told again."""
    await states_station.change_availability(t, INOPERATIVE)
    for evse in t.product.evses:
        for connector in evse.connectors:
            told = await t.maybe_status("Unavailable", evse_id=evse.id, connector_id=connector.id)
            wanted = differs(UNCHANGED_TOLD, specification=one_of("told", "not told"), tool="told")
            t.compare(
                3,
                f"StatusNotificationRequest.connectorStatus: at EVSE {evse.id}, connector {connector.id}",
                "told" if told else "not told",
                wanted,
            )


@case("TC_G_15_CS", "Connector: operative to operative", requirements=(*EVSE_CHANGE, "G03.FR.03"))
async def connector_stays_in(t: Tester) -> None:
    """Accepted; a report of the same status is allowed."""
    _allow_report(t, "Available")
    await states_station.change_availability(t, OPERATIVE, t.config.evse_id, t.config.connector_id)


@case(
    "TC_G_16_CS",
    "Connector: inoperative to inoperative",
    requirements=(*EVSE_CHANGE, "G03.FR.03"),
    begin=connector_unavailable,
)
async def connector_stays_out(t: Tester) -> None:
    """Accepted; a report of the same status is allowed."""
    _allow_report(t, "Unavailable")
    await states_station.change_availability(t, INOPERATIVE, t.config.evse_id, t.config.connector_id)


# While a transaction runs


async def _ends_and_is_unavailable(t: Tester) -> None:
    """Charge to the end; when the transaction has ended, and not before, the connector is Unavailable."""
    outlet = t.outlet()
    told = False
    await t.expect_no_status(3, t.config.transaction_duration)
    for step, state in (
        (4, states_stopping.stop_authorized),
        (7, states_stopping.ev_connected_post_session),
        (10, _disconnect),
        (13, states_stopping.parking_bay_unoccupied),
    ):
        running, plugged = outlet.running, outlet.plugged
        await state(t)
        if not told and not outlet.running and (running or (plugged and not outlet.plugged)):
            told = await _told(t, step)
    t.require(12, told and not outlet.running, "TransactionEventRequest: the transaction", "ended", "still running")


async def _told(t: Tester, step: int) -> bool:
    """Say whether the connector is Unavailable, or leave it to the cable where that is still in."""
    place = {"evse_id": t.config.evse_id, "connector_id": t.config.connector_id}
    if not t.outlet().plugged:
        await t.expect_status(step, "Unavailable", **place)
        return True
    got = "Unavailable" if await t.maybe_status("Unavailable", **place, within=t.patience) else None
    at_once = differs(UNAVAILABLE_WHILE_PLUGGED, specification=one_of("Unavailable", None), tool="Unavailable")
    t.compare(step, "StatusNotificationRequest.connectorStatus", got, at_once)
    return got is not None


async def _disconnect(t: Tester) -> None:
    """Take the cable out; the status after that is looked at by the case."""
    outlet = t.outlet()
    running = outlet.running
    await t.hand.unplug(outlet.evse_id)
    outlet.plugged = False
    if running:
        await t.event(9, trigger_reason="EVCommunicationLost", transaction_info__charging_state="Idle")
    if outlet.running:
        # Only the bay, or nothing, ends it: until then the connector is in service, and free.
        await t.maybe_status("Available", evse_id=t.config.evse_id)
    t.allow_status("Unavailable", evse_id=t.config.evse_id)


@case(
    "TC_G_11_CS",
    "EVSE: inoperative when its transaction has ended",
    requirements=(*EVSE_CHANGE, "G03.FR.05"),
    readings=(UNAVAILABLE_WHILE_PLUGGED,),
    begin=states.energy_transfer_started,
)
async def evse_scheduled(t: Tester) -> None:
    """Scheduled; the transaction goes on."""
    await states_station.change_availability(t, INOPERATIVE, t.config.evse_id, status="Scheduled")
    await _ends_and_is_unavailable(t)


@case(
    "TC_G_14_CS",
    "Station: inoperative when the transaction has ended, the free EVSE at once",
    requirements=(*STATION_CHANGE, "G04.FR.06"),
    readings=(UNAVAILABLE_WHILE_PLUGGED,),
    begin=states.energy_transfer_started,
)
async def station_scheduled(t: Tester) -> None:
    """Scheduled; connectors without a transaction report Unavailable at once."""
    await states_station.change_availability(t, INOPERATIVE, status="Scheduled")
    for evse in t.product.evses:
        if evse.id != t.config.evse_id:
            await t.expect_statuses(3, "Unavailable", evse_id=evse.id)
    await _ends_and_is_unavailable(t)


@case(
    "TC_G_17_CS",
    "Connector: inoperative when its transaction has ended",
    requirements=(*EVSE_CHANGE, "G03.FR.05"),
    readings=(UNAVAILABLE_WHILE_PLUGGED,),
    begin=states.energy_transfer_started,
)
async def connector_scheduled(t: Tester) -> None:
    """Scheduled; the transaction goes on."""
    await states_station.change_availability(
        t, INOPERATIVE, t.config.evse_id, t.config.connector_id, status="Scheduled"
    )
    await _ends_and_is_unavailable(t)


# Over a reboot


async def _reboot(t: Tester, *, others: str, connector_id: int | None = None) -> None:
    """Reboot; the configured EVSE, or one connector of it, comes back Unavailable, the others as given."""
    await states_station.booting(t)
    await t.reconnect()
    await t.expect(2, wire.BootNotificationRequest, within=300, reason="RemoteReset")
    for evse in t.product.evses:
        for connector in evse.connectors:
            out = evse.id == t.config.evse_id and connector_id in (None, connector.id)
            status = "Unavailable" if out else others
            await t.expect_status(4, status, evse_id=evse.id, connector_id=connector.id)
    await states_station.security_event(t, "StartupOfTheDevice", "ResetOrReboot", step=6)


@case(
    "TC_G_18_CS",
    "EVSE: inoperative over a reboot",
    requirements=("G03.FR.08", "G01.FR.01"),
    begin=evse_unavailable,
)
async def evse_over_reboot(t: Tester) -> None:
    """The EVSE stays out of service, the other is in service."""
    await _reboot(t, others="Available")


@case("TC_G_19_CS", "Connector: inoperative over a reboot", requirements=("G03.FR.08",), begin=connector_unavailable)
async def connector_over_reboot(t: Tester) -> None:
    """The connector stays out of service, the others are in service."""
    await _reboot(t, others="Available", connector_id=t.config.connector_id)


@case("TC_G_21_CS", "Station: inoperative over a reboot", requirements=("G04.FR.09",), begin=states_station.unavailable)
async def station_over_reboot(t: Tester) -> None:
    """All connectors stay out of service."""
    await _reboot(t, others="Unavailable")
