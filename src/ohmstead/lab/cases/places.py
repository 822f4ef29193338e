"""At which connector a case runs whose text asks for a kind of it: a socket, a fixed cable, one with AC."""

from collections.abc import Callable

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.product.profile import Evse, Product, ProductConnector

Wanted = Callable[[Product, Evse, ProductConnector], bool]
"""Says whether a connector is of the kind."""


def socket(_product: Product, _evse: Evse, connector: ProductConnector) -> bool:
    """The cable can be taken out on the side of the station (HFS-1)."""
    return connector.cable == "Detachable"


def lock(product: Product, _evse: Evse, connector: ProductConnector) -> bool:
    """The station has a lock there (AQ-18)."""
    return product.has_lock(connector)


def fixed_cable(_product: Product, _evse: Evse, connector: ProductConnector) -> bool:
    """The cable is a part of the station (HFS-2)."""
    return connector.cable == "Fixed"


def alternating(_product: Product, evse: Evse, connector: ProductConnector) -> bool:
    """An EV charges there by IEC 61851-1 (AQ-9)."""
    return evse.current_of(connector) == "AC"


def placed(config: LabConfig, product: Product, wishes: tuple[Wanted, ...]) -> LabConfig:
    """Return the configuration at the configured connector, or at the first one that fulfils more of the wishes.

    Earlier wishes count more. Where another EVSE is taken, the configured one becomes the second.
    """
    connectors = [(evse, connector) for evse in product.evses for connector in evse.connectors]

    def fulfilled(place: tuple[Evse, ProductConnector]) -> tuple[object, ...]:
        evse, connector = place
        configured = (evse.id, connector.id) == (config.evse_id, config.connector_id)
        return (*(wish(product, evse, connector) for wish in wishes), configured)

    evse, connector = max(connectors, key=fulfilled)
    second = config.evse_id if config.evse_id2 == evse.id else config.evse_id2
    return msgspec.structs.replace(config, evse_id=evse.id, connector_id=connector.id, evse_id2=second)
