"""Lines of a certificate that no station can have together: the column `excludes` of the feature table.

What means nothing without another line stands in its column `needs`. Sources: C-07 and C-08, C16.FR.01 and C16.FR.02
(a station has a user interface, or it has not); C-07, UI-0 and displays, C16.FR.01, O01; cards and readers, C01; the
MAC address of a car and a lock that keeps the cable away (AQ-2), C06: the car tells it over the cable.
"""

import functools

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

WORDS = {
    ("HFS-12", "0"): ("true, and there is no display", "hardware.displays set, or false"),
    ("HFS-10", "None"): ("a card without a reader", "hardware.rfid_readers set"),
}
"""The values of hardware that the column can name -> what is wrong beside one, and what would be right."""


class FeatureExclusion(msgspec.Struct, frozen=True):
    """One line that another one, or a value of one, cannot be beside."""

    feature: Feature
    other: Feature
    value: str = ""
    """Of the other line, where that is not answered Yes or No."""

    def holds(self, product: Product) -> bool:
        """Say whether a product has the other line, or its value."""
        match self.other:
            case Feature.DISPLAYS:
                return str(product.hardware.displays) == self.value
            case Feature.RFID_READERS:
                return product.hardware.rfid_readers == self.value
            case _:
                return product.has(self.other)

    @property
    def words(self) -> tuple[str, str]:
        """What is wrong, and what would be right."""
        return WORDS.get((self.other.id, self.value)) or (f"true, and so is {self.other}", f"{self.other} false")


@functools.cache
def exclusions() -> tuple[FeatureExclusion, ...]:
    """Return what the table says, in its order. Raises ValueError where it names an unknown line."""
    return tuple(
        FeatureExclusion(feature, Feature(other), value)
        for feature in Feature
        for other, _, value in (one.partition("=") for one in feature.excludes)
    )
