"""Whatever a station leaves out, a case comes to a verdict of its own: the lab does not break."""

import msgspec
import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.inventory import standards
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.product.load import load
from ohmstead.product.profile import VariableSetting
from ohmstead.wire.actions import ACTIONS
from ohmstead.wire.base import Payload
from ohmstead.wire.errors import ErrorCode
from tests.generators import sample
from tests.lab.other_words import bare, field_changed, field_removed, refuses, says, without
from tests.lab.wrongs import Wrong

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")

PRODUCT = load("flagship")
CASES = [case for case in sorted(load_cases()) if select(case, PRODUCT).applies]
SENT = (
    *("Authorize", "BootNotification", "FirmwareStatusNotification", "Heartbeat", "LogStatusNotification"),
    *("MeterValues", "NotifyCustomerInformation", "NotifyReport", "SecurityEventNotification", "SignCertificate"),
    *("StatusNotification", "TransactionEvent", "DataTransfer"),
)
ASKED = (
    *("CertificateSigned", "ChangeAvailability", "ClearCache", "CustomerInformation", "DataTransfer"),
    *("DeleteCertificate", "GetBaseReport", "GetInstalledCertificateIds", "GetLog", "GetTransactionStatus"),
    *("GetVariables", "InstallCertificate", "RequestStartTransaction", "RequestStopTransaction", "Reset"),
    *("SetNetworkProfile", "SetVariables", "TriggerMessage", "UnlockConnector", "UpdateFirmware"),
)
OPTIONAL = (
    *("chargingState", "connectorId", "evse", "filename", "idToken", "meterValue", "measurand", "context", "offline"),
    *("certificateHashDataChain", "reportData", "requestId", "stoppedReason", "tbc", "transactionId", "remoteStartId"),
    *("valuesList", "variableCharacteristics", "ongoingIndicator", "serialNumber", "firmwareVersion"),
)
VALUES = ("attributeValue", "value", "actualValue")


def _silent(action: str) -> Wrong:
    return lambda: says(without(action))


def _refusing(action: str) -> Wrong:
    return lambda: refuses(action, ErrorCode.InternalError)


def _bare(kind: type[Payload]) -> Wrong:
    return lambda: bare(kind)


def _lacking(name: str) -> Wrong:
    return lambda: says(field_removed(name))


def _valued(name: str, text: str) -> Wrong:
    return lambda: says(field_changed(name, lambda value: text if isinstance(value, str) else value))


STATIONS: dict[str, Wrong] = {
    **{f"never sends {action}": _silent(action) for action in SENT},
    **{f"refuses {action}": _refusing(action) for action in ASKED},
    **{f"bare {action}": _bare(ACTIONS[action][0]) for action in SENT},
    **{f"bare answers to {action}": _bare(ACTIONS[action][1]) for action in ASKED},
    **{f"no {name}": _lacking(name) for name in OPTIONAL},
    **{f"{name} {text!r}": _valued(name, text) for name in VALUES for text in ("", "no number")},
}


def _spread(names: list[str]) -> list[tuple[str, str]]:
    """Each name with every fifth case, each time from another one on."""
    return [(name, case) for turn, name in enumerate(names) for case in CASES[turn % 5 :: 5]]


FOUND = [("attributeValue 'no number'", "TC_E_51_CS"), ("never sends StatusNotification", "TC_B_25_CS")]
"""Where the lab broke once."""


@pytest.mark.parametrize(
    ("name", "case"), list(dict.fromkeys([*FOUND, *sample(_spread(list(STATIONS)), 80, "never")])), ids=str
)
def test_a_station_that_leaves_something_out(name: str, case: str) -> None:
    """PASS, FAIL, or INCONCLUSIVE for a reason."""
    result = run_in_memory(load_cases()[case], PRODUCT, LabConfig(), mutate=STATIONS[name])
    assert "the lab broke" not in result.reason


VARIABLES = [
    f"{one.component}.{one.variable}" + (f"[{one.instance}]" if one.instance else "")
    for one in standards()
    if one.component not in ("EVSE", "Connector")
]


@pytest.mark.parametrize(("key", "case"), sample(_spread(VARIABLES), 40, "absent"), ids=str)
def test_a_station_without_a_variable(key: str, case: str) -> None:
    """Asked for it, it answers UnknownVariable."""
    product = msgspec.structs.replace(PRODUCT, variables={**PRODUCT.variables, key: VariableSetting(absent=True)})
    result = run_in_memory(load_cases()[case], product, LabConfig())
    assert "the lab broke" not in result.reason
