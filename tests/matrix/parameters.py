"""What a certificate can say: a parameter for each line that varies, with the values that are drawn.

Flags come from the feature table: a feature that is not built is always No, and is drawn as soon as the table says
that it is built. The lines of hardware, lists and settings are written here. A drawn product is an `Assignment`.
"""

from ohmstead.product.built import BUILT_MEASURANDS
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import MEASURANDS

Assignment = dict[str, str]
"""Parameter -> value."""

YES, NO = "Yes", "No"
ANSWERS = (NO, YES)
NONE = "-"
"""The value of a line that means nothing for this product."""

REGISTER = "Energy.Active.Import.Register"
RICH = f"{REGISTER} Power.Active.Import Current.Import Voltage"
POWER = "Power.Active.Import SoC"
ALL_MEASURANDS = " ".join(name for name in MEASURANDS if name in BUILT_MEASURANDS)
RSA_PAIR = "TLS_RSA_WITH_AES_128_GCM_SHA256 TLS_RSA_WITH_AES_256_GCM_SHA384"
ECDSA_PAIR = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
MORE_SUITES = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
NO_TLS = "None"
"""Security profile 1 alone."""
TLS_1_3 = "TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384"

CURRENT, AC_PLUG, SOCKET, PHASES, FEWER = "current", "AC plug", "socket", "phases", "fewer phases"
BESIDE, SUBTYPE, MODE_1_2 = "AC beside DC", "subtype", "Mode 1/2-only"
CONNECTORS, ADVANCED, LOCAL_STOP = "connectors", "Advanced Security", "lines of local stop"

HARDWARE: dict[str, tuple[str, ...]] = {
    CURRENT: ("DC", "AC", "AC and DC", BESIDE),
    SUBTYPE: (NONE, MODE_1_2),
    AC_PLUG: (NONE, "cable", "socket", "cable and socket"),
    SOCKET: (NONE, "sType2", "sType3", "s309-1P-32A", "Other3Ph", "sCEE-7-7"),
    PHASES: (NONE, "1", "2", "3", "1 and 3"),
    FEWER: ANSWERS,
    "AQ-4": ANSWERS,
    "HFS-11": (NONE, "50", "150", "240"),
    "HFS-8": ("1", "2", "3", "4", "5", "6", "9"),
    CONNECTORS: ("1", "2", "3"),
    "HFS-9": (
        "Ethernet",
        "Mobile network",
        "Wi-Fi",
        "Ethernet, Mobile network",
        "Ethernet, Mobile network, Wi-Fi",
        "Mobile network, Wi-Fi",
    ),
    "HFS-10": ("None", "Single", "One per EVSE"),
    "HFS-12": ("0", "1", "2"),
}
"""`AC beside DC`: each EVSE has a DC cable and AC at its other connectors.

`fewer phases`: a three-phase EVSE charges on fewer, too, and HFS-5 and HFS-6 say so.
"""

THERE, MISSING = "there", "missing"
"""Certificates from before errata 5.2 have no lines C-70 to C-75."""
STOPS = ("C-70", "C-71", "C-72", "C-75")
VALUES: dict[str, tuple[str, ...]] = {
    ADVANCED: ("Not Tested", "Pass"),
    LOCAL_STOP: (THERE, MISSING),
    "C-23": ("Heartbeat", "Heartbeat NTP", "Heartbeat NTP RealTimeClock MobileNetwork", "Heartbeat GPS"),
    "C-40.1": (REGISTER, RICH, ALL_MEASURANDS, POWER),
    "C-40.2": (REGISTER, RICH, ALL_MEASURANDS, POWER),
    "C-40.3": (REGISTER, RICH, ALL_MEASURANDS, POWER),
    "C-40.4": (REGISTER, RICH, ALL_MEASURANDS, POWER),
    "C-40.5": (REGISTER, RICH, ALL_MEASURANDS, POWER),
    "C-41": (RSA_PAIR, ECDSA_PAIR, f"{ECDSA_PAIR} {RSA_PAIR}", f"{RSA_PAIR} {MORE_SUITES} {TLS_1_3}", NO_TLS),
    "C-54": (NO, YES, "Yes (LRU)", "Yes (LFU FIFO)", "Yes (CUSTOM)"),
    "ORS-1": ("1", "20"),
    "ORS-2": ("1", "20"),
    "ORS-3": ("1", "20"),
    "ORS-4": ("500", "8192"),
    "ORS-5": ("500", "8192"),
    "ORS-6": ("500", "8192"),
    "ORS-11": ("1", "10"),
    "ORS-12": ("300", "1800", "86400"),
    "ORS-14": ("1", "10"),
    "ORS-15": ("120", "3600"),
    "ORS-16": ("0", "10", "60", "120"),
    "ORS-17": ("1", "2", "3", "4", "20"),
    "ORS-18": ("5600", "10000"),
    "ORS-24": ("HTTPS", "HTTP", "FTP", "FTPS", "HTTP HTTPS FTP FTPS", "HTTPS SFTP"),
}

DERIVED = ("HFS-1", "HFS-2", "HFS-3", "HFS-4", "HFS-5", "HFS-6", "HFS-7")
"""Lines that follow from the table of EVSEs."""
OTHER_PROFILES = ("Smart charging", "ISO 15118")
"""Groups of the table that stand in certification profiles of their own (Part 5, chapter 2)."""
ASKED_OF_A_CSMS = "(asked of a CSMS)"


def _flags() -> dict[str, tuple[str, ...]]:
    """Return the flags of Core, Advanced Security and the features folded into Core that a station is asked for."""
    return {
        feature.id: ANSWERS
        for feature in Feature
        if feature.kind == "flag"
        and feature.built
        and feature.group not in OTHER_PROFILES
        and feature.id not in DERIVED
        and not feature.text.endswith(ASKED_OF_A_CSMS)
    }


PARAMETERS: dict[str, tuple[str, ...]] = {**HARDWARE, **{**_flags(), **VALUES}}
"""Parameter -> its values; those of hardware stand together."""

SHIPPED: Assignment = {
    **dict.fromkeys(PARAMETERS, NO),
    **dict.fromkeys((AC_PLUG, SOCKET, PHASES, SUBTYPE), NONE),
    **{name: values[0] for name, values in VALUES.items()},
    **dict.fromkeys(
        (
            *("C-01", "C-02", "C-03", "C-04", "C-06.2", "C-07", "C-09.1", "C-09.2", "C-09.4", "C-09.5"),
            *("C-10.1", "C-10.2", "C-10.3", "C-12.2", "C-13", "C-20", "C-21", "C-25", "C-26", "C-28"),
            *(f"C-29.{number}" for number in range(1, 7)),
            *("C-30", "C-70", "C-36", "C-47", "C-48.1", "C-48.2", "C-58", "C-49", "C-51", "C-52", "C-53", "C-54"),
            "AQ-7",
        ),
        YES,
    ),
    CURRENT: "DC",
    "HFS-11": "240",
    "HFS-8": "2",
    CONNECTORS: "1",
    "HFS-9": "Ethernet, Mobile network",
    "HFS-10": "Single",
    "HFS-12": "1",
    ADVANCED: "Pass",
    "ORS-12": "1800",
    "ORS-16": "60",
    "ORS-24": "HTTP HTTPS FTP FTPS",
}
"""The first product that ships, which a failure is made as like as possible."""
