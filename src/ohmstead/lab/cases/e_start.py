"""Block E: how transactions start, locally and from afar, at each start point."""

from ohmstead.lab.cases import states
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import PRESENT, differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.e_transactions import NOT_READY_AT_ONCE, PLUGGED_IN, STARTED_BY_TOKEN
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import ChargingStateEnum

ASKING = {"AuthCtrlr.Enabled": "true", "AuthCtrlr.DisableRemoteAuthorization": "false"}
LOCAL = ("C01.FR.02", "C02.FR.01", "C06.FR.02")
STARTED = ("E01.FR.07", "E01.FR.10", "E01.FR.15", "E01.FR.16")
TX_START_POINT = "TxCtrlr.TxStartPoint"


# Cable first, token first


@case(
    "TC_E_03_CS",
    "Local start: the cable first",
    requirements=(
        "E02.FR.01",
        "E02.FR.05",
        "E02.FR.06",
        "E02.FR.07",
        "E02.FR.13",
        "E02.FR.15",
        "E02.FR.16",
        "E02.FR.17",
        "E01.FR.16",
        *LOCAL,
    ),
    readings=(STARTED_BY_TOKEN,),
    settings=ASKING,
    begin=states.ev_connected_pre_session,
)
async def cable_first(t: Tester) -> None:
    """The EV is connected; a token lets it charge."""
    await _charge_locally(t)


@case(
    "TC_E_04_CS",
    "Local start: the token first",
    requirements=("E03.FR.01", "E03.FR.06", "E03.FR.12", "E01.FR.16", *LOCAL),
    readings=(PLUGGED_IN,),
    settings=ASKING,
    begin=states.parking_bay_occupied,
)
async def token_first(t: Tester) -> None:
    """A token is accepted; the EV that is connected then charges."""
    await _charge_locally(t)


async def _charge_locally(t: Tester) -> None:
    await states.authorized(t, remote=False)
    await states.energy_transfer_started(t)
    require_charging(t, 2)


def require_charging(t: Tester, step: int | str) -> None:
    """Fail unless a transaction runs, and has said that energy flows."""
    state = t.outlet().charging_state
    charges = t.outlet().running and state is ChargingStateEnum.Charging
    t.require(step, charges, "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


@case(
    "TC_E_52_CS",
    "Local start: no AuthorizeRequest where remote authorization is switched off",
    requirements=("C01.FR.02", "C01.FR.05"),
    settings={"AuthCtrlr.Enabled": "true", "AuthCtrlr.DisableRemoteAuthorization": "true"},
    begin=states.parking_bay_occupied,
)
async def no_remote_authorization(t: Tester) -> None:
    """An unknown token is refused without a question, and the EV does not charge (errata 6.2.48)."""
    token = t.config.valid
    await states.identified(t, token)
    await t.expect_none(1, wire.AuthorizeRequest, 5)
    if not states.keeps_cable(t):
        await states.ev_connected_pre_session(t)
    await no_energy(t, 3)
    t.require(1, not t.received(wire.AuthorizeRequest), "AuthorizeRequest", "none", "one")
    named = [event for event in t.received(wire.TransactionEventRequest) if event.id_token is not None]
    t.require(1, not named, "TransactionEventRequest.idToken", "nothing", "a token that nobody accepted")


async def no_energy(t: Tester, step: int | str) -> None:
    """Fail if energy flows within a time in which every EV would have begun to charge."""
    await t.expect_none(step, wire.TransactionEventRequest, 12, transaction_info__charging_state="Charging")


# Start points; each goes on until energy flows (errata 6.2.44)


@case(
    "TC_E_01_CS",
    "Start point PowerPathClosed",
    requirements=("E01.FR.05", *STARTED),
    settings={TX_START_POINT: "PowerPathClosed"},
    begin=states.authorized,
)
async def power_path_closed(t: Tester) -> None:
    """The token starts nothing; the cable does."""
    t.require("begin", not t.received(wire.TransactionEventRequest), "TransactionEventRequest", "none yet", "one")
    await states.ev_connected_pre_session(t)
    started = t.outlet().started
    t.require(1, started is not None, "TransactionEventRequest.eventType", "Started", "none")
    await states.energy_transfer_started(t)
    require_charging(t, 2)


@case(
    "TC_E_02_CS",
    "Start point EnergyTransfer",
    requirements=("E01.FR.06", *STARTED),
    settings={TX_START_POINT: "EnergyTransfer"},
    begin=states.authorized,
)
async def energy_transfer(t: Tester) -> None:
    """Neither the token nor the cable starts anything; energy that flows does."""
    outlet, token = t.outlet(), states.token_of(t)
    connector_id = t.config.connector_id
    t.require("begin", not t.received(wire.TransactionEventRequest), "TransactionEventRequest", "none yet", "one")
    await t.hand.plug(outlet.evse_id, connector_id)
    outlet.plugged = True
    await t.expect_status(1, "Occupied", evse_id=outlet.evse_id, connector_id=connector_id)
    await t.event(
        3,
        event_type="Started",
        trigger_reason="RemoteStart" if outlet.remote else one_of("ChargingStateChanged", "Authorized"),
        id_token__id_token=states.token_text(token),
        id_token__type=token.type,
        evse__id=outlet.evse_id,
        evse__connector_id=connector_id,
        transaction_info__charging_state="Charging",
    )


@case(
    "TC_E_09_CS",
    "Start point EVConnected",
    requirements=("E01.FR.02", *STARTED),
    settings={TX_START_POINT: "EVConnected"},
    begin=states.parking_bay_occupied,
)
async def ev_connected(t: Tester) -> None:
    """The cable starts the transaction; token and energy are news of it."""
    await states.ev_connected_pre_session(t)
    started = t.outlet().started
    t.require(3, started is not None, "TransactionEventRequest.eventType", "Started", "none")
    if started is not None:
        trigger, state = started.trigger_reason.value, started.transaction_info.charging_state
        field = "TransactionEventRequest.triggerReason"
        wanted = ("CablePluggedIn", "ChargingStateChanged")
        t.require(3, trigger in wanted, field, " or ".join(wanted), trigger)
        field = "TransactionEventRequest.transactionInfo.chargingState"
        t.require(3, state is ChargingStateEnum.EVConnected, field, "EVConnected", state)
    await states.authorized(t)
    await states.energy_transfer_started(t)
    require_charging(t, "3 (errata)")


@case(
    "TC_E_10_CS",
    "Start point Authorized, by a token",
    requirements=("E01.FR.03", *STARTED, *LOCAL),
    settings={TX_START_POINT: "Authorized", **ASKING},
)
async def authorized_locally(t: Tester) -> None:
    """The token starts the transaction; cable and energy are news of it.

    Where an EV in the bay starts one as well, nobody knows yet at which EVSE it is that of the token: no EV comes.
    """
    alone = not _bay_starts(t)
    await states.authorized(t, remote=False, arrives=alone)
    _require_started(t, 3, "Authorized")
    if alone or t.outlet().started_at is not None:
        await _connect_and_charge(t)
    else:
        t.allow(wire.TransactionEventRequest, trigger_reason="EVConnectTimeout")
        t.note("an EV in the bay would start another transaction: the case ends with the start")


@case(
    "TC_E_13_CS",
    "Start point Authorized, from afar",
    requirements=("E01.FR.03", "F01.FR.03", "F01.FR.04", "F01.FR.06", "F01.FR.19", "F02.FR.01"),
    settings={TX_START_POINT: "Authorized", **ASKING},
)
async def authorized_remotely(t: Tester) -> None:
    """The remote start begins the transaction; cable and energy are news of it."""
    await states.authorized(t, remote=True, arrives=not _bay_starts(t))
    started = _require_started(t, 5, "RemoteStart")
    remote_start_id = started.transaction_info.remote_start_id
    field = "TransactionEventRequest.transactionInfo.remoteStartId"
    t.require(5, PRESENT.holds(remote_start_id), field, PRESENT.words, remote_start_id)
    await _connect_and_charge(t)


def _bay_starts(t: Tester) -> bool:
    """Say whether an EV in the bay starts the transaction, which the token then could not."""
    return "ParkingBayOccupancy" in t.start_points


def _require_started(t: Tester, step: int, trigger: str) -> wire.TransactionEventRequest:
    started = t.outlet().started
    if started is None:
        t.fail(step, "TransactionEventRequest.eventType", "Started", "none")
        raise AssertionError("fail raises")
    got = started.trigger_reason.value
    t.require(step, got == trigger, "TransactionEventRequest.triggerReason", trigger, got)
    token = started.id_token
    wanted = states.token_of(t)
    same = token is not None and states.token_text(wanted).holds(token.id_token) and token.type is wanted.type
    t.require(step, same, "TransactionEventRequest.idToken", wanted.id_token, token)
    return started


async def _connect_and_charge(t: Tester) -> None:
    await states.ev_connected_pre_session(t)
    await states.energy_transfer_started(t)
    require_charging(t, "3 (errata)")


# An EV that is not ready


@case(
    "TC_E_38_CS",
    "Local start: the EV is not ready",
    requirements=("E03.FR.12", "E02.FR.17"),
    readings=(NOT_READY_AT_ONCE,),
    begin=states.authorized,
)
async def not_ready(t: Tester) -> None:
    """The transaction runs, and the station says that it is the EV that takes nothing."""
    outlet = t.outlet()
    await t.hand.suspend(outlet.evse_id)
    plugged = await states.plug(t, state="EVConnectedPreSession", ready=False)
    if plugged is not None and plugged.transaction_info.charging_state is ChargingStateEnum.SuspendedEV:
        told = await t.maybe_event(within=t.patience, trigger_reason="ChargingStateChanged")
        got = plugged.trigger_reason if told is None else told.trigger_reason
        either = one_of("CablePluggedIn", "RemoteStart", "ChargingStateChanged")
        wanted = differs(NOT_READY_AT_ONCE, specification=either, tool="ChargingStateChanged")
        t.compare(2, "TransactionEventRequest.triggerReason", got, wanted)
    else:
        await t.event(2, trigger_reason="ChargingStateChanged", transaction_info__charging_state="SuspendedEV")
    await no_energy(t, 2)
