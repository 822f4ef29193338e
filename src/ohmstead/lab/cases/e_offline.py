"""Block E: transactions go on without a connection, and the CSMS hears of it afterwards."""

from datetime import datetime, timedelta

from ohmstead.lab.cases import states, states_station
from ohmstead.lab.cases.case import Settings, case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.tokens import stopping_token
from ohmstead.lab.readings.e_transactions import STOPPED_OFFLINE, VALUES_OFFLINE
from ohmstead.wire.identifiers import folded
from ohmstead.wire.messages import TransactionEventEnum, TransactionEventRequest

PERIOD = 3
"""SampledDataCtrlr.TxUpdatedInterval in seconds."""
BACK_OFF = 10
"""RetryBackOffWaitMinimum in seconds: what hands do offline fits into it, and three values come meanwhile."""
RETURNING = {
    "OCPPCommCtrlr.OfflineThreshold": str(BACK_OFF + 60),
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": str(BACK_OFF),
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
}
REGISTER = "Energy.Active.Import.Register"
"""What is sampled at a station that does not say what it measures."""
SAMPLED: Settings = {
    "SampledDataCtrlr.TxUpdatedMeasurands": lambda config: next(iter(config.measurands.tx_updated), REGISTER),
    "SampledDataCtrlr.TxUpdatedInterval": str(PERIOD),
    **RETURNING,
}
STOPPED = ("E08.FR.04", "E08.FR.05", "E08.FR.06", "E08.FR.07", "E08.FR.08")


class Outage:
    """Time without a connection, from now on."""

    def __init__(self, t: Tester) -> None:
        self._t = t
        self._began = t.now()
        self._lasted = 0.0
        self._over = t.clock.now()

    async def end(self, *, after: float = 0.0) -> None:
        """Let the station in once an outage has lasted so many seconds, and wait for it."""
        t = self._t
        await t.elapse(max(0.0, self._began + after - t.now()))
        self._over = t.clock.now()
        self._lasted = t.now() - self._began
        await t.reconnect()

    def meanwhile(self, event: TransactionEventRequest) -> bool:
        """Say whether an event certainly occurred before the outage was over (written instants are cut to seconds)."""
        return event.timestamp < self._sure

    @property
    def _sure(self) -> datetime:
        return self._over - timedelta(seconds=1 + self._t.rig.tolerance)

    @property
    def values(self) -> int:
        """How many periodic values have been taken meanwhile, at least."""
        return int((self._lasted - 1 - self._t.rig.tolerance) / PERIOD)


async def without_connection(t: Tester) -> Outage:
    """Close the connection and let nobody in."""
    await t.disconnect()
    return Outage(t)


async def check_values(t: Tester, outage: Outage, step: int | str) -> None:
    """The queue holds the values that were taken meanwhile: Updated, with meter values, marked offline."""
    event: TransactionEventRequest | None = await t.expect(
        step,
        TransactionEventRequest,
        where=outage.meanwhile,
        event_type="Updated",
        meter_value=Wanted("meter values", bool),
        offline=True,
    )
    values = 0
    while event is not None:
        t.require(step, event.offline is True, "TransactionEventRequest.offline", "true", event.offline)
        values += event.meter_value is not None
        event = await t.maybe(TransactionEventRequest, where=outage.meanwhile)
    every = Wanted(f"{outage.values} or more", lambda _: values >= outage.values)
    some = Wanted("1 or more", lambda _: values >= 1)
    t.compare(
        step,
        "TransactionEventRequest.meterValue: periodic values of the outage",
        values,
        differs(VALUES_OFFLINE, specification=every, tool=some),
    )


async def charging_for_a_while(t: Tester) -> None:
    """Energy flows, and the values of a period have come."""
    await states.energy_transfer_started(t)
    await t.event("begin", trigger_reason="MeterValuePeriodic", within=2 * PERIOD)


@case(
    "TC_E_40_CS",
    "Offline: the connection is lost while energy flows",
    requirements=("E11.FR.01", "E11.FR.02", "E11.FR.06"),
    readings=(VALUES_OFFLINE,),
    settings={**SAMPLED, "SampledDataCtrlr.Enabled": "true"},
    begin=charging_for_a_while,
)
async def lost_while_charging(t: Tester) -> None:
    """The values that were taken meanwhile are sent afterwards."""
    outage = await without_connection(t)
    await outage.end(after=BACK_OFF - 0.5)
    await check_values(t, outage, 3)


# A transaction ends while there is no connection


async def check_queue(t: Tester, step: int | str, *, whole: bool = False) -> list[TransactionEventRequest]:
    """Every event of the queue is marked offline, and one ends the transaction; `whole`: the first starts it.

    They may come in any order (general rules of Part 6); returned in the order of their numbers.
    """
    found: list[TransactionEventRequest] = []
    while not any(event.event_type is TransactionEventEnum.Ended for event in found):
        found.append(await t.expect(step, TransactionEventRequest, where=lambda _event: True))
    while (event := await t.maybe(TransactionEventRequest)) is not None:
        found.append(event)
    found.sort(key=lambda event: event.seq_no)
    for event in found:
        t.require(step, event.offline is True, "TransactionEventRequest.offline", "true", event.offline)
    first = found[0].event_type
    starts = TransactionEventEnum.Started
    t.require(step, (first is starts) == whole, "TransactionEventRequest.eventType", "Started" if whole else "-", first)
    same = {folded(event.transaction_info.transaction_id) for event in found}
    t.require(step, len(same) == 1, "TransactionEventRequest.transactionInfo.transactionId", "one", len(same))
    return found


def require_local_stop(t: Tester, step: int | str, found: list[TransactionEventRequest]) -> None:
    """The token is what stopped (E07.FR.02), and the reason of the end is Local or left out."""
    stops = [event for event in found if event.trigger_reason.value == "StopAuthorized"]
    once = Wanted("once", lambda _: len(stops) == 1)
    by_either = differs(STOPPED_OFFLINE, specification=once, tool=Wanted("whatever", lambda _: True))
    t.compare(step, "TransactionEventRequest.triggerReason: events with StopAuthorized", len(stops), by_either)
    reason = found[-1].transaction_info.stopped_reason
    field = "TransactionEventRequest.transactionInfo.stoppedReason"
    t.require(step, one_of("Local", None).holds(reason), field, "Local or nothing", reason)


async def _is_cached(t: Tester) -> None:
    """The token is known to the station; an offline start succeeds with it in any case."""
    await configure(t, {"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"})
    await states_station.end_by_leaving(t)
    await states_station.id_token_cached(t)


@case(
    "TC_E_43_CS",
    "Offline: a whole transaction",
    requirements=("E12.FR.01", "E12.FR.02", "E12.FR.06"),
    begin=_is_cached,
)
async def whole_transaction(t: Tester) -> None:
    """The CSMS hears of all of it afterwards."""
    await states_station.transaction_events_in_queue_ended(t)
    # A cable may be kept for who told it a car's address, and cannot show that without the car.
    t.allow_status(one_of("Available", "Occupied"))
    await check_queue(t, 1, whole=True)


async def stop_offline(t: Tester, *, token: LabToken) -> Outage:
    """Without a connection a token stops the session, and the EV leaves."""
    outlet = t.outlet()
    outage = await without_connection(t)
    stops = stopping_token(t.product, token)
    if stops is not None:
        await t.present(stops, outlet.evse_id)
    await t.hand.unplug(outlet.evse_id)
    await t.hand.leave(outlet.evse_id)
    return outage


@case(
    "TC_E_44_CS",
    "Offline: a transaction is stopped",
    requirements=("E08.FR.01", *STOPPED),
    readings=(STOPPED_OFFLINE,),
    settings=RETURNING,
    begin=states.energy_transfer_started,
)
async def stopped_offline(t: Tester) -> None:
    """The token that started stops; the CSMS hears of it afterwards."""
    outage = await stop_offline(t, token=t.config.valid)
    await outage.end(after=BACK_OFF - 0.5)
    await t.expect_status(3, "Available", evse_id=t.config.evse_id, connector_id=t.config.connector_id)
    require_local_stop(t, 3, await check_queue(t, 3))


async def _charging_in_a_group(t: Tester) -> None:
    """The second token lies in the cache, and energy flows for the first one, of the same group."""
    t.know(t.config.valid.id_token, group=t.config.group)
    t.know(t.config.valid2.id_token, group=t.config.group)
    await states_station.id_token_cached(t, t.config.valid2)
    await states.energy_transfer_started(t)


@case(
    "TC_E_45_CS",
    "Offline: a transaction is stopped by another token of its group",
    requirements=("E08.FR.02", *STOPPED),
    readings=(STOPPED_OFFLINE,),
    settings=RETURNING,
    begin=_charging_in_a_group,
)
async def stopped_by_group(t: Tester) -> None:
    """The other token is known to be of the group; the CSMS hears of the stop afterwards."""
    outage = await stop_offline(t, token=t.config.valid2)
    await outage.end(after=BACK_OFF - 0.5)
    await t.expect_status(3, "Available", evse_id=t.config.evse_id, connector_id=t.config.connector_id)
    require_local_stop(t, 3, await check_queue(t, 3))
