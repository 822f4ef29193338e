"""Block P: vendor extensions."""

from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import ABSENT, Wanted, differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.p_data_transfer import ASKED_ATTRIBUTE, UNKNOWN_VENDOR
from ohmstead.wire import messages as wire
from ohmstead.wire.base import CustomData


@case(
    "TC_P_01_CS",
    "DataTransfer of an unknown vendor",
    requirements=("P01.FR.05", "P01.FR.06"),
    readings=(UNKNOWN_VENDOR,),
)
async def unknown_vendor(t: Tester) -> None:
    """Whatever a vendor sends to a station that knows no extensions is refused in good order."""
    by_text = one_of("UnknownVendorId", "UnknownMessageId", "Rejected")
    await t.call(
        wire.DataTransferRequest(vendor_id=t.config.vendor_id, message_id=t.config.message_id),
        step=2,
        status=differs(UNKNOWN_VENDOR, specification="UnknownVendorId", tool=by_text),
    )


@case(
    "TC_P_03_CS",
    "customData in SetVariables and GetVariables is taken and left alone",
    readings=(ASKED_ATTRIBUTE,),
)
async def custom_data(t: Tester) -> None:
    """Extension objects at every level of two requests change nothing."""
    extension = CustomData({"vendorId": t.config.vendor_id, "anything": {"nested": [1, "two", None]}})
    component = wire.Component(name="OCPPCommCtrlr", custom_data=extension)
    variable = wire.Variable(name="OfflineThreshold", custom_data=extension)
    setting = wire.SetVariableData(
        attribute_value="200",
        attribute_type=wire.AttributeEnum.Actual,
        component=component,
        variable=variable,
        custom_data=extension,
    )
    anything = Wanted("anything", lambda _: True)
    await t.call(
        wire.SetVariablesRequest(set_variable_data=(setting,), custom_data=extension),
        step=2,
        set_variable_result__0__attribute_status="Accepted",
        set_variable_result__0__attribute_type=differs(ASKED_ATTRIBUTE, specification="Actual", tool=anything),
    )
    or_none = one_of("Actual", None)
    asked = wire.GetVariableData(
        attribute_type=wire.AttributeEnum.Actual, component=component, variable=variable, custom_data=extension
    )
    await t.call(
        wire.GetVariablesRequest(get_variable_data=(asked,), custom_data=extension),
        step=4,
        get_variable_result__0__attribute_status="Accepted",
        get_variable_result__0__attribute_type=differs(ASKED_ATTRIBUTE, specification="Actual", tool=or_none),
        get_variable_result__0__attribute_value="200",
        get_variable_result__1=ABSENT,
    )
