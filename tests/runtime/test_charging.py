"""A charge from end to end in memory: every order of card and cable, every way to stop."""

import asyncio

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.runtime.site import said, site


def test_card_then_cable_then_card() -> None:
    """E03, E07: the transaction starts with the closed power path and ends with the same card."""

    async def charge() -> None:
        async with site() as here:
            await here.hand.present("04A1B2C3")
            await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)))
            await asyncio.sleep(1)
            await here.hand.plug(1)
            await here.csms.until(lambda: len(here.csms.events) >= 2)
            await asyncio.sleep(100)
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(1)
            await here.hand.unplug(1)
            await asyncio.sleep(1)
            events = here.csms.events
            assert [said(event) for event in events if event.trigger_reason != "MeterValuePeriodic"] == [
                ("Started", "CablePluggedIn", "EVConnected"),
                ("Updated", "ChargingStateChanged", "Charging"),
                ("Ended", "StopAuthorized", "EVConnected"),
            ]
            assert [event.seq_no for event in events] == list(range(len(events)))
            statuses = [status.connector_status for status in here.csms.of(wire.StatusNotificationRequest)]
            assert statuses == ["Occupied", "Available"]

    run(charge(), limit=3600)
