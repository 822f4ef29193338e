"""Clock-aligned values on a clock that goes on between two looks at it, as real ones do."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.runtime.site import START, site

INTERVAL = 60


class GoesOn(LoopClock):
    """Each look comes some microseconds after the one before; a timer may strike before its time by this clock."""

    def __init__(self) -> None:
        super().__init__(START)
        self._looks = 0

    def now(self) -> datetime:
        """Return the moment, up to 300 us early."""
        self._looks += 1
        return super().now() - timedelta(microseconds=300 - 100 * (self._looks % 4))


def test_no_aligned_instant_is_left_out() -> None:
    """J01.FR.14, though the instant lies between two looks at the clock."""

    async def live() -> None:
        async with site() as here:
            here.clock = GoesOn()
            await here.hand.reboot()
            await asyncio.sleep(60)
            assert await here.set("AlignedDataCtrlr", "Interval", str(INTERVAL)) == "Accepted"
            here.csms.received.clear()
            await asyncio.sleep(100 * INTERVAL)
            values = [value for value in here.csms.of(wire.MeterValuesRequest) if value.evse_id == 0]
            stamps = [value.meter_value[0].timestamp for value in values]
            assert len(stamps) >= 99
            assert {(after - before).total_seconds() for before, after in pairwise(stamps)} == {INTERVAL}

    run(live(), limit=4 * 3600)
