"""What cables can carry, and how EVSEs share the power of a station."""

from collections.abc import Sequence

from ohmstead.edge.simulator.ev import AC_VOLTAGE
from ohmstead.product.profile import Evse, Product, ProductConnector

_AC_CURRENT = {
    "sBS1361": 13.0,
    "s309-1P-16A": 16.0,
    "s309-3P-16A": 16.0,
    "sCEE-7-7": 16.0,
    "Other1PhMax16A": 16.0,
    "cType2": 63.0,
}
_DC_CURRENT = {"cG105": 125.0, "cTesla": 650.0, "cGBT": 250.0, "cChaoJi": 600.0, "OppCharge": 600.0, "Pan": 600.0}


def connector_current(evse: Evse, connector: ProductConnector) -> float:
    """Return the amperes that a connector carries (a phase, where it is AC)."""
    if evse.current_of(connector) == "DC":
        return _DC_CURRENT.get(connector.type, 500.0)
    return _AC_CURRENT.get(connector.type, 32.0)


def evse_power(product: Product, evse: Evse) -> float:
    """Return the watts that an EVSE gives when it is alone."""
    most = product.hardware.max_power_w or float("inf")
    if evse.max_power_w:
        return min(evse.max_power_w, most)
    if evse.current == "DC":
        return most
    return min(most, max(connector_current(evse, c) for c in evse.connectors) * AC_VOLTAGE * max(evse.phases, 1))


def share(wishes: Sequence[float], limit: float) -> list[float]:
    """Share power among wishes, both in W: nobody gets more than it wishes, and who gets less than it wishes gets as
    much as anybody (max-min fair). What the small wishes leave goes to the large ones; the sum is at most the limit.
    """
    shares = [0.0] * len(wishes)
    left = limit
    order = sorted(range(len(wishes)), key=lambda index: wishes[index])
    for done, index in enumerate(order):
        shares[index] = min(wishes[index], left / (len(order) - done))
        left = max(left - shares[index], 0.0)
    return shares
