"""Block E: a token was accepted, and nobody connects an EV."""

from math import ceil

from ohmstead.lab.cases import states, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.e_start import ASKING, LOCAL, no_energy, require_charging
from ohmstead.lab.cases.runner import configure
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.e_transactions import CABLE_TIMEOUT, PLUGGED_IN
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import TransactionEventEnum

TIMEOUT = "TxCtrlr.EVConnectionTimeOut"
VISIBLE = frozenset({"Authorized", "ParkingBayOccupancy"})
"""Start points at which a transaction runs before the cable is in, so that its end can be seen."""


async def _prepare(t: Tester) -> int:
    """Set a short timeout, and points at which the transaction starts and stops with the token; returns the timeout.

    Without Authorized among the stop points E_05 and the specification (E03.FR.05) pull apart. A product that does not
    have it keeps its start points, at most of which there is no transaction yet that a timeout could end.
    """
    if "Authorized" in t.product.stop_points and "Authorized" not in t.stop_points:
        await configure(t, {"TxCtrlr.TxStopPoint": ",".join(["Authorized", *sorted(t.stop_points)])})
    if "Authorized" in t.stop_points and not t.start_points & VISIBLE:
        await t.try_set("TxCtrlr.TxStartPoint", "Authorized")
    seconds = max(5, ceil(3 * t.rig.tolerance + 4 * t.delay))
    await configure(t, {TIMEOUT: str(seconds)})
    return seconds


def _granted(t: Tester) -> float:
    """Return when the station was told that the token is accepted, seconds of the loop; now, if it did not ask."""
    asked = t.received(wire.AuthorizeRequest)
    return t.answered(asked[-1]) if asked else t.now()


async def _time_out(t: Tester, seconds: int, granted: float, kind: object = "Ended") -> None:
    """The transaction ends when its time is over (E03.FR.05); one that has not started is silent.

    Args:
        t: the tester.
        seconds: the timeout.
        granted: when the token was accepted, seconds of the loop.
        kind: eventType that is wanted.
    """
    t.allow_status("Available")
    if not t.outlet().running:
        await t.elapse(granted + seconds + t.settle - t.now())
        t.rules.forget_authorization()
        return
    left = granted + seconds + t.rig.tolerance + 1 - t.now()
    event = await t.event(1, within=left, trigger_reason="EVConnectTimeout")
    waited = t.arrived(event).at - granted
    wanted = f"{seconds} s after the token, within {t.rig.tolerance:g} s"
    t.require(
        1,
        abs(waited - seconds) <= t.rig.tolerance,
        "TransactionEventRequest: seconds until EVConnectTimeout",
        wanted,
        f"{waited:.1f} s",
    )
    t.compare(1, "TransactionEventRequest.eventType", event.event_type, kind)
    if event.event_type is TransactionEventEnum.Updated:
        return
    reason = event.transaction_info.stopped_reason
    field = "TransactionEventRequest.transactionInfo.stoppedReason"
    t.require(1, reason is wire.ReasonEnum.Timeout, field, "Timeout", reason)


@case(
    "TC_E_05_CS",
    "Local start: the token first, and no cable in time",
    requirements=("E03.FR.01", "E03.FR.05", "E03.FR.06", "E03.FR.12", *LOCAL),
    settings={**ASKING, "AuthCacheCtrlr.Enabled": "false"},
)
async def ready_again(t: Tester) -> None:
    """After the timeout the place takes the token anew, and charges."""
    seconds = await _prepare(t)
    await states.authorized(t, remote=False)
    outlet = t.outlet()
    # Without that stop point the transaction should end (E03.FR.05), and the text wants it to go on.
    ends = "Ended" if "Authorized" in t.stop_points else one_of("Ended", "Updated")
    await _time_out(t, seconds, _granted(t), ends)
    outlet.authorized = False
    # A transaction takes the token that it had (C01.FR.23), and nobody can show a ticket that the station makes again.
    another = outlet.running and t.config.valid.type is wire.IdTokenEnum.Local
    if outlet.bay and (another or (outlet.ended and "ParkingBayOccupancy" in t.start_points)):
        # What starts a transaction there has to happen anew.
        await t.hand.leave(outlet.evse_id)
        await states_stopping.check_left(t)
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    require_charging(t, 4)


@case(
    "TC_E_39_CS",
    "Stop point Authorized: no cable in time",
    requirements=("E06.FR.04", "E06.FR.15", "E03.FR.05"),
    readings=(CABLE_TIMEOUT, PLUGGED_IN),
    settings=ASKING,
)
async def no_energy_after_timeout(t: Tester) -> None:
    """An EV that is connected too late does not charge.

    The text wants Ended of what it sends then; where EVConnected starts transactions it is the Started of a new one.
    """
    seconds = await _prepare(t)
    await states.authorized(t)
    by_text = one_of("Updated", "Ended") if "ParkingBayOccupancy" in t.start_points else "Ended"
    await _time_out(t, seconds, _granted(t), differs(CABLE_TIMEOUT, specification="Ended", tool=by_text))
    outlet = t.outlet()
    outlet.authorized = outlet.remote = False
    if states.keeps_cable(t):
        t.note("the cable is locked in its holder again (AQ-2): no EV can be connected too late")
        return
    await states.plug(t, state="3")
    event = outlet.last
    if event is not None and outlet.running:
        either = one_of("CablePluggedIn", "ChargingStateChanged")
        trigger = differs(PLUGGED_IN, specification=either, tool="CablePluggedIn")
        t.compare(5, "TransactionEventRequest.triggerReason", event.trigger_reason, trigger)
    await no_energy(t, 5)
