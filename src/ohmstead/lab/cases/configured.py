"""What the case texts call "Configured ...", for one product: what the product has bounds what lab.toml chooses."""

import msgspec

from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.tokens import with_tokens
from ohmstead.lab.prerequisites import OF_AN_EV
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Measurands, Product


def configured(config: LabConfig, product: Product, case_id: str = "") -> LabConfig:
    """Return the configuration with every choice made that it leaves to the product and the case."""
    config = with_tokens(config, product, case_id)
    others = [evse.id for evse in product.evses if evse.id != config.evse_id]
    return msgspec.structs.replace(
        config,
        evse_id2=config.evse_id2 or next(iter(others), 0),
        start_points=_points(
            config.start_points,
            product.has(Feature.TX_START_POINT_WRITABLE),
            supported=product.start_points,
            own=product.own_start_points,
        ),
        stop_points=_points(
            config.stop_points,
            product.has(Feature.TX_STOP_POINT_WRITABLE),
            supported=product.stop_points,
            own=product.own_stop_points,
        ),
        measurands=Measurands(
            **{
                name: getattr(config.measurands, name) or _always(getattr(product.measurands, name))
                for name in Measurands.__struct_fields__
            }
        ),
    )


def _always(measurands: tuple[str, ...]) -> tuple[str, ...]:
    """Return the measurands that an EVSE has without an EV, too; all where there is no such."""
    return tuple(name for name in measurands if name not in OF_AN_EV) or measurands


def _points(chosen: str, writable: bool, *, supported: tuple[str, ...], own: tuple[str, ...]) -> str:
    """Return the points to run with: those chosen that can be set, else the product's own."""
    possible = [point for point in chosen.split(",") if writable and point in supported]
    return ",".join(possible or own)
