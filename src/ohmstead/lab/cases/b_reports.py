"""Block B: base reports of the device model (B07)."""

from ohmstead.lab.cases import inventory
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of, value_of
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.b_variables import REASON_CODE
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import MutabilityEnum, ReportBaseEnum

REPORT = ("B07.FR.01", "B07.FR.03", "B07.FR.04", "B07.FR.10", "B07.FR.12")


@case("TC_B_12_CS", "A report of what can be set", requirements=(*REPORT, "B07.FR.07"))
async def configuration_inventory(t: Tester) -> None:
    """Every variable in it can be set, and every required one that can be set is in it."""
    report = await inventory.receive(t, ReportBaseEnum.ConfigurationInventory)
    for data in report:
        for attribute in data.variable_attribute:
            mutability = attribute.mutability or MutabilityEnum.ReadWrite
            t.require(
                3,
                mutability is not MutabilityEnum.ReadOnly,
                f"NotifyReportRequest: {inventory.name_of(data)} mutability",
                "ReadWrite or WriteOnly",
                mutability.value,
            )
    inventory.check_required(t, report, 3, writable=True)


@case("TC_B_13_CS", "A report of everything", requirements=(*REPORT, "B07.FR.08"))
async def full_inventory(t: Tester) -> None:
    """Every required variable is in it, with its characteristics."""
    inventory.check_required(t, await inventory.receive(t, ReportBaseEnum.FullInventory), 3)


@case(
    "TC_B_15_CS",
    "A report that the station does not have",
    requirements=("B07.FR.02", "B07.FR.05"),
    readings=(REASON_CODE,),
)
async def no_summary_inventory(t: Tester) -> None:
    """NotSupported, and no report follows."""
    response = await t.call(
        wire.GetBaseReportRequest(request_id=t.next_id(), report_base=ReportBaseEnum.SummaryInventory),
        step=2,
        status="NotSupported",
    )
    reason = differs(REASON_CODE, specification=ANYTHING, tool=one_of("UnsupportedParam", None))
    got = value_of(response, "status_info__reason_code")
    t.compare(2, "GetBaseReportResponse.statusInfo.reasonCode", got, reason)
    await t.expect_none(3, wire.NotifyReportRequest, 5)


@case(
    "TC_B_53_CS",
    "The device model has what it must have, and says what it is",
    requirements=("B07.FR.03", "B07.FR.08", "B07.FR.10", "B07.FR.11"),
)
async def device_model(t: Tester) -> None:
    """Required variables, their types and mutability, lists within their values, values where they can be read."""
    report = await inventory.receive(t, ReportBaseEnum.FullInventory)
    inventory.check_required(t, report, 3)
    for data in report:
        inventory.check_standard(t, data, 3)
        inventory.check_values(t, data, 3)
