"""Cases that cannot be right to a CSMS which answers late: what they measure is shorter than an answer takes.

In each of them the station does what it should; the case looks at moments or counts that a queue of unanswered CALLs
moves. A case that passes after all must not stand here (`test_dialects`).
"""

from ohmstead.lab.cases.dialect import Dialect

_FASTER = "it asks for values every {} s: more than can be answered one after the other"
_UNDER_WAY = "another CALL is under way when the next attempt is due"
_REBOOTED = "the station has rebooted before the last of the statuses that the case follows first is answered"

LATE = {
    "TC_E_29_CS": _FASTER.format(3),
    "TC_E_31_CS": _FASTER.format(3),
    "TC_E_33_CS": _FASTER.format(3),
    "TC_E_40_CS": _FASTER.format(3),
    "TC_J_01_CS": _FASTER.format(4),
    "TC_J_02_CS": _FASTER.format(4),
    "TC_J_06_CS": _FASTER.format(4),
}

LAST_MOMENT = {
    **LATE,
    "TC_E_41_CS": _UNDER_WAY,
    "TC_E_50_CS": _UNDER_WAY,
    "TC_F_04_CS": "EVConnectionTimeOut is over before Started is answered",
    "TC_F_16_CS": "the status after the last one that the case names is still to come when it is over",
    "TC_J_09_CS": _FASTER.format(4),
    "TC_L_01_CS": _REBOOTED,
    "TC_L_03_CS": _REBOOTED,
    "TC_L_10_CS": _REBOOTED,
}

EXCEPTIONS: dict[Dialect, dict[str, str]] = {Dialect.Late: LATE, Dialect.LastMoment: LAST_MOMENT}
