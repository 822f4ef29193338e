"""Which types of tokens a product takes, and for what: local start and stop, remote start (C-30 ... C-75)."""

from collections.abc import Mapping
from types import MappingProxyType

from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product

LOCAL_START: Mapping[str, Feature] = MappingProxyType(
    {
        "ISO14443": Feature.STARTS_BY_ISO14443,
        "ISO15693": Feature.STARTS_BY_ISO15693,
        "KeyCode": Feature.STARTS_BY_KEY_CODE,
        "Local": Feature.STARTS_BY_LOCAL,
        "MacAddress": Feature.STARTS_BY_MAC_ADDRESS,
        "NoAuthorization": Feature.STARTS_WITHOUT_AUTHORIZATION,
    }
)
"""IdTokenEnumType -> the feature that a driver starts by it; in the order in which a driver would try."""
LOCAL_STOP: Mapping[str, Feature] = MappingProxyType(
    {
        "ISO14443": Feature.STOPS_BY_ISO14443,
        "ISO15693": Feature.STOPS_BY_ISO15693,
        "KeyCode": Feature.STOPS_BY_KEY_CODE,
        "NoAuthorization": Feature.STOPS_WITHOUT_AUTHORIZATION,
    }
)
"""IdTokenEnumType -> the feature that a driver stops by it."""
REMOTE_START: Mapping[str, Feature] = MappingProxyType(
    {
        "ISO14443": Feature.REMOTE_START_BY_ISO14443,
        "ISO15693": Feature.REMOTE_START_BY_ISO15693,
        "Central": Feature.REMOTE_START_BY_CENTRAL,
        "NoAuthorization": Feature.REMOTE_START_WITHOUT_AUTHORIZATION,
    }
)
"""IdTokenEnumType -> the feature that the CSMS starts by it."""
CARDS = ("ISO14443", "ISO15693")
"""Types that an RFID reader reads."""


def local_start_types(product: Product) -> tuple[str, ...]:
    """Return the types of tokens that a driver can start by."""
    return _held(product, LOCAL_START)


def local_stop_types(product: Product) -> tuple[str, ...]:
    """Return the types of tokens that a driver can stop by.

    A certificate from before errata 5.2 has no lines C-70 to C-75: what starts, stops.
    """
    if not any(feature in product.features for feature in LOCAL_STOP.values()):
        return tuple(name for name in local_start_types(product) if name in LOCAL_STOP)
    return _held(product, LOCAL_STOP)


def remote_start_types(product: Product) -> tuple[str, ...]:
    """Return the types of tokens that the CSMS can start by."""
    return _held(product, REMOTE_START)


def id_token_types(product: Product) -> tuple[str, ...]:
    """Return the types of tokens that a product takes for any purpose (errata 2.63)."""
    taken = {*local_start_types(product), *local_stop_types(product), *remote_start_types(product)}
    return tuple(name for name in dict.fromkeys((*LOCAL_START, *REMOTE_START)) if name in taken)


def has_keypad(product: Product) -> bool:
    """Say whether a product has a keypad: no line of a certificate says so, but somebody has to type a key code."""
    return product.has(Feature.STARTS_BY_KEY_CODE) or product.has(Feature.STOPS_BY_KEY_CODE)


def places_types(product: Product) -> tuple[str, ...]:
    """Return the types that a button or the car of each EVSE stands for (C02, C06, errata 5.2)."""
    taken = {*local_start_types(product), *local_stop_types(product)}
    return tuple(name for name in ("NoAuthorization", "Local", "MacAddress") if name in taken)


def _held(product: Product, features: Mapping[str, Feature]) -> tuple[str, ...]:
    return tuple(name for name, feature in features.items() if product.has(feature))
