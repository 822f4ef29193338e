"""Block E: start and stop points that only some stations have: the parking bay, and the flow of energy."""

from ohmstead.lab.cases import states, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.e_start import ASKING, STARTED, TX_START_POINT, require_charging
from ohmstead.lab.cases.e_stop import TX_STOP_POINT
from ohmstead.lab.cases.j_signed import check_signed
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.e_points import SUSPENSION_ENDS
from ohmstead.lab.readings.e_transactions import STOPPED_BY_DRIVER
from ohmstead.wire.messages import (
    ChargingStateEnum,
    MeterValue,
    ReadingContextEnum,
    TransactionEventEnum,
    TransactionEventRequest,
)

BAY = "ParkingBayOccupancy"
ENERGY = "EnergyTransfer"
INFO = "TransactionEventRequest.transactionInfo"


# The parking bay


@case(
    "TC_E_12_CS",
    "Start point ParkingBayOccupancy",
    requirements=("E01.FR.01", *STARTED),
    settings={TX_START_POINT: BAY, **ASKING},
)
async def bay_occupied(t: Tester) -> None:
    """The EV that arrives starts the transaction; token, cable and energy are news of it (errata 6.2.44)."""
    outlet = t.outlet()
    await t.hand.arrive(outlet.evse_id)
    outlet.bay = True
    await t.event(1, event_type="Started", trigger_reason="EVDetected")
    await states.authorized(t)
    await states.ev_connected_pre_session(t)
    await states.energy_transfer_started(t)
    require_charging(t, "4 (errata)")
    t.require(
        "4 (errata)",
        len(outlet.transactions) == 1,
        "TransactionEventRequest.transactionInfo.transactionId: transactions",
        1,
        len(outlet.transactions),
    )


async def _disconnected(t: Tester) -> None:
    """State EVDisconnected: the driver has stopped, and the cable is out."""
    await states_stopping.stop_authorized(t)
    await states_stopping.ev_disconnected(t)


@case(
    "TC_E_19_CS",
    "Stop point ParkingBayOccupancy",
    requirements=("E06.FR.01", "E06.FR.09", "E06.FR.15"),
    readings=(STOPPED_BY_DRIVER,),
    settings={TX_STOP_POINT: BAY},
    begin=_disconnected,
)
async def bay_left(t: Tester) -> None:
    """Neither token nor cable has ended the transaction; the EV that departs does."""
    outlet = t.outlet()
    t.require("begin", outlet.running, "TransactionEventRequest.eventType", "no Ended yet", "Ended")
    reason = outlet.stop_reason
    wanted = differs(STOPPED_BY_DRIVER, specification=one_of("Local", None), tool="Local")
    await t.hand.leave(outlet.evse_id)
    await t.event(
        1,
        trigger_reason="EVDeparted",
        transaction_info__stopped_reason=wanted if reason == "Local" else reason,
        event_type="Ended",
    )
    outlet.reset()


# A signature


@case(
    "TC_E_11_CS",
    "Start point DataSigned",
    requirements=("E01.FR.04", *STARTED),
    settings={"SampledDataCtrlr.SignReadings": "true", TX_START_POINT: "DataSigned"},
    begin=states.authorized,
)
async def data_signed(t: Tester) -> None:
    """The signed reading at the beginning starts the transaction, and tells whose it is; then energy flows."""
    t.require("begin", not t.received(TransactionEventRequest), "TransactionEventRequest", "none yet", "one")
    started = await states.plug(t)
    t.require(3, started is not None, "TransactionEventRequest.eventType", "Started", "none")
    events = t.received(TransactionEventRequest)
    named = events[0].id_token.id_token if events[0].id_token is not None else None
    t.compare(3, "TransactionEventRequest.idToken.idToken", named, states.token_text(states.token_of(t)))
    begins = tuple(meter for meter in events[0].meter_value or () if _begins(meter))
    t.require(3, bool(begins), "TransactionEventRequest.meterValue", "a value with Transaction.Begin", "none")
    await check_signed(t, 3, begins)
    await states.energy_transfer_started(t)
    require_charging(t, 5)


def _begins(meter: MeterValue) -> bool:
    return any(value.context is ReadingContextEnum.Transaction_Begin for value in meter.sampled_value)


# The flow of energy


@case(
    "TC_E_08_CS",
    "Stop point EnergyTransfer: stopped by the driver, or from afar",
    requirements=("E06.FR.07", "E06.FR.15"),
    settings={TX_STOP_POINT: ENERGY},
    begin=states.energy_transfer_started,
)
async def energy_stopped(t: Tester) -> None:
    """The authorization is taken back, so energy stops and the transaction ends."""
    await states_stopping.stop_authorized(t)


@case(
    "TC_E_22_CS",
    "Stop point EnergyTransfer: suspended by the EV",
    requirements=("E06.FR.07", "E06.FR.08", "E06.FR.15"),
    readings=(SUSPENSION_ENDS,),
    settings={TX_STOP_POINT: ENERGY},
    begin=states.energy_transfer_started,
)
async def energy_suspended(t: Tester) -> None:
    """The EV takes no more, which ends the transaction (errata 6.2.50)."""
    await t.elapse(t.config.transaction_duration)
    await t.hand.suspend(t.outlet().evse_id)
    event = await t.event(
        1,
        trigger_reason="ChargingStateChanged",
        transaction_info__charging_state=one_of("EVConnected", "SuspendedEV"),
    )
    suspended = event.transaction_info.charging_state is ChargingStateEnum.SuspendedEV
    kinds = one_of("Updated", "Ended") if suspended else "Ended"
    kind = differs(SUSPENSION_ENDS, specification="Ended", tool=kinds)
    t.compare(1, "TransactionEventRequest.eventType", event.event_type, kind)
    ended = event.event_type is TransactionEventEnum.Ended
    reason = differs(
        SUSPENSION_ENDS,
        specification="StoppedByEV" if ended else None,
        tool="StoppedByEV" if suspended else Wanted("anything", lambda _: True),
    )
    t.compare(1, f"{INFO}.stoppedReason", event.transaction_info.stopped_reason, reason)
