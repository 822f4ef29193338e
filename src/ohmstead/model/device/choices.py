"""How values and mutability of variables follow from the features of a certificate, and checks of single values."""

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from ohmstead.model.device.variable import READ_ONLY, READ_WRITE, Place
from ohmstead.product import token_types
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import MutabilityEnum

AVAILABILITY = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")
"""Values of AvailabilityState (2.13.2)."""

NETWORK_SLOTS = ("0", "1", "2", "3")
"""Slots for network connection profiles; B09.FR.06 wants at least two."""

_IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]+", re.ASCII)
_OFFSET = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]", re.ASCII)


def any_of(*features: Feature) -> Callable[[Place], bool]:
    """Return the condition that a product has at least one of the features."""
    return lambda place: any(place.product.has(feature) for feature in features)


def writable_with(feature: Feature) -> Callable[[Place], MutabilityEnum]:
    """Return the mutability of a variable that only a product with the feature lets change."""
    return lambda place: READ_WRITE if place.product.has(feature) else READ_ONLY


def writable_if_both(on: Feature, off: Feature) -> Callable[[Place], MutabilityEnum]:
    """Return the mutability of a boolean whose values are a feature each: one feature alone fixes the value."""
    return lambda place: READ_WRITE if place.product.has(on) and place.product.has(off) else READ_ONLY


def on_if(on: Feature, off: Feature, otherwise: bool) -> Callable[[Place], bool]:
    """Return the value of a boolean whose values are a feature each; `otherwise` where neither or both decide it."""

    def decide(place: Place) -> bool:
        yes, no = place.product.has(on), place.product.has(off)
        return otherwise if yes == no else yes

    return decide


def setting(identifier: Feature, default: int) -> Callable[[Place], int]:
    """Return a whole-number setting of the certificate (ORS-...)."""
    return lambda place: place.product.setting(identifier, default)


def words(identifier: Feature, default: str) -> Callable[[Place], tuple[str, ...]]:
    """Return a setting of the certificate that lists words, in whatever way they are separated."""
    return lambda place: tuple(re.findall(r"[A-Za-z0-9]+", str(place.product.settings.get(identifier, default))))


def id_token_types(place: Place) -> tuple[str, ...]:
    """Return the types of tokens that the product takes for any purpose (errata 2.63)."""
    return token_types.id_token_types(place.product)


def among(preferred: tuple[str, ...], supported: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the preferred values that are supported; all the supported ones where none is."""
    return tuple(value for value in preferred if value in supported) or supported


def phases(place: Place) -> int:
    """Return SupplyPhases of a connector, or the most that any connector of the EVSE or station has (0 is DC)."""
    if place.connector_id is not None:
        return place.evse.phases_of(place.connector)
    evses = place.product.evses if place.evse_id is None else (place.evse,)
    return max(evse.phases_of(connector) for evse in evses for connector in evse.connectors)


def sessions_pending_firmware(place: Place) -> bool:
    """Say whether it can be chosen that sessions begin while an update waits: where one ever waits for transactions."""
    has = place.product.has
    never = has(Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION) and has(Feature.FIRMWARE_DOWNLOADED_DURING_TRANSACTION)
    return has(Feature.SESSIONS_PENDING_FIRMWARE) and not never


def fixed_cables_only(place: Place) -> bool:
    """Say whether no connector of the product has a cable that could be unlocked."""
    return all(connector.cable == "Fixed" for evse in place.product.evses for connector in evse.connectors)


def needs_password(place: Place) -> bool:
    """Say whether a security profile with basic authentication exists (2.2.1)."""
    return any(profile in (1, 2) for profile in place.product.security.profiles)


def wrong_time_offset(text: str) -> str | None:
    """Say what is wrong with a TimeOffset; the empty string is unset."""
    return None if not text or _OFFSET.fullmatch(text) else "not an offset such as `+01:00` or `-02:30`"


def wrong_time_zone(text: str) -> str | None:
    """Say what is wrong with a TimeZone; the empty string is unset."""
    if not text:
        return None
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        return "not a name of the IANA time zone database such as `Europe/Oslo`"
    return None


def wrong_password(text: str) -> str | None:
    """Say what is wrong with a password, without repeating it: RFC 7617 has no control characters."""
    return None if text.isprintable() else "holds a character that cannot be sent"


def wrong_identity(text: str) -> str | None:
    """Say what is wrong with an identity: an identifierString without a colon, which ends a user name (2.2.2)."""
    return None if _IDENTITY.fullmatch(text) else "may hold letters, digits and * - _ = + | @ ."


def wrong_organization(text: str) -> str | None:
    """Say what is wrong with an organizationName of a certificate."""
    return None if text.strip() and text.isprintable() else "must hold printable characters"
