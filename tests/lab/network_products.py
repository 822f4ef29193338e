"""Products that differ from a shipped one in single lines about network, security, files and time."""

from collections.abc import Mapping

import msgspec

from ohmstead.product.check import problems
from ohmstead.product.feature_table import Feature
from ohmstead.product.load import load
from ohmstead.product.profile import Product, VariableSetting

PROFILES = ((1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3))
"""Every set of security profiles that a product can have."""
ECDSA = ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
RSA = ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384")
"""The two pairs of A00.FR.319 and A00.FR.422."""


def checked(product: Product) -> Product:
    """Return a product in which nothing contradicts itself."""
    assert not list(problems(product))
    return product


def with_features(product: Product, features: Mapping[Feature, bool]) -> Product:
    changed = {feature.id: value for feature, value in features.items()}
    return checked(msgspec.structs.replace(product, features={**product.features, **changed}))


def with_profiles(*profiles: int, base: str = "sec1000-240y") -> Product:
    product = load(base)
    security = msgspec.structs.replace(product.security, profiles=profiles)
    features = {**product.features, Feature.SECURITY_PROFILE_1.id: 1 in profiles}
    return checked(msgspec.structs.replace(product, security=security, features=features))


def with_suites(*suites: str) -> Product:
    product = load("sec1000-240y")
    return checked(
        msgspec.structs.replace(product, security=msgspec.structs.replace(product.security, cipher_suites=suites))
    )


def with_serial_number(product: Product, number: str) -> Product:
    return checked(
        msgspec.structs.replace(product, identity=msgspec.structs.replace(product.identity, serial_number=number))
    )


def with_communication(*ways: str) -> Product:
    product = load("sec1000-240y")
    return checked(
        msgspec.structs.replace(product, hardware=msgspec.structs.replace(product.hardware, communication=ways))
    )


def with_settings(settings: Mapping[Feature, str | int], variables: Mapping[str, VariableSetting]) -> Product:
    """Return a product with other values of the last table of a certificate, and what they say about variables."""
    product = load("sec1000-240y")
    changed = {feature.id: value for feature, value in settings.items()}
    return checked(
        msgspec.structs.replace(
            product, settings={**product.settings, **changed}, variables={**product.variables, **variables}
        )
    )
