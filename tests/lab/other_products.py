"""Products that differ from the first one in one feature or figure: what a lab that insists would not serve."""

from collections.abc import Callable

from msgspec.structs import replace

from ohmstead.product.load import load
from ohmstead.product.profile import START_POINTS, STOP_POINTS, Evse, Measurands, Product, VariableSetting

FIRST = load("sec1000-240y")
Change = Callable[[Product], Product]


def without(*features: str) -> Change:
    """Answer No to these features."""
    return lambda one: replace(one, features=one.features | dict.fromkeys(features, False))


def with_(*features: str) -> Change:
    """Answer Yes to these features."""
    return lambda one: replace(one, features=one.features | dict.fromkeys(features, True))


def start(*points: str) -> Change:
    """Let it start transactions at these points only."""
    return lambda one: replace(one, features=one.features | {id: name in points for id, name in START_POINTS})


def stop(*points: str) -> Change:
    """Let it stop transactions at these points only."""
    return lambda one: replace(one, features=one.features | {id: name in points for id, name in STOP_POINTS})


def evses(count: int) -> Change:
    """Give it so many EVSEs."""

    def changed(one: Product) -> Product:
        models = [one.evses[number % len(one.evses)] for number in range(count)]
        return replace(one, evses=tuple(replace(model, id=id) for id, model in enumerate(models, start=1)))

    return changed


def connectors(count: int) -> Change:
    """Give each EVSE so many connectors."""

    def of(evse: Evse) -> Evse:
        model = evse.connectors[0]
        return replace(evse, connectors=tuple(replace(model, id=id) for id in range(1, count + 1)))

    return lambda one: replace(one, evses=tuple(map(of, one.evses)))


def readers(kind: str) -> Change:
    """Give it these readers."""
    return lambda one: replace(one, hardware=replace(one.hardware, rfid_readers=kind))


def said(variable: str, **setting: object) -> Change:
    """Let it say this about a variable."""
    kept = VariableSetting(**setting)  # type: ignore[arg-type]  # one keyword of several types
    return lambda one: replace(one, variables=one.variables | {variable: kept})


def measures(*measurands: str) -> Change:
    """Let every list of measurands hold these, and no others."""
    lists = Measurands(**dict.fromkeys(Measurands.__struct_fields__, measurands))
    return lambda one: replace(one, measurands=lists)


FIXED = without("C-51", "C-52")
"""The points cannot be set."""

CHANGES: dict[str, tuple[Change, ...]] = {
    "one EVSE": (evses(1),),
    "four EVSEs": (evses(4),),
    "two connectors an EVSE": (connectors(2),),
    "a reader an EVSE": (readers("PerEVSE"),),
    "a reader an EVSE, three of them": (readers("PerEVSE"), evses(3)),
    "points that cannot be set": (FIXED,),
    "starts at EVConnected": (start("EVConnected"),),
    "starts at Authorized": (start("Authorized"),),
    "starts at EnergyTransfer": (start("EnergyTransfer"),),
    "starts at ParkingBayOccupancy": (start("ParkingBayOccupancy"),),
    "stops at EVConnected": (stop("EVConnected"),),
    "stops at PowerPathClosed": (stop("PowerPathClosed"),),
    "stops at EnergyTransfer": (stop("EnergyTransfer"),),
    "stops at ParkingBayOccupancy": (stop("ParkingBayOccupancy"),),
    "fixed: cable to cable": (start("EVConnected"), stop("EVConnected"), FIXED),
    "fixed: token to bay": (start("Authorized"), stop("ParkingBayOccupancy"), FIXED),
    "fixed: bay to energy": (start("ParkingBayOccupancy", "Authorized"), stop("EnergyTransfer", "EVConnected"), FIXED),
    "fixed: energy to token": (start("EnergyTransfer"), stop("Authorized", "ParkingBayOccupancy"), FIXED),
    "a remote start is always authorized": (without("C-48.2"),),
    "a remote start is never authorized": (without("C-48.1"),),
    "the authorization stays when the cable leaves the EV": (with_("C-06.1"), without("C-06.2")),
    "whether it stays can be set": (with_("C-06.1", "C-06.2"),),
    "cable before token, no stop at the cable": (
        start("EVConnected", "Authorized"),
        stop("ParkingBayOccupancy", "Authorized"),
    ),
    "no authorization cache": (without("C-49", "C-53", "C-54"),),
    "one policy of the cache": (said("AuthCacheCtrlr.Policy", values=("CUSTOM",)),),
    "rare heartbeats": (said("OCPPCommCtrlr.HeartbeatInterval", min=600, max=86400),),
    "frequent heartbeats": (said("OCPPCommCtrlr.HeartbeatInterval", min=1, max=60),),
    "no pings": (said("OCPPCommCtrlr.WebSocketPingInterval", value=0, min=0, max=3600),),
    "many items a message": tuple(
        said(f"DeviceDataCtrlr.ItemsPerMessage[{name}]", value=50)
        for name in ("GetReport", "GetVariables", "SetVariables")
    ),
    "long messages": tuple(
        said(f"DeviceDataCtrlr.BytesPerMessage[{name}]", value=65000)
        for name in ("GetReport", "GetVariables", "SetVariables")
    ),
    "many certificates": (said("SecurityCtrlr.CertificateEntries", max=40),),
    "measures more": (measures("Energy.Active.Import.Register", "Power.Active.Import", "SoC", "Voltage"),),
    "measures power alone": (measures("Power.Active.Import"),),
    "measures nothing": (measures(),),
}
"""What is other -> how the first product becomes it."""


def other(name: str) -> Product:
    """Return a product of the table."""
    product = FIRST
    for change in CHANGES[name]:
        product = change(product)
    return product
