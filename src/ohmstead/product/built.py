"""What a product claims and our own station does not do, and the product without it.

The lab tests any station for what it claims; where our own station plays a product, a claim that nothing serves would
be untrue.
"""

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Measurands, Product

PROFILE_FEATURES = {
    "Local Authorization List Management": (Feature.LOCAL_LIST,),
    "Smart Charging": (Feature.CHARGING_RATE_IN_A, Feature.CHARGING_RATE_IN_W),
    "Advanced Device Management": (Feature.DEVICE_MANAGEMENT,),
    "Reservation": (Feature.RESERVATION,),
    "Advanced User Interface": (Feature.DISPLAY_MESSAGES,),
    "ISO 15118 Support": (Feature.CENTRAL_CONTRACT_VALIDATION,),
}
"""Certification profile -> the features that it is about; Core and Advanced Security are built."""
BUILT_MEASURANDS = frozenset(
    {
        "Current.Export",
        "Current.Import",
        "Current.Offered",
        "Energy.Active.Export.Register",
        "Energy.Active.Import.Register",
        "Frequency",
        "Power.Active.Export",
        "Power.Active.Import",
        "Power.Offered",
        "SoC",
        "Voltage",
    }
)
"""What a machine can tell our station (`ports/measurands.py`)."""


def unbuilt_features(product: Product) -> tuple[Feature, ...]:
    """Return the features that a product claims and our station does not have, in the order of an abstract."""
    return tuple(feature for feature in Feature if not feature.built and product.has(feature))


def unbuilt_profiles(product: Product) -> tuple[str, ...]:
    """Return the certification profiles that a product passed and our station does not serve."""
    return tuple(
        profile
        for profile, features in PROFILE_FEATURES.items()
        if product.certified(profile) and not any(feature.built for feature in features)
    )


def unbuilt_measurands(product: Product) -> tuple[str, ...]:
    """Return the measurands that a product lists and our station never sends (C-40.1 to C-40.5)."""
    listed = {name for key in Measurands.__struct_fields__ for name in getattr(product.measurands, key)}
    return tuple(sorted(listed - BUILT_MEASURANDS))


def unbuilt(product: Product) -> tuple[str, ...]:
    """Return all that a product claims and our station does not do, in words: `R-0 (Reservation)`."""
    features = (f"{feature} ({feature.text})" for feature in unbuilt_features(product))
    profiles = (f"the profile {profile}" for profile in unbuilt_profiles(product))
    return (*features, *profiles, *(f"the measurand {name}" for name in unbuilt_measurands(product)))


def without_unbuilt(product: Product) -> Product:
    """Return the product with those claims taken away; the result has to be checked again."""
    features = product.features | dict.fromkeys((feature.id for feature in unbuilt_features(product)), False)
    results = product.certificate.results | dict.fromkeys(unbuilt_profiles(product), "Not Tested")
    certificate = msgspec.structs.replace(product.certificate, results=results)
    return msgspec.structs.replace(
        product, features=features, certificate=certificate, measurands=_built_measurands(product.measurands)
    )


def _built_measurands(lists: Measurands) -> Measurands:
    names = Measurands.__struct_fields__
    return Measurands(**{key: tuple(one for one in getattr(lists, key) if one in BUILT_MEASURANDS) for key in names})
