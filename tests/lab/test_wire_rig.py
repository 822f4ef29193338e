"""Twenty cases on the wire: our station as a process of its own, TLS WebSockets, the control API, real time."""

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.wire_campaign import run_on_the_wire
from ohmstead.product.load import load

REPRESENTATIVE = (
    "TC_B_01_CS",  # cold boot
    "TC_B_03_CS",  # refused by the CSMS, with an interval
    "TC_B_10_CS",  # variables
    "TC_B_21_CS",  # reset that waits for a transaction
    "TC_B_22_CS",  # reset that does not
    "TC_B_26_CS",  # reset of one EVSE
    "TC_B_50_CS",  # another CSMS under another root
    "TC_C_08_CS",  # cache
    "TC_C_39_CS",  # group
    "TC_C_47_CS",  # master pass, display, two EVSEs
    "TC_E_31_CS",  # a transaction's messages while there is no connection
    "TC_E_43_CS",  # a transaction that begins offline
    "TC_E_54_CS",  # the EV goes away
    "TC_F_01_CS",  # remote start
    "TC_F_16_CS",  # log upload, caught while it runs
    "TC_F_19_CS",  # firmware download, caught while it runs
    "TC_G_11_CS",  # availability that waits for a transaction
    "TC_G_21_CS",  # availability over a reboot
    "TC_J_01_CS",  # clock-aligned values
    "TC_P_01_CS",  # data transfer
)


def test_twenty_cases_pass_on_the_wire() -> None:
    """One after the other would take minutes, so some stations live at a time."""
    cases = [load_cases()[identifier] for identifier in REPRESENTATIVE]
    results = run_on_the_wire(cases, load("sec1000-240y"), LabConfig())
    assert {result.id: result.reason for result in results if not result.good} == {}
