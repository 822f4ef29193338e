"""Two products to simulate: the DC one that ships, and an AC one with locks, a reader per EVSE and a bay sensor."""

import msgspec
import pytest

from ohmstead.product.load import load
from ohmstead.product.profile import Evse, HardwareFeatures, Product, ProductConnector


@pytest.fixture(scope="session")
def dc() -> Product:
    """Two DC EVSEs with fixed cables that share 240 kW."""
    return load("sec1000-240y")


@pytest.fixture(scope="session")
def ac(dc: Product) -> Product:
    """Two AC EVSEs that share 30 kW; the first has a socket and a fixed cable."""
    return msgspec.structs.replace(
        dc,
        name="ac",
        hardware=HardwareFeatures(max_power_w=30_000.0, rfid_readers="PerEVSE", displays=0),
        evses=(
            Evse(
                id=1,
                current="AC",
                phases=3,
                connectors=(
                    ProductConnector(id=1, type="sType2", cable="Detachable"),
                    ProductConnector(id=2, type="cType1", cable="Fixed"),
                ),
            ),
            Evse(id=2, current="AC", phases=3, connectors=(ProductConnector(id=1, type="sType2", cable="Detachable"),)),
        ),
        features={**dc.features, "C-09.6": True},
    )
