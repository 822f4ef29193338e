"""The cases about the network pass on any product: profiles, suites, interfaces, as its lines say."""

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.runner import not_applicable
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.product.feature_table import Feature
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting
from tests.generators import sample
from tests.lab.network_products import (
    ECDSA,
    PROFILES,
    RSA,
    with_communication,
    with_profiles,
    with_serial_number,
    with_settings,
    with_suites,
)

ENTRIES = "SecurityCtrlr.CertificateEntries"
CHAIN = "SecurityCtrlr.MaxCertificateChainSize"
PRODUCTS: dict[str, Product] = {
    **{f"profiles {profiles}": with_profiles(*profiles) for profiles in PROFILES},
    "ECDSA": with_suites(*ECDSA),
    "RSA and ECDSA": with_suites(*RSA, *ECDSA),
    "TLS 1.3 and ECDSA": with_suites("TLS_AES_128_GCM_SHA256", *ECDSA),
    "DHE before ECDSA": with_suites("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", *ECDSA),
    "one suite of TLS 1.3": with_suites("TLS_CHACHA20_POLY1305_SHA256", *RSA),
    "one root certificate": with_settings({}, {ENTRIES: VariableSetting(max=1)}),
    "two root certificates": with_settings({}, {ENTRIES: VariableSetting(max=2)}),
    "chains of 2000 bytes": with_settings({}, {CHAIN: VariableSetting(value=2000)}),
    "chains of 1000 bytes": with_settings({}, {CHAIN: VariableSetting(value=1000)}),
    "chains of 600 bytes": with_settings({}, {CHAIN: VariableSetting(value=600)}),
    "no chain that holds a certificate": with_settings({}, {CHAIN: VariableSetting(value=1)}),
    "the longest serial number": with_serial_number(load("sec1000-240y"), "S" * 25),
    "the longest serial number, the shortest chain": with_serial_number(
        with_settings({}, {CHAIN: VariableSetting(value=640)}), "S" * 25
    ),
    "short heartbeats": with_settings({}, {"OCPPCommCtrlr.HeartbeatInterval": VariableSetting(min=5, max=30)}),
    "no pings": with_settings({}, {"OCPPCommCtrlr.WebSocketPingInterval": VariableSetting(value=0)}),
    "SFTP": with_settings(
        {Feature.FILE_TRANSFER_PROTOCOLS: "SFTP"}, {Feature.FILE_TRANSFER_PROTOCOLS.component: VariableSetting()}
    ),
    "NTP": with_settings(
        {}, {Feature.TIME_SOURCES.component: VariableSetting(value="NTP", values=("NTP", "Heartbeat"))}
    ),
    "mobile network": with_communication("Mobile network"),
    "Wi-Fi": with_communication("Wi-Fi"),
    "Wi-Fi first": with_communication("Wi-Fi", "Mobile network", "Ethernet", "Ethernet"),
}
CASES = (
    *("A_01", "A_04", "A_05", "A_06", "A_07", "A_09", "A_10", "A_11", "A_14", "A_15", "A_19", "A_22"),
    *("B_01", "B_43", "B_45", "B_46", "B_47", "B_49", "B_50", "B_51", "B_57", "M_17", "M_20", "M_23", "M_30"),
    *("F_16", "L_01", "N_25"),
)


@pytest.mark.parametrize(
    ("name", "identifier"), sample([(name, case) for name in PRODUCTS for case in CASES], 70), ids=str
)
def test_a_product_of_its_own_passes(name: str, identifier: str) -> None:
    case, product = load_cases()[f"TC_{identifier}_CS"], PRODUCTS[name]
    result = not_applicable(case, product) or run_in_memory(case, product, LabConfig())
    assert result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE), result.reason


@pytest.mark.parametrize("configured", [1, 2, 3])
def test_the_configured_profile_is_taken_where_the_case_can_begin_in_it(configured: int) -> None:
    cases, product = load_cases(), with_profiles(1, 2)
    assert cases["TC_B_01_CS"].profile_for(product, configured) == (configured if configured < 3 else 2)
    assert cases["TC_A_04_CS"].profile_for(product, configured) == 2
    assert cases["TC_A_19_CS"].profile_for(product, configured) == 1
    assert cases["TC_A_07_CS"].profile_for(product, configured) is None
