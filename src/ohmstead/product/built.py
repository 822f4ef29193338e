"""What a product claims and our own station does not do, and the product without it.

The lab tests any station for what it claims; where our own station plays a product, a claim that nothing serves would
be untrue.
"""

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

PROFILE_FEATURES = {
    "Local Authorization List Management": (Feature.LOCAL_LIST,),
    "Smart Charging": (Feature.CHARGING_RATE_IN_A, Feature.CHARGING_RATE_IN_W),
    "Advanced Device Management": (Feature.DEVICE_MANAGEMENT,),
    "Reservation": (Feature.RESERVATION,),
    "Advanced User Interface": (Feature.DISPLAY_MESSAGES,),
    "ISO 15118 Support": (Feature.CENTRAL_CONTRACT_VALIDATION,),
}
"""Certification profile -> the features that it is about; Core and Advanced Security are built."""


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


def unbuilt(product: Product) -> tuple[str, ...]:
    """Return all that a product claims and our station does not do, in words: `R-0 (Reservation)`."""
    features = (f"{feature} ({feature.text})" for feature in unbuilt_features(product))
    return (*features, *(f"the profile {profile}" for profile in unbuilt_profiles(product)))


def without_unbuilt(product: Product) -> Product:
    """Return the product with those features and profiles switched off; the result has to be checked again."""
    features = product.features | dict.fromkeys((feature.id for feature in unbuilt_features(product)), False)
    results = product.certificate.results | dict.fromkeys(unbuilt_profiles(product), "Not Tested")
    certificate = msgspec.structs.replace(product.certificate, results=results)
    return msgspec.structs.replace(product, features=features, certificate=certificate)
