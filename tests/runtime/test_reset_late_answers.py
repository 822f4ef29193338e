"""A station that leaves waits for the answers that are under way, and not for a CSMS that gives none."""

import asyncio

from ohmstead.edge.virtual_time import run
from tests.runtime.raw_csms import RawCsms, result, taken_over
from tests.runtime.site import Site, site

TIMEOUT = 30
"""MessageTimeout of the site, seconds."""
RESET = '[2,"reset","Reset",{"type":"Immediate"}]'


async def _charging(here: Site) -> RawCsms:
    await here.hand.plug(1)
    await here.hand.present("04A1B2C3")
    await here.csms.until(lambda: any(e.transaction_info.charging_state == "Charging" for e in here.csms.events))
    return await taken_over(here)


def _ended(csms: RawCsms) -> list[str]:
    return [call.id for call in csms.of("TransactionEvent") if '"Ended"' in call.payload]


def test_ended_is_not_sent_twice_where_the_answer_is_late() -> None:
    """The answer comes after twenty seconds of thirty: the reboot waits for it (B12.FR.04)."""

    async def scenario() -> None:
        async with site() as here:
            csms = await _charging(here)
            csms.replies["TransactionEvent"] = lambda _id, _payload: None
            await csms.ask(RESET)
            await csms.until(lambda: bool(_ended(csms)))
            await asyncio.sleep(20)
            assert csms.of("BootNotification") == []
            del csms.replies["TransactionEvent"]
            await csms.send(result(_ended(csms)[0]))
            await csms.until(lambda: bool(csms.of("BootNotification")))
            await asyncio.sleep(60)
            assert len(_ended(csms)) == 1

    run(scenario(), limit=3600)


def test_a_csms_that_gives_no_answer_holds_up_nobody() -> None:
    """One MessageTimeout, then the station reboots; Ended comes in its next run."""

    async def scenario() -> None:
        async with site() as here:
            csms = await _charging(here)
            csms.replies["TransactionEvent"] = lambda _id, _payload: None
            asked = asyncio.get_running_loop().time()
            await csms.ask(RESET)
            await csms.until(lambda: bool(csms.of("BootNotification")))
            assert csms.of("BootNotification")[0].at - asked < 2 * TIMEOUT
            del csms.replies["TransactionEvent"]
            await asyncio.sleep(60)
            assert len(set(_ended(csms))) == 1
            assert len(_ended(csms)) > 1

    run(scenario(), limit=3600)
