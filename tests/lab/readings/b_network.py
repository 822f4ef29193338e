"""Block B: network connection profiles, and the way back to the CSMS."""

from collections.abc import Callable, Iterator
from typing import Any

from ohmstead.lab.readings.b_network import AFTER_ALL_ATTEMPTS, BACK_OFF
from ohmstead.model import network
from ohmstead.model.network import Slot
from ohmstead.runtime import route
from ohmstead.runtime.backoff import BackOff
from tests.lab.mutation import replaced, set_to
from tests.lab.shown import Shown


def _all_again(slots: Any, attempts: Any, fallback: Slot | None, patience: Any) -> Iterator[Slot]:
    """After the last slot the first one follows."""
    del fallback
    return network.walk(slots, attempts, None, patience)


def _twice(right: Callable[[BackOff], float], self: BackOff) -> float:
    return 2 * right(self)


_LONG = [
    Shown(reading=BACK_OFF, case=case, mutate=lambda: replaced(BackOff, "next", _twice), fails="specification")
    for case in ("TC_B_49_CS", "TC_B_57_CS")
]
SHOWN = (
    *_LONG,
    Shown(
        reading=AFTER_ALL_ATTEMPTS,
        case="TC_B_49_CS",
        mutate=lambda: set_to(route, "walk", _all_again),
        fails="tool",
    ),
)
