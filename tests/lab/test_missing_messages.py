"""A station that does not have a message has one fault: the cases about it fail, those that only need it stay open."""

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.subjects import USE_CASES, is_subject
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.selection import select
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.load import load
from ohmstead.wire.errors import ErrorCode
from tests.generators import sample
from tests.lab.other_words import refuses

PRODUCT = load("flagship")
CASES = [case for case in sorted(load_cases()) if select(case, PRODUCT).applies]
ABOUT = {
    "GetBaseReport": "TC_B_12_CS",
    "GetVariables": "TC_B_06_CS",
    "RequestStopTransaction": "TC_F_08_CS",
    "Reset": "TC_B_20_CS",
    "SetVariables": "TC_B_09_CS",
    "TriggerMessage": "TC_F_20_CS",
}
NEEDING = {
    "GetInstalledCertificateIds": "TC_M_20_CS",
    "GetVariables": "TC_B_25_CS",
    "InstallCertificate": "TC_M_17_CS",
    "RequestStopTransaction": "TC_E_35_CS",
    "Reset": "TC_C_32_CS",
    "SetNetworkProfile": "TC_B_46_CS",
    "SetVariables": "TC_J_02_CS",
    "TriggerMessage": "TC_A_14_CS",
}
WITHOUT = ("GetVariables", "SetVariables")


def _run(case: str, *without: str, code: ErrorCode = ErrorCode.NotImplemented) -> Result:
    if not without:
        return run_in_memory(load_cases()[case], PRODUCT, LabConfig())
    with refuses(without[0], code):
        return _run(case, *without[1:])


@pytest.mark.parametrize("action", ABOUT)
def test_a_case_about_a_message_fails_without_it(action: str) -> None:
    result = _run(ABOUT[action], action)
    assert result.verdict is Verdict.FAIL
    assert f"{action}Response: wanted a CALLRESULT" in result.reason
    assert result.reason.endswith("got CALLERROR NotImplemented")


@pytest.mark.parametrize("action", NEEDING)
@pytest.mark.parametrize("code", [ErrorCode.NotImplemented, ErrorCode.NotSupported])
def test_a_case_that_only_needs_it_says_so(action: str, code: ErrorCode) -> None:
    result = _run(NEEDING[action], action, code=code)
    assert result.verdict is Verdict.INCONCLUSIVE, result.reason
    assert result.reason.startswith(f"{action} is answered CALLERROR {code}, and this case needs it")


def test_what_a_case_does_not_need_it_does_not_miss() -> None:
    """Neither set nor read: what begins no transaction is tested all the same."""
    assert _run("TC_P_01_CS", *WITHOUT).verdict is Verdict.PASS
    assert _run("TC_F_20_CS", *WITHOUT).verdict is Verdict.PASS
    assert _run("TC_E_03_CS", *WITHOUT).reason.startswith("SetVariables is answered CALLERROR NotImplemented")


def test_another_error_is_a_failure_wherever_it_comes() -> None:
    assert _run("TC_E_03_CS", "SetVariables", code=ErrorCode.InternalError).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("action", "case"), sample([(action, case) for action in sorted(USE_CASES) for case in CASES], 40)
)
def test_no_case_fails_for_a_message_that_it_is_not_about(action: str, case: str) -> None:
    result = _run(case, action)
    told = f"{action}Response: wanted a CALLRESULT, got CALLERROR NotImplemented"
    if told in result.reason:
        assert is_subject(action, case, load_cases()[case].requirements)


def test_what_is_already_as_wanted_need_not_be_set() -> None:
    result = _run("TC_E_03_CS", "SetVariables")
    assert result.verdict is Verdict.PASS
    assert "TxCtrlr.TxStopPoint is Authorized,EVConnected and cannot be set: skipped" in result.notes
