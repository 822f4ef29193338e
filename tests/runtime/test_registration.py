"""Pending and Rejected: who may say what, and when the station asks again (B01, B02, B03)."""

import asyncio
from datetime import datetime
from itertools import pairwise

import pytest
from msgspec.structs import replace

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.raw_csms import NOW, RawCsms, Reply, error, result
from tests.runtime.site import Site, site

BOOT = "BootNotification"


def _boot(status: str, interval: int) -> str:
    return f'{{{NOW},"interval":{interval},"status":"{status}"}}'


async def _reboot(here: Site, status: str, interval: int) -> RawCsms:
    """Let the station boot at a CSMS that does not accept it."""
    csms = RawCsms(here)
    csms.replies[BOOT] = lambda identifier, _payload: result(identifier, _boot(status, interval))
    await here.hand.cut_power()
    await here.hand.restore_power()
    await csms.until(lambda: len(csms.of(BOOT)) == 1)
    await asyncio.sleep(0.1)
    return csms


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_the_station_asks_again_after_the_interval_and_is_silent_between(status: str) -> None:
    """B02.FR.02, B02.FR.04, B02.FR.08, B03.FR.02, B03.FR.06."""

    async def live() -> None:
        async with site() as here:
            await here.hand.plug(2)
            await asyncio.sleep(1)
            csms = await _reboot(here, status, 45)
            await here.hand.plug(1)
            await asyncio.sleep(45 * 4)
            times = [call.at for call in csms.calls]
            assert {call.action for call in csms.calls} == {BOOT}
            assert [round(later - earlier) for earlier, later in pairwise(times)] == [45] * 4

    run(live(), limit=3600)


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_interval_0_leaves_the_choice_to_the_station(status: str) -> None:
    """B02.FR.07, B03.FR.05: it does not flood the CSMS."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, status, 0)
            await asyncio.sleep(120)
            assert 2 <= len(csms.of(BOOT)) <= 13

    run(live(), limit=3600)


def test_after_accepted_everything_that_waited_is_told() -> None:
    """B01.FR.08: what an earlier run could not deliver goes after the acceptance, events in their order."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("TxCtrlr", "TxStartPoint", "EVConnected") == "Accepted"
            await here.hand.cut_network()
            await here.hand.plug(1)
            await asyncio.sleep(5)
            await here.hand.restore_network()
            csms = await _reboot(here, "Pending", 60)
            await asyncio.sleep(100)
            assert {call.action for call in csms.calls} == {BOOT}
            del csms.replies[BOOT]
            await csms.until(lambda: bool(csms.of("TransactionEvent")))
            await asyncio.sleep(5)
            actions = [call.action for call in csms.calls]
            assert actions.index("StatusNotification") > actions.index(BOOT)
            assert '"seqNo":0' in csms.of("TransactionEvent")[0].payload

    run(live(), limit=3600)


def test_pending_serves_what_configures_and_refuses_starts() -> None:
    """B02.FR.01, B02.FR.05."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, "Pending", 600)
            names = '"component":{"name":"TxCtrlr"},"variable":{"name":"EVConnectionTimeOut"}'
            got = await csms.ask(f'[2,"a","GetVariables",{{"getVariableData":[{{{names}}}]}}]')
            assert '"attributeStatus":"Accepted"' in got
            done = await csms.ask(f'[2,"b","SetVariables",{{"setVariableData":[{{"attributeValue":"99",{names}}}]}}]')
            assert '"attributeStatus":"Accepted"' in done
            token = '"idToken":{"idToken":"04A1","type":"ISO14443"}'
            start = await csms.ask(f'[2,"c","RequestStartTransaction",{{"remoteStartId":1,"evseId":1,{token}}}]')
            assert '"status":"Rejected"' in start
            stop = await csms.ask('[2,"d","RequestStopTransaction",{"transactionId":"t"}]')
            assert '"status":"Rejected"' in stop
            assert (await csms.ask('[2,"e","ClearCache",{}]')).startswith('[4,"e","SecurityError"')

    run(live(), limit=3600)


def test_pending_sends_what_it_is_asked_for() -> None:
    """B02.FR.02: a triggered message and a report may go, nothing else; a triggered boot comes before its time."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, "Pending", 600)
            assert '"Accepted"' in await csms.ask('[2,"a","TriggerMessage",{"requestedMessage":"Heartbeat"}]')
            await csms.until(lambda: len(csms.of("Heartbeat")) == 1, 5)
            await csms.ask('[2,"b","GetBaseReport",{"requestId":1,"reportBase":"ConfigurationInventory"}]')
            await csms.until(lambda: len(csms.of("NotifyReport")) > 0, 5)
            await csms.ask('[2,"c","TriggerMessage",{"requestedMessage":"BootNotification"}]')
            await csms.until(lambda: len(csms.of(BOOT)) == 2, 5)
            assert '"reason":"Triggered"' in csms.of(BOOT)[1].payload

    run(live(), limit=3600)


def test_rejected_refuses_every_call_and_keeps_the_connection() -> None:
    """B03.FR.08."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, "Rejected", 100)
            wanted = '{"component":{"name":"TxCtrlr"},"variable":{"name":"Enabled"}}'
            asked = {
                "GetVariables": f'{{"getVariableData":[{wanted}]}}',
                "TriggerMessage": '{"requestedMessage":"Heartbeat"}',
                "Reset": '{"type":"Immediate"}',
                "ClearCache": "{}",
            }
            for action, payload in asked.items():
                answer = await csms.ask(f'[2,"{action}","{action}",{payload}]')
                assert answer.startswith(f'[4,"{action}","SecurityError"')
            link = csms.link
            await asyncio.sleep(250)
            assert csms.link is link
            assert len(csms.of(BOOT)) == 3

    run(live(), limit=3600)


RARE = replace(load("sec1000-240y"), variables={"OCPPCommCtrlr.HeartbeatInterval": VariableSetting(min=600, max=1800)})
"""A product with no heartbeat more often than every ten minutes."""


@pytest.mark.parametrize(
    ("product", "asked", "used"), [(None, 0, None), (None, 60, 60), (None, 7200, 1800), (RARE, 0, 600), (RARE, 60, 600)]
)
def test_the_heartbeat_follows_the_interval_of_the_acceptance(
    product: Product | None, asked: int, used: int | None
) -> None:
    """B01.FR.04 with the limits of the certificate: 0 keeps the own one, beyond a limit the limit counts."""

    async def live() -> None:
        async with site(product=product) as here:

            def accept(_request: Request[Response]) -> Response:
                return wire.BootNotificationResponse(
                    current_time=here.clock.now(), interval=asked, status=wire.RegistrationStatusEnum.Accepted
                )

            here.csms.answers[wire.BootNotificationRequest] = accept
            station = here.host.station
            assert station is not None
            own = station.device.ocpp_comm.heartbeat_interval
            await here.hand.cut_power()
            await here.hand.restore_power()
            await here.csms.until(lambda: len(here.csms.of(wire.HeartbeatRequest)) == 1, 4000)
            begun = asyncio.get_running_loop().time()
            await here.csms.until(lambda: len(here.csms.of(wire.HeartbeatRequest)) == 2, 4000)
            assert round(asyncio.get_running_loop().time() - begun) == (used or own)

    run(live(), limit=10_000)


# Triggers


def _held() -> tuple[list[str], Reply]:
    """Return the ids of the BootNotifications that came, and a reply that leaves each without an answer."""
    held: list[str] = []

    def hold(identifier: str, _payload: str) -> None:
        held.append(identifier)

    return held, hold


TRIGGER = '[2,"%s","TriggerMessage",{"requestedMessage":"BootNotification"}]'
ANSWERS = {
    "Pending": lambda identifier: result(identifier, _boot("Pending", 600)),
    "Accepted": lambda identifier: result(identifier, _boot("Accepted", 600)),
    "CALLERROR": error,
    "silence": None,
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_boot_that_is_triggered_while_one_is_unanswered_is_sent_once_more(answer: str) -> None:
    """F06.FR.10: what was Accepted is sent, with the reason Triggered (B01.FR.09), whatever becomes of the first."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, "Pending", 600)
            held, csms.replies[BOOT] = _held()
            assert '"Accepted"' in await csms.ask(TRIGGER % "a")
            await csms.until(lambda: len(held) == 1, 5)
            assert '"Accepted"' in await csms.ask(TRIGGER % "b")
            reply = ANSWERS[answer]
            if reply is not None:
                await csms.send(reply(held[0]))
            await csms.until(lambda: len(held) == 2, 35)
            assert '"reason":"Triggered"' in csms.of(BOOT)[-1].payload
            await csms.send(result(held[1], _boot("Accepted", 600)))
            await asyncio.sleep(100)
            assert len(held) == 2

    run(live(), limit=3600)


@pytest.mark.parametrize("first", ["CALLERROR", "silence"])
def test_a_boot_that_is_triggered_after_one_that_failed_says_so(first: str) -> None:
    """B01.FR.09, F06.FR.10: at once, and with its own reason."""

    async def live() -> None:
        async with site() as here:
            csms = RawCsms(here)
            held, csms.replies[BOOT] = _held()
            await here.hand.cut_power()
            await here.hand.restore_power()
            await csms.until(lambda: len(held) == 1)
            if first == "CALLERROR":
                await csms.send(error(held[0]))
            else:
                await asyncio.sleep(31)
            await asyncio.sleep(5)
            asked = len(csms.of(BOOT))
            assert '"Accepted"' in await csms.ask(TRIGGER % "b")
            await csms.until(lambda: len(csms.of(BOOT)) == asked + 1, 1)
            assert '"reason":"Triggered"' in csms.of(BOOT)[-1].payload

    run(live(), limit=3600)


def test_a_first_boot_that_fails_is_sent_again_with_its_own_reason() -> None:
    async def live() -> None:
        async with site() as here:
            csms = RawCsms(here)
            csms.replies[BOOT] = lambda identifier, _payload: error(identifier)
            await here.hand.cut_power()
            await here.hand.restore_power()
            await csms.until(lambda: len(csms.of(BOOT)) == 3)
            assert all('"reason":"PowerUp"' in call.payload for call in csms.of(BOOT))

    run(live(), limit=3600)


def test_a_triggered_boot_survives_a_lost_link() -> None:
    """F06.FR.10: the link goes before the answer; the next one begins with what was promised."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, "Pending", 600)
            held, csms.replies[BOOT] = _held()
            await csms.ask(TRIGGER % "a")
            await csms.until(lambda: len(held) == 1, 5)
            await csms.ask(TRIGGER % "b")
            await csms.take_over()
            await csms.until(lambda: len(held) == 2, 60)
            assert '"reason":"Triggered"' in csms.of(BOOT)[-1].payload

    run(live(), limit=3600)


@pytest.mark.parametrize("interval", [300, 86_400])
def test_an_acceptance_that_could_not_be_taken_is_asked_for_again(
    interval: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B01.FR.04: the interval of an acceptance is that of the heartbeat, and no reason to stay unregistered so long."""
    taken = LoopClock.set
    broken = [True]

    def fails_once(clock: LoopClock, moment: datetime) -> None:
        if broken:
            broken.clear()
            raise OSError("the clock does not answer")
        taken(clock, moment)

    async def live() -> None:
        async with site() as here:
            monkeypatch.setattr(LoopClock, "set", fails_once)
            csms = await _reboot(here, "Accepted", interval)
            await csms.until(lambda: bool(csms.of("StatusNotification")), 120)
            assert len(csms.of(BOOT)) == 2

    run(live(), limit=3600)


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
@pytest.mark.parametrize("outage", [20, 3600])
def test_an_outage_is_part_of_the_interval(status: str, outage: int) -> None:
    """B02.FR.04, B03.FR.06: over another connection too the interval is waited out, and not begun anew."""

    async def live() -> None:
        async with site() as here:
            csms = await _reboot(here, status, 300)
            begun = asyncio.get_running_loop().time()
            await here.hand.cut_network()
            await asyncio.sleep(outage)
            await here.hand.restore_network()
            await csms.until(lambda: len(csms.of(BOOT)) == 2, 900)
            waited = csms.of(BOOT)[1].at - begun
            assert waited == pytest.approx(300, abs=1) if outage < 300 else outage < waited < outage + 200

    run(live(), limit=3 * 86_400)
