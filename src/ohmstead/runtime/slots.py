"""Which firmware runs: the slot record is read before a station is built (decided case 17)."""

import msgspec

from ohmstead.ports.firmware import KIND, Image, ImageFault, Slots
from ohmstead.ports.link import Link, LinkRefused, Refusal, Target
from ohmstead.ports.store import Put, Store
from ohmstead.product.profile import Product
from ohmstead.wire.rows import from_row, to_row

MOST_BOOTS = 3
"""Starts that a candidate has to prove itself; a power cut costs one."""


def boot(store: Store) -> Image | None:
    """Choose the firmware of the next run; None is what the station was made with.

    A candidate's start is counted before it happens. One that has had its starts gives way to what worked before.
    """
    row = store.get(KIND, "")
    if row is None:
        return None
    slots = from_row(row, Slots)
    if slots.candidate is None:
        return slots.proven
    tried = slots.boots >= MOST_BOOTS
    after = Slots(proven=slots.proven) if tried else msgspec.structs.replace(slots, boots=slots.boots + 1)
    store.commit([Put(KIND, "", to_row(after))])
    return after.candidate or after.proven


def running(product: Product, image: Image | None) -> Product:
    """Return the product as it is with a firmware."""
    if image is None:
        return product
    return msgspec.structs.replace(
        product,
        identity=msgspec.structs.replace(product.identity, firmware_version=image.version),
        features={**product.features, **image.features},
        settings={**product.settings, **image.settings},
    )


def boots(image: Image | None) -> bool:
    """Say whether a firmware gets as far as the station's own code."""
    return image is None or image.fault is not ImageFault.DoesNotBoot


def connects(image: Image | None) -> bool:
    """Say whether a firmware can talk to its network."""
    return image is None or image.fault is not ImageFault.DoesNotConnect


class MuteDialer:
    """What a firmware that does not connect has instead of a network."""

    async def dial(self, target: Target) -> Link:
        """Refuse."""
        raise LinkRefused(Refusal.Unreachable, f"this firmware does not get to {target.url}")
