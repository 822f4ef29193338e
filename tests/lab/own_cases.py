"""Cases of our own, about what the official list does not look at; each is named after the mutant that it kills."""

import msgspec

from ohmstead.lab.cases import states, states_stopping
from ohmstead.lab.cases.case import Body, Case, State
from ohmstead.lab.cases.tester import Tester
from ohmstead.product.load import load
from ohmstead.product.profile import VariableSetting
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import MessageTriggerEnum
from tests.lab.tried import FIRST

CERTIFIED = load(FIRST)
SMALL = msgspec.structs.replace(
    CERTIFIED, variables={**CERTIFIED.variables, "AuthCacheCtrlr.Storage": VariableSetting(max=400)}
)
"""The certified product with an authorization cache that holds two tokens."""
SHORT = 10
"""Seconds of a MinimumStatusDuration."""
BEAT = 30
"""Seconds of a HeartbeatInterval."""
LEAST_WH = 50.0
"""Energy that a minute of charging is worth at least."""


async def brief_status(t: Tester) -> None:
    """A cable that is in for less than MinimumStatusDuration is not reported."""
    await t.hand.plug(t.config.evse_id, t.config.connector_id)
    await t.elapse(SHORT / 3)
    await t.hand.unplug(t.config.evse_id)
    await t.expect_none(1, wire.StatusNotificationRequest, 2 * SHORT)


async def queued_status(t: Tester) -> None:
    """With QueueAllMessages a status that has passed while offline is told all the same."""
    await t.disconnect()
    await t.hand.plug(t.config.evse_id, t.config.connector_id)
    await t.elapse(2)
    await t.hand.unplug(t.config.evse_id)
    await t.elapse(2)
    await t.reconnect()
    for status in ("Occupied", "Available"):
        await t.expect_status(1, status, evse_id=t.config.evse_id, connector_id=t.config.connector_id)


async def local_time(t: Tester) -> None:
    """The display shows the time of TimeZone: in Berlin one hour more, in winter."""
    await t.elapse(60)
    shown = " ".join(line for screen in await t.rig.screens() for line in screen.lines)
    hour = f"{(t.clock.now().hour + 1) % 24:02d}:"
    t.require(1, hour in shown, "display", f"a time of {hour}..", shown)


async def fixed_cable(t: Tester) -> None:
    """A connector whose cable is fixed has no lock."""
    request = wire.UnlockConnectorRequest(evse_id=t.config.evse_id, connector_id=t.config.connector_id)
    await t.call(request, step=1, status="UnlockFailed")


async def heartbeats(t: Tester) -> None:
    """One every HeartbeatInterval."""
    before = len(t.received(wire.HeartbeatRequest))
    await t.elapse(3 * BEAT + t.rig.tolerance)
    beats = len(t.received(wire.HeartbeatRequest)) - before
    t.require(1, beats == 3, "Heartbeats in three intervals", 3, beats)


async def _energy(t: Tester) -> float:
    evse = wire.EVSE(id=t.config.evse_id)
    trigger = wire.TriggerMessageRequest(requested_message=MessageTriggerEnum.MeterValues, evse=evse)
    await t.call(trigger, step=1, status="Accepted")
    message = await t.expect(2, wire.MeterValuesRequest, evse_id=t.config.evse_id)
    return message.meter_value[0].sampled_value[0].value


async def energy_flows(t: Tester) -> None:
    """The register grows while the car charges, by Wh."""
    first = await _energy(t)
    await t.elapse(60)
    charged = await _energy(t) - first
    t.require(3, charged >= LEAST_WH, "energy of a minute", f"{LEAST_WH:g} Wh or more", charged)


async def authorize_alone(t: Tester) -> None:
    """What AuthorizeResponse says is cached, also where the CSMS says nothing about the token later."""
    t.answer(wire.TransactionEventRequest, wire.TransactionEventResponse())
    await states.authorized(t, remote=False, cached=False)
    await states.energy_transfer_started(t)
    await states_stopping.stop_authorized(t, remote=False)
    await states_stopping.parking_bay_unoccupied(t)
    asked = len(t.received(wire.AuthorizeRequest))
    await states.authorized(t, remote=False, cached=True)
    t.require(1, len(t.received(wire.AuthorizeRequest)) == asked, "AuthorizeRequest", "none", "sent")
    t.allow(wire.TransactionEventRequest)


async def _pass_by(t: Tester, token: str, *, asked: bool) -> None:
    """Somebody shows a card, thinks again, and shows it once more."""
    before = len(t.received(wire.AuthorizeRequest))
    for _ in range(2):
        await t.hand.present(token, wire.IdTokenEnum.ISO14443.value)
        await t.elapse(1)
    questions = len(t.received(wire.AuthorizeRequest)) - before
    t.require(1, questions == int(asked), f"AuthorizeRequest for {token}", int(asked), questions)
    t.clear()


async def full_cache(t: Tester) -> None:
    """With LRU the third card drives out the one that was not seen for longest, not the oldest one."""
    for token, asked in (("04AA", True), ("04BB", True), ("04AA", False), ("04CC", True), ("04AA", False)):
        await _pass_by(t, token, asked=asked)


async def main_meter(t: Tester) -> None:
    """Our station has a main meter, and tells its clock-aligned values as those of EVSE 0."""
    await t.expect(1, wire.MeterValuesRequest, evse_id=0, within=BEAT)


def _case(number: int, title: str, body: Body, settings: dict[str, str], begin: State | None = None) -> Case:
    return Case(id=f"TC_X_{number:02d}_CS", title=title, body=body, settings=settings, begin=begin)


KILLERS = {
    "ignores-MinimumStatusDuration": _case(
        1, "A brief status", brief_status, {"OCPPCommCtrlr.MinimumStatusDuration": str(SHORT)}
    ),
    "ignores-QueueAllMessages": _case(2, "A queued status", queued_status, {"OCPPCommCtrlr.QueueAllMessages": "true"}),
    "ignores-TimeZone": _case(3, "Local time", local_time, {"ClockCtrlr.TimeZone": "Europe/Berlin"}),
    "unlocks-fixed-cables": _case(4, "A fixed cable", fixed_cable, {}),
    "never-beats": _case(5, "Heartbeats", heartbeats, {"OCPPCommCtrlr.HeartbeatInterval": str(BEAT)}),
    "energy-in-kwh": _case(6, "Energy flows", energy_flows, {}, states.energy_transfer_started),
    "energy-backwards": _case(7, "Energy flows on", energy_flows, {}, states.energy_transfer_started),
    "cache-forgets-authorize": _case(
        8,
        "AuthorizeResponse alone",
        authorize_alone,
        {"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.LocalPreAuthorize": "true"},
    ),
    "ignores-AuthCacheCtrlr.Policy": _case(
        9,
        "A full cache",
        full_cache,
        {
            "AuthCacheCtrlr.Enabled": "true",
            "AuthCtrlr.LocalPreAuthorize": "true",
            "AuthCacheCtrlr.Policy": "LRU",
        },
    ),
    "aligned-without-main-meter": _case(10, "The main meter", main_meter, {"AlignedDataCtrlr.Interval": "5"}),
}
"""Mutant -> the case."""
