"""Block B: the report of how the station is."""

from ohmstead.lab.readings.b_summary import ONLY_THE_CONDITION
from ohmstead.model.device import reports
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _full(_right: object, *arguments: object) -> object:
    """Tell everything."""
    return reports.full(*arguments)  # type: ignore[arg-type]


SHOWN = (
    Shown(
        reading=ONLY_THE_CONDITION,
        case="TC_B_14_CS",
        mutate=lambda: replaced(reports, "summary", _full),
        fails="specification",
        product="flagship",
    ),
)
