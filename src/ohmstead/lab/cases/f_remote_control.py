"""Block F: the CSMS starts and stops transactions from afar."""

from ohmstead.lab import states
from ohmstead.lab.case import case
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire

ASKING = {"AuthCtrlr.Enabled": "true", "AuthCtrlr.DisableRemoteAuthorization": "false"}
CONNECT_TIMEOUT = 12
"""EVConnectionTimeOut in seconds: more than three times the greatest tolerance of our own benches."""


async def remotely_authorized(t: Tester) -> None:
    """A remote start has been accepted for the configured EVSE."""
    await states.authorized(t, remote=True)


@case(
    "TC_F_01_CS",
    "Remote start after the cable",
    requirements=("F01.FR.03", "F01.FR.04", "F01.FR.05", "F01.FR.13", "F01.FR.17", "F01.FR.19", "F02.FR.01"),
    settings=ASKING,
    begin=states.ev_connected_pre_session,
)
async def start_after_cable(t: Tester) -> None:
    """A car that is plugged in charges once the CSMS asks for it."""
    await states.authorized(t, remote=True)
    await states.energy_transfer_started(t)
    _require_charging(t)


@case(
    "TC_F_02_CS",
    "Remote start before the cable, with authorization",
    requirements=("F02.FR.01", "F01.FR.01"),
    settings={**ASKING, "AuthCtrlr.AuthorizeRemoteStart": "true"},
    begin=states.parking_bay_occupied,
)
async def start_with_authorization(t: Tester) -> None:
    """The station checks the token of the request before it lets energy flow."""
    await states.authorized(t, remote=True)
    t.require("1", bool(t.received(wire.AuthorizeRequest)), "AuthorizeRequest", "sent", "not sent")
    await states.energy_transfer_started(t)
    _require_charging(t)


@case(
    "TC_F_03_CS",
    "Remote start before the cable, without authorization",
    requirements=("F02.FR.01", "F01.FR.02"),
    settings={**ASKING, "AuthCtrlr.AuthorizeRemoteStart": "false"},
    begin=states.parking_bay_occupied,
)
async def start_without_authorization(t: Tester) -> None:
    """The station takes the token of the request as it stands."""
    await states.authorized(t, remote=True)
    await states.energy_transfer_started(t)
    t.require("1", not t.received(wire.AuthorizeRequest), "AuthorizeRequest", "not sent", "sent")
    _require_charging(t)


def _require_charging(t: Tester) -> None:
    state = t.outlet().charging_state
    t.require("2", state == "Charging", "TransactionEventRequest.transactionInfo.chargingState", "Charging", state)


@case(
    "TC_F_04_CS",
    "Remote start, and no cable comes",
    requirements=("F02.FR.01", "E03.FR.01", "E03.FR.05"),
    settings={
        **ASKING,
        "TxCtrlr.TxStartPoint": "Authorized",
        "TxCtrlr.EVConnectionTimeOut": str(CONNECT_TIMEOUT),
    },
    begin=remotely_authorized,
)
async def no_cable(t: Tester) -> None:
    """The authorization ends with EVConnectionTimeOut, and the EVSE can be started again."""
    t.allow(wire.StatusNotificationRequest, connector_status="Available")
    started = t.received(wire.TransactionEventRequest)[0]
    event = await t.event(
        1,
        event_type="Ended",
        trigger_reason="EVConnectTimeout",
        transaction_info__stopped_reason="Timeout",
        within=CONNECT_TIMEOUT + t.bench.tolerance + 1,
    )
    waited = t.arrived(event).at - t.arrived(started).at
    t.require(
        "1",
        abs(waited - CONNECT_TIMEOUT) <= t.bench.tolerance,
        "seconds until EVConnectTimeout",
        f"{CONNECT_TIMEOUT} s within {t.bench.tolerance} s",
        round(waited, 2),
    )
    t.outlet().authorized = False
    await states.authorized(t, remote=True)


@case(
    "TC_F_08_CS",
    "Remote stop",
    requirements=("F03.FR.02", "F03.FR.03", "F03.FR.07", "F03.FR.09"),
    begin=states.energy_transfer_started,
)
async def stop(t: Tester) -> None:
    """A running transaction stops when the CSMS asks for it."""
    await states.stop_authorized(t, remote=True)


@case(
    "TC_F_09_CS",
    "Remote stop of a transaction that does not run",
    requirements=("F03.FR.08",),
    begin=states.energy_transfer_started,
)
async def stop_unknown(t: Tester) -> None:
    """Another id is Rejected, and what runs goes on."""
    other = f"not-{t.outlet().transaction_id}"[:36]
    await t.call(wire.RequestStopTransactionRequest(transaction_id=other), step=2, status="Rejected")
    await t.expect_none(2, wire.TransactionEventRequest, 2, trigger_reason="RemoteStop")
    _require_charging(t)
