"""The page docs/products.md: the products that come with the package, side by side."""

from ohmstead.lab.selection import applicable
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import FEATURES
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Evse, Product

_HEAD = """# Shipped products

Generated from `src/ohmstead/product/data`; do not edit. Each is run, shown and tested by its name:
`ohmstead run --product NAME`, `ohmstead product show NAME`, `ohmstead lab run --product NAME`. Whoever wants another
one copies the nearest.

`sec1000-240y` charges at the first of its two DC cables:

![A DC station of two EVSEs with a display charges](images/sec1000-240y.png)

`flagship`:

![A DC station with every feature that is built charges](images/flagship.png)

`ac-wallbox`, with both ends of the cable and the lock:

![A wallbox with a socket charges: both ends of the cable and the lock](images/wallbox.png)

`depot`, at one of its AC sockets, by the reader of that EVSE:

![A depot of four EVSEs: one of its AC sockets charges](images/depot.png)

`minimal`, without a display:

![A small AC station without a display charges](images/minimal.png)

A product of your own whose cables are locked in their holders until a driver is authorized (AQ-2):

![Two cables locked in their holders, and what frees them](images/cable-lock.png)
"""


def page() -> str:
    """Return the text of the page."""
    products = [load(name) for name in shipped()]
    rows = [
        ("", *(f"`{product.name}`" for product in products)),
        ("---",) * (len(products) + 1),
        ("EVSEs", *("<br>".join(_evse(evse) for evse in product.evses) for product in products)),
        ("Readers", *(product.hardware.rfid_readers for product in products)),
        ("Displays", *(str(product.hardware.displays) for product in products)),
        ("Interfaces", *(", ".join(product.hardware.communication) for product in products)),
        ("Security profiles", *(", ".join(map(str, product.security.profiles)) for product in products)),
        ("File transfer", *(_transfer(product) for product in products)),
        (
            "TxStartPoint",
            *(_points(product, product.start_points, Feature.TX_START_POINT_WRITABLE) for product in products),
        ),
        (
            "TxStopPoint",
            *(_points(product, product.stop_points, Feature.TX_STOP_POINT_WRITABLE) for product in products),
        ),
        ("Cases that apply", *(str(len(applicable(product))) for product in products)),
    ]
    claims = [_claim(identifier, products) for identifier in FEATURES if _parts(identifier, products)]
    features = [("Feature", *rows[0][1:]), rows[1], *claims]
    table = "\n".join(map(_row, rows))
    text = "\n".join(map(_row, features))
    return (
        f"{_HEAD}\n{table}\n\n## Where they differ\n\nFeatures that some of them have and others have not.\n\n{text}\n"
    )


def _evse(evse: Evse) -> str:
    plugs = ", ".join(
        f"{connector.type} {'socket' if connector.cable == 'Detachable' else 'cable'}" for connector in evse.connectors
    )
    phases = f" {evse.phases}~" if evse.phases else ""
    return f"{evse.id}: {evse.current}{phases} {evse.max_power_w / 1000:g} kW, {plugs}"


def _transfer(product: Product) -> str:
    return str(product.settings.get(Feature.FILE_TRANSFER_PROTOCOLS, "")).replace(",", ", ")


def _points(product: Product, points: tuple[str, ...], settable: Feature) -> str:
    return ", ".join(points) + ("" if product.has(settable) else " (fixed)")


def _parts(identifier: str, products: list[Product]) -> bool:
    return len({product.features.get(identifier, False) for product in products}) > 1


def _claim(identifier: str, products: list[Product]) -> tuple[str, ...]:
    text = f"{identifier} {FEATURES[identifier].text}"
    return (text, *("yes" if product.features.get(identifier, False) else "" for product in products))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
