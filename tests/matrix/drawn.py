"""The product that an assignment means."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import (
    Certificate,
    Evse,
    HardwareFeatures,
    Identity,
    Measurands,
    Product,
    ProductConnector,
    Security,
    VariableSetting,
)
from tests.matrix.parameters import (
    AC_PLUG,
    ADVANCED,
    BESIDE,
    CONNECTORS,
    CURRENT,
    FEWER,
    LOCAL_STOP,
    MISSING,
    MODE_1_2,
    NO,
    NO_TLS,
    NONE,
    PARAMETERS,
    PHASES,
    SOCKET,
    STOPS,
    SUBTYPE,
    YES,
    Assignment,
)

READERS: dict[str, Literal["None", "Single", "PerEVSE"]] = {
    "None": "None",
    "Single": "Single",
    "One per EVSE": "PerEVSE",
}
DC_CABLES = ("cCCS2", "cG105", "cCCS1", "cTesla", "cGBT", "cChaoJi", "Pan", "OppCharge")
WATTS_A_PHASE = 7360.0
"""32 A at 230 V, which the importer takes for AC: an abstract does not say it."""
FEWEST_CERTIFICATES = 4
"""What the station keeps at least, whatever ORS-17 says (TC_M_17, TC_M_20 and TC_B_50 install several)."""
LIMITS = {
    "ORS-1": "ItemsPerMessage[GetReport]",
    "ORS-2": "ItemsPerMessage[GetVariables]",
    "ORS-3": "ItemsPerMessage[SetVariables]",
    "ORS-4": "BytesPerMessage[GetReport]",
    "ORS-5": "BytesPerMessage[GetVariables]",
    "ORS-6": "BytesPerMessage[SetVariables]",
}


def product_of(drawn: Assignment, name: str = "drawn") -> Product:
    """Return the product; its abstract says what was drawn."""
    evses = tuple(_evse(drawn, number) for number in range(1, int(drawn["HFS-8"]) + 1))
    measurands = Measurands(
        tx_started=tuple(drawn["C-40.1"].split()),
        tx_updated=tuple(drawn["C-40.2"].split()),
        tx_ended=tuple(drawn["C-40.3"].split()),
        aligned=tuple(drawn["C-40.4"].split()),
        aligned_tx_ended=tuple(drawn["C-40.5"].split()),
    )
    advanced = drawn[ADVANCED] == "Pass"
    tls: tuple[int, ...] = () if drawn["C-41"] == NO_TLS else (2, 3) if advanced else (2,)
    suites = tuple(drawn["C-41"].split()) if tls else ()
    results = {"Core": "Pass", ADVANCED: drawn[ADVANCED]}
    designation = name.upper()
    return Product(
        name=name,
        identity=Identity(vendor_name="Ohmstead", model=designation, firmware_version="1.0.0"),
        hardware=_hardware(drawn, evses),
        evses=evses,
        features=_features(drawn, evses),
        security=Security(profiles=((1,) if _yes(drawn, "C-61") else ()) + tls, cipher_suites=suites),
        measurands=measurands,
        settings=_settings(drawn),
        variables=dict(_variables(drawn)),
        certificate=Certificate(product_designation=designation, results=results, tested_measurands=measurands),
    )


def _yes(drawn: Assignment, name: str) -> bool:
    return drawn.get(name, NO).startswith(YES)


def _evse(drawn: Assignment, number: int) -> Evse:
    """EVSEs with DC and AC take turns; those with AC take turns in phases and in cables and sockets."""
    connectors = range(1, int(drawn[CONNECTORS]) + 1)
    if drawn[CURRENT] == "DC" or (drawn[CURRENT] == "AC and DC" and number % 2):
        cables = tuple(ProductConnector(id=one, type=DC_CABLES[(one + number) % len(DC_CABLES)]) for one in connectors)
        return Evse(id=number, current="DC", connectors=cables, max_power_w=_dc_watts(drawn))
    turn = (number // 2 if drawn[CURRENT] == "AC and DC" else number) - 1
    phases = (1 if turn % 2 == 0 else 3) if drawn[PHASES] == "1 and 3" else int(drawn[PHASES])
    if drawn[CURRENT] == BESIDE:
        first = ProductConnector(id=1, type=DC_CABLES[number % len(DC_CABLES)])
        beside = [_plug(drawn, one, phases, turn + one) for one in connectors if one > 1]
        others = [msgspec.structs.replace(one, current="AC", phases=phases) for one in beside]
        return Evse(id=number, current="DC", connectors=(first, *others), max_power_w=_dc_watts(drawn))
    plugs = tuple(_plug(drawn, one, phases, turn + one) for one in connectors)
    return Evse(id=number, current="AC", connectors=plugs, phases=phases, max_power_w=WATTS_A_PHASE * phases)


def _plug(drawn: Assignment, number: int, phases: int, turn: int) -> ProductConnector:
    plugs = drawn[AC_PLUG]
    if plugs == "socket" or (plugs == "cable and socket" and turn % 2 == 0):
        return ProductConnector(id=number, type=drawn[SOCKET], cable="Detachable")
    return ProductConnector(id=number, type="cType1" if phases == 1 else "cType2")


def _dc_watts(drawn: Assignment) -> float:
    return 0.0 if drawn["HFS-11"] == NONE else float(drawn["HFS-11"]) * 1000


def _hardware(drawn: Assignment, evses: tuple[Evse, ...]) -> HardwareFeatures:
    """DC EVSEs share their power (HFS-11 is that of the station); AC EVSEs have their own."""
    return HardwareFeatures(
        max_power_w=sum(evse.max_power_w for evse in evses if evse.current == "AC") + _dc_watts(drawn),
        communication=tuple(drawn["HFS-9"].split(", ")),
        rfid_readers=READERS[drawn["HFS-10"]],
        displays=int(drawn["HFS-12"]),
        subtype="Mode 1/2-only" if drawn[SUBTYPE] == MODE_1_2 else "",
    )


def _features(drawn: Assignment, evses: tuple[Evse, ...]) -> dict[str, bool]:
    cables = {connector.cable for evse in evses for connector in evse.connectors}
    currents = {evse.current_of(connector) for evse in evses for connector in evse.connectors}
    phases = {evse.phases_of(connector) for evse in evses for connector in evse.connectors}
    if drawn[FEWER] == YES:
        phases |= set(range(1, max(phases)))
    hardware = {
        "HFS-1": "Detachable" in cables,
        "HFS-2": "Fixed" in cables,
        "HFS-3": "AC" in currents,
        "HFS-4": "DC" in currents,
        "HFS-5": 1 in phases,
        "HFS-6": 2 in phases,
        "HFS-7": 3 in phases,
    }
    missing = STOPS if drawn[LOCAL_STOP] == MISSING else ()
    asked = (one for one in Feature if one.kind == "flag" and one in PARAMETERS and one not in missing)
    return hardware | {feature.id: _yes(drawn, feature.id) for feature in asked}


def _settings(drawn: Assignment) -> dict[str, str | int | float]:
    numbers = [name for name in PARAMETERS if name.startswith("ORS-") and name != "ORS-24"]
    return {**{name: int(drawn[name]) for name in numbers}, "ORS-24": ",".join(drawn["ORS-24"].split())}


def _variables(drawn: Assignment) -> Iterator[tuple[str, VariableSetting]]:
    sources = tuple(drawn["C-23"].split())
    yield "ClockCtrlr.TimeSource", VariableSetting(value=",".join(sources), values=sources)
    policies = tuple(drawn["C-54"].removeprefix("Yes").strip(" ()").split()) if _yes(drawn, "C-54") else ()
    if policies:
        yield "AuthCacheCtrlr.Policy", VariableSetting(values=policies)
    for name, variable in LIMITS.items():
        yield f"DeviceDataCtrlr.{variable}", VariableSetting(value=int(drawn[name]))
    yield "SecurityCtrlr.MaxCertificateChainSize", VariableSetting(value=int(drawn["ORS-18"]))
    yield "OCPPCommCtrlr.HeartbeatInterval", VariableSetting(min=int(drawn["ORS-11"]), max=int(drawn["ORS-12"]))
    ping = VariableSetting(value=int(drawn["ORS-16"]), min=int(drawn["ORS-14"]), max=int(drawn["ORS-15"]))
    yield "OCPPCommCtrlr.WebSocketPingInterval", ping
    entries = max(int(drawn["ORS-17"]), FEWEST_CERTIFICATES)
    yield "SecurityCtrlr.CertificateEntries", VariableSetting(max=entries)
    yield "OCPPCommCtrlr.FileTransferProtocols", VariableSetting(value=",".join(drawn["ORS-24"].split()))
