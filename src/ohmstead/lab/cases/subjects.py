"""Which messages a case is about, and which it only needs to get there.

A message is the subject of a case that proves a requirement of its use case (Part 2); any other case sends it as a
tool. A station that does not have a tool has one fault, and the cases that need it cannot say anything about theirs.
"""

from collections.abc import Iterable

from ohmstead.lab.verdict import Inconclusive

USE_CASES: dict[str, tuple[str, ...]] = {
    "CancelReservation": ("H02",),
    "CertificateSigned": ("A02", "A03"),
    "ChangeAvailability": ("G03", "G04"),
    "ClearCache": ("C11",),
    "ClearChargingProfile": ("K10",),
    "ClearDisplayMessage": ("O05",),
    "ClearVariableMonitoring": ("N06",),
    "CostUpdated": ("I02",),
    "CustomerInformation": ("N09", "N10"),
    "DataTransfer": ("P01",),
    "DeleteCertificate": ("M04",),
    "GetBaseReport": ("B07",),
    "GetChargingProfiles": ("K09",),
    "GetCompositeSchedule": ("K08",),
    "GetDisplayMessages": ("O03", "O04"),
    "GetInstalledCertificateIds": ("M03",),
    "GetLocalListVersion": ("D02",),
    "GetLog": ("N01",),
    "GetMonitoringReport": ("N02",),
    "GetReport": ("B08",),
    "GetTransactionStatus": ("E14",),
    "GetVariables": ("B06",),
    "InstallCertificate": ("M05",),
    "PublishFirmware": ("L03",),
    "RequestStartTransaction": ("F01", "F02"),
    "RequestStopTransaction": ("F03",),
    "ReserveNow": ("H01",),
    "Reset": ("B11", "B12"),
    "SendLocalList": ("D01",),
    "SetChargingProfile": ("K01", "K02", "K03", "K04", "K05"),
    "SetDisplayMessage": ("O01", "O02", "O06"),
    "SetMonitoringBase": ("N03",),
    "SetMonitoringLevel": ("N05",),
    "SetNetworkProfile": ("B09",),
    "SetVariableMonitoring": ("N04",),
    "SetVariables": ("B05",),
    "TriggerMessage": ("F06",),
    "UnlockConnector": ("F05",),
    "UnpublishFirmware": ("L04",),
    "UpdateFirmware": ("L01", "L02"),
}
"""Action that a CSMS sends -> the use cases of Part 2 that say what a station does with it."""
ABSENT_CODES = ("NotImplemented", "NotSupported")
"""Codes of a CALLERROR by which a station says that it does not have a message (Part 4, 4.3)."""


class MessageMissing(Inconclusive):
    """A case needs a message as a tool that the station does not have.

    Attributes:
        action: the message.
        answer: what came instead: `CALLERROR NotImplemented`.
    """

    def __init__(self, action: str, answer: str) -> None:
        super().__init__(
            f"{action} is answered {answer}, and this case needs it to get there: one fault of the station, "
            f"which the cases of {' and '.join(USE_CASES.get(action, ('its use case',)))} judge"
        )
        self.action = action
        self.answer = answer


def is_subject(action: str, case_id: str, requirements: Iterable[str]) -> bool:
    """Say whether a case is about a message; a case that cites no requirement is about those of its block."""
    cases = USE_CASES.get(action)
    if cases is None:
        return True
    proved = {requirement.partition(".")[0] for requirement in requirements}
    return not proved.isdisjoint(cases) if proved else case_id[3:4] in {case[0] for case in cases}
