"""What a driver waits for goes first, and what the CSMS leaves without an answer is bounded."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from tests.runtime.raw_csms import RawCsms, error, result, taken_over
from tests.runtime.site import Site, site

REPORT = '[2,"%s","GetBaseReport",{"requestId":%d,"reportBase":"FullInventory"}]'
TOKEN = '"idToken":{"idToken":"04A1","type":"ISO14443"}'
ASKED = {
    "GetBaseReport": ('{"requestId":%d,"reportBase":"FullInventory"}', "NotifyReport"),
    "GetReport": ('{"requestId":%d,"componentCriteria":["Available"]}', "NotifyReport"),
    "CustomerInformation": (f'{{"requestId":%d,"report":true,"clear":false,{TOKEN}}}', "NotifyCustomerInformation"),
    "GetLog": (
        '{"requestId":%d,"logType":"DiagnosticsLog","log":{"remoteLocation":"https://nowhere.example/"}}',
        "LogStatusNotification",
    ),
    "MeterValues": ('{"requestedMessage":"MeterValues","customData":{"vendorId":"%d"}}', "MeterValues"),
    "Heartbeat": ('{"requestedMessage":"Heartbeat","customData":{"vendorId":"%d"}}', "Heartbeat"),
    "LogStatusNotification": (
        '{"requestedMessage":"LogStatusNotification","customData":{"vendorId":"%d"}}',
        "LogStatusNotification",
    ),
    "StatusNotification": (
        '{"requestedMessage":"StatusNotification","evse":{"id":1,"connectorId":1},"customData":{"vendorId":"%d"}}',
        "StatusNotification",
    ),
}
"""What can be asked for -> its payload, and the message that comes of it."""


async def _ask(csms: RawCsms, kind: str, number: int) -> str:
    payload = ASKED[kind][0] % number
    action = "TriggerMessage" if "requestedMessage" in payload else kind
    return await csms.ask(f'[2,"q{number}","{action}",{payload}]')


async def _charges(here: Site, csms: RawCsms) -> float:
    """Plug in and show a card; return the seconds until the card was asked about."""
    await here.hand.plug(1)
    shown = asyncio.get_running_loop().time()
    await here.hand.present("04A1B2C3")
    await csms.until(lambda: bool(csms.of("Authorize")))
    asked = csms.of("Authorize")[-1].at - shown
    await csms.until(lambda: bool(csms.of("TransactionEvent")), 60)
    await asyncio.sleep(20)
    assert here.simulator.state(1).supply is Supply.Delivering
    return asked


@pytest.mark.parametrize("times", [1, 20])
@pytest.mark.parametrize("kind", ASKED)
def test_a_card_waits_for_one_call_at_most(kind: str, times: int) -> None:
    """The one that is out already; then Authorize goes, and the event of the start before any report."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            told = ASKED[kind][1]
            csms.replies[told] = lambda _identifier, _payload: None
            answers = [await _ask(csms, kind, number) for number in range(times)]
            assert all(answer.startswith("[3,") for answer in answers)
            await asyncio.sleep(1)
            assert csms.of(told)
            assert await _charges(here, csms) <= 30.1
            between = csms.calls[
                csms.calls.index(csms.of("Authorize")[0]) : csms.calls.index(csms.of("TransactionEvent")[0])
            ]
            assert not {call.action for call in between} & {"NotifyReport", "NotifyCustomerInformation"}

    run(live(), limit=7200)


@pytest.mark.parametrize("kind", ["GetBaseReport", "GetReport", "CustomerInformation"])
def test_reports_beyond_the_bound_are_rejected_with_a_reason_and_the_others_come(kind: str) -> None:
    """B07.FR.13, B08.FR.16: temporarily unable to report is Rejected, and once the others are told it is able again."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            told = ASKED[kind][1]
            csms.replies[told] = lambda _identifier, _payload: None
            answers = [await _ask(csms, kind, number) for number in range(20)]
            taken = [number for number, answer in enumerate(answers) if '"Accepted"' in answer]
            assert 0 < len(taken) < 20
            assert all("additionalInfo" in answer for answer in answers[len(taken) :])
            assert all('"status":"Rejected"' in answer for answer in answers[len(taken) :])
            del csms.replies[told]
            await asyncio.sleep(300)
            ended = {
                number
                for number in taken
                if any(f'"requestId":{number},' in f"{call.payload[:-1]}," for call in csms.of(told))
            }
            assert ended == set(taken)
            assert '"Accepted"' in await _ask(csms, kind, 99)

    run(live(), limit=7200)


@pytest.mark.parametrize("failures", [1, 2])
@pytest.mark.parametrize("kind", ["GetBaseReport", "CustomerInformation", "StatusNotification", "MeterValues"])
def test_what_gets_a_callerror_is_sent_once_more(kind: str, failures: int) -> None:
    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            told = ASKED[kind][1]
            left = [failures]

            def reply(identifier: str, _payload: str) -> str:
                left[0] -= 1
                return error(identifier) if left[0] >= 0 else result(identifier)

            await asyncio.sleep(5)
            csms.calls.clear()
            csms.replies[told] = reply
            await _ask(csms, kind, 1)
            await asyncio.sleep(20)
            sent = [call.payload for call in csms.of(told)]
            assert sent[0] == sent[1]
            assert sent.count(sent[0]) == 2
            if kind == "GetBaseReport":
                assert '"tbc":true' not in sent[-1], "the end of the report is told"

    run(live(), limit=3600)


@pytest.mark.parametrize("cut", ["network", "power"])
def test_a_report_outlives_link_and_power(cut: str) -> None:
    """What was accepted is told to its end."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            csms.replies["NotifyReport"] = lambda _identifier, _payload: None
            await csms.ask(REPORT % ("r", 7))
            await csms.until(lambda: bool(csms.of("NotifyReport")), 10)
            del csms.replies["NotifyReport"]
            csms.calls.clear()
            if cut == "network":
                await here.hand.cut_network()
                await here.hand.restore_network()
            else:
                await here.hand.cut_power()
                await here.hand.restore_power()
            await csms.until(lambda: any('"tbc":true' not in call.payload for call in csms.of("NotifyReport")), 300)
            parts = [call.payload for call in csms.of("NotifyReport")]
            assert '"seqNo":0' in parts[0]
            assert all('"requestId":7' in part for part in parts)
            assert len(set(parts)) == len(parts)

    run(live(), limit=3600)


def test_cancelled_timers_are_forgotten() -> None:
    """A day of sessions leaves no more timers than it found."""

    async def live() -> None:
        async with site() as here:
            assert here.host.station is not None
            await asyncio.sleep(60)
            before = here.host.station.work.timers
            for _ in range(40):
                await here.hand.plug(1)
                await here.hand.present("04A1B2C3")
                await asyncio.sleep(300)
                await here.hand.present("04A1B2C3")
                await here.hand.unplug(1)
                await asyncio.sleep(60)
            assert here.host.station.work.timers <= before + 3

    run(live(), limit=100_000)


@pytest.mark.parametrize("kind", ["silence", "a CALLERROR without a word"])
def test_every_failure_says_why(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """No line of the log ends where its reason should stand."""

    async def live() -> None:
        async with site() as here:
            csms = await taken_over(here)
            for action in ("Authorize", "TransactionEvent", "StatusNotification", "Heartbeat", "NotifyReport"):
                csms.replies[action] = lambda identifier, _payload: (
                    None if kind == "silence" else f'[4,"{identifier}","GenericError","",{{}}]'
                )
            await _ask(csms, "GetBaseReport", 1)
            await _ask(csms, "Heartbeat", 2)
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(100)
            await here.hand.plug(1)
            await asyncio.sleep(100)
            here.csms.instead = None
            await here.hand.reboot()
            await asyncio.sleep(60)

    run(live(), limit=7200)
    lines = [record.getMessage() for record in caplog.records]
    assert any("no response in time" in line or "GenericError" in line for line in lines)
    assert [line for line in lines if line.rstrip().endswith((":", "None"))] == []
