"""Block B: the report of how the station is, where it has one (B07, C-56)."""

from collections.abc import Iterator

from ohmstead.lab.cases import inventory
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import Wanted, differs, one_of
from ohmstead.lab.cases.keys import spelled
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.b_summary import ONLY_THE_CONDITION
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import AttributeEnum, MutabilityEnum, ReportBaseEnum

AVAILABILITY = "AvailabilityState"


@case(
    "TC_B_14_CS",
    "A report of how the station is",
    requirements=("B07.FR.01", "B07.FR.03", "B07.FR.04", "B07.FR.09", "B07.FR.10"),
    readings=(ONLY_THE_CONDITION,),
)
async def summary_inventory(t: Tester) -> None:
    """It says of the station, each EVSE and each connector that it is available, and nothing of settings."""
    report = await inventory.receive(t, ReportBaseEnum.SummaryInventory)
    names = [inventory.name_of(data) for data in report]
    twice = sorted({name for name in names if names.count(name) > 1})
    t.require(3, not twice, "NotifyReportRequest.reportData", "each variable once", ", ".join(twice))
    found = {
        name: _actual(data)
        for name, data in zip(names, report, strict=True)
        if spelled(data.variable.name) == AVAILABILITY
    }
    for place, may_be_left_out in _places(t):
        # A connector that is left out is as its EVSE is.
        wanted = one_of("Available", None) if may_be_left_out else "Available"
        t.compare(
            3,
            f"NotifyReportRequest: {place}.{AVAILABILITY}",
            found.get(f"{place}.{AVAILABILITY}"),
            wanted,
        )
    settings = ", ".join(name for name, data in zip(names, report, strict=True) if _is_setting(data)) or None
    t.compare(
        3,
        "NotifyReportRequest.reportData: settings in it",
        settings,
        differs(ONLY_THE_CONDITION, specification=None, tool=Wanted("anything", lambda _: True)),
    )


def _places(t: Tester) -> Iterator[tuple[str, bool]]:
    yield "ChargingStation", False
    for evse in t.product.evses:
        yield f"EVSE#{evse.id}", False
        for connector in evse.connectors:
            yield f"Connector#{evse.id}/{connector.id}", True


def _actual(data: wire.ReportData) -> str | None:
    values = [one.value for one in data.variable_attribute if one.type in (None, AttributeEnum.Actual)]
    return values[0] if values else None


def _is_setting(data: wire.ReportData) -> bool:
    """A controller can be in trouble too, but what the CSMS sets there is not how the station is."""
    writable = any(one.mutability is not MutabilityEnum.ReadOnly for one in data.variable_attribute)
    return writable and data.component.name.lower().endswith("ctrlr")
