"""The features of a certificate by their ids, and the lists of values that its answers are made of."""

from collections.abc import Iterable

from ohmstead.product.feature_table import Feature

FEATURES: dict[str, Feature] = {feature.id: feature for feature in Feature}
"""Feature id -> feature, in the order of an abstract."""

PROFILES = (
    "Core",
    "Advanced Security",
    "Local Authorization List Management",
    "Smart Charging",
    "Advanced Device Management",
    "Reservation",
    "Advanced User Interface",
    "ISO 15118 Support",
)
"""Certification profiles of Part 5, chapter 2."""

CONNECTOR_TYPES = (
    "cCCS1", "cCCS2", "cG105", "cTesla", "cType1", "cType2", "s309-1P-16A", "s309-1P-32A", "s309-3P-16A",
    "s309-3P-32A", "sBS1361", "sCEE-7-7", "sType2", "sType3", "Other1PhMax16A", "Other1PhOver16A", "Other3Ph", "Pan",
    "wInductive", "wResonant", "Undetermined", "Unknown", "cGBT", "cChaoJi", "OppCharge",
)  # fmt: skip
"""ConnectorEnumType and the three values that the variable ConnectorType knows beyond it."""

MEASURANDS = (
    "Current.Export", "Current.Import", "Current.Offered", "Energy.Active.Export.Register",
    "Energy.Active.Import.Register", "Energy.Reactive.Export.Register", "Energy.Reactive.Import.Register",
    "Energy.Active.Export.Interval", "Energy.Active.Import.Interval", "Energy.Active.Net",
    "Energy.Reactive.Export.Interval", "Energy.Reactive.Import.Interval", "Energy.Reactive.Net", "Energy.Apparent.Net",
    "Energy.Apparent.Import", "Energy.Apparent.Export", "Frequency", "Power.Active.Export", "Power.Active.Import",
    "Power.Factor", "Power.Offered", "Power.Reactive.Export", "Power.Reactive.Import", "SoC", "Voltage",
)  # fmt: skip
"""MeasurandEnumType."""

CIPHER_SUITES = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
)
SUITE_PAIRS = (CIPHER_SUITES[:2], CIPHER_SUITES[2:4])
"""Every station that speaks TLS offers one of these pairs (A00.FR.319, A00.FR.422)."""


def has_pair(suites: Iterable[str]) -> bool:
    """Say whether one of the pairs is among cipher suites."""
    offered = frozenset(suites)
    return any(offered.issuperset(pair) for pair in SUITE_PAIRS)


"""Authenticated suites of the IANA registry. The first four are those of A00.FR.318, the last three are TLS 1.3."""

TIME_SOURCES = ("Heartbeat", "NTP", "GPS", "RealTimeClock", "MobileNetwork", "RadioTimeTransmitter")
"""Values of ClockCtrlr.TimeSource (C-23)."""

CACHE_POLICIES = ("LRU", "LFU", "FIFO", "CUSTOM")
"""Values of AuthCacheCtrlr.Policy (C-54)."""

FILE_PROTOCOLS = ("FTP", "FTPS", "HTTP", "HTTPS", "SFTP")
"""Values of OCPPCommCtrlr.FileTransferProtocols (ORS-24)."""
