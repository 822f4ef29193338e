"""Block A: a certificate that does not come."""

import asyncio
from collections.abc import Callable
from typing import Any

from ohmstead.blocks.a_certificates import ACertificates
from ohmstead.lab.readings.a_overdue import ASKED_IN_TIME, ASKED_NO_MORE
from ohmstead.model.device import SecurityCtrlr
from tests.lab.mutation import replaced
from tests.lab.shown import Shown
from tests.lab.wrongs import ignored

LATE = 3.0
"""Seconds, which is more than half of the wait that is looked at."""


async def _late(right: Callable[..., Any], self: ACertificates) -> bool:
    if self._repeats:
        await asyncio.sleep(LATE)
    return bool(await right(self))


SHOWN = (
    Shown(
        reading=ASKED_IN_TIME,
        case="TC_A_23_CS",
        mutate=lambda: replaced(ACertificates, "_request", _late),
        fails="specification",
        product="flagship",
    ),
    Shown(
        reading=ASKED_NO_MORE,
        case="TC_A_23_CS",
        mutate=ignored(SecurityCtrlr.cert_signing_repeat_times, 2),
        fails="specification",
        product="flagship",
    ),
)
