"""Which tokens the lab shows to a product: of the types that the product takes, and that the case is about."""

import re
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from ohmstead.lab.cases.config import LabConfig, LabToken
from ohmstead.lab.prerequisites import prerequisites
from ohmstead.lab.selection import rows_of
from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.product.token_types import (
    LOCAL_START,
    REMOTE_START,
    local_start_types,
    local_stop_types,
    remote_start_types,
)
from ohmstead.wire.messages import IdTokenEnum

TRIED = ("ISO14443", "ISO15693", "KeyCode", "MacAddress", "Local", "NoAuthorization")
"""Types of local start, the most telling one first: of an id that the station makes, the lab learns nothing before."""
BUTTON = LabToken("", IdTokenEnum.NoAuthorization)
ROLES = ("valid", "valid2", "invalid", "master")


def with_tokens(config: LabConfig, product: Product, case_id: str) -> LabConfig:
    """Return the configuration with tokens of a type that product and case have; remote where nobody starts locally.

    What lab.toml says of a token stands, unless the product does not take its type, or a driver can stop by another
    type only.
    """
    local = _local(product, case_id)
    kinds = local or _remote(product, case_id)
    if not kinds:
        return config
    tokens = {role: _seeded(role, getattr(config, role)) for role in ROLES}
    stops = local_stop_types(product)
    fit = [kind for kind in kinds if kind in stops or kinds[0] not in stops]
    made = {role: token if token.type in fit else of_type(token, kinds[0]) for role, token in tokens.items()}
    return msgspec.structs.replace(config, remote=config.remote or not local, **made)


def _seeded(role: str, token: LabToken) -> LabToken:
    """Let nothing be made of a key code: from a card that was, four digits would be found."""
    secret = token.type is IdTokenEnum.KeyCode and not token.made_of
    return msgspec.structs.replace(token, made_of=role) if secret else token


def remote_token(product: Product, token: LabToken) -> LabToken:
    """Return the token that stands for another in a RequestStartTransaction."""
    kinds = remote_start_types(product)
    return token if token.type in kinds or not kinds else of_type(token, kinds[0])


def stopping_token(product: Product, token: LabToken) -> LabToken | None:
    """Return what a driver who started by a token stops by: the same, or a button; None: nothing at the station."""
    kinds = local_stop_types(product)
    if token.type in kinds:
        return token
    return BUTTON if BUTTON.type in kinds else None


def of_type(token: LabToken, kind: str) -> LabToken:
    """Return a token of another type, always the same one for the same token."""
    digest = sha256((token.made_of or token.id_token).encode()).hexdigest()
    digits = f"{int(digest, 16) % 10**8:08}"
    values = {
        "ISO14443": f"04{digest[:12]}".upper(),
        "ISO15693": f"E004{digest[:12]}".upper(),
        "KeyCode": digits,
        "MacAddress": f"02{digest[:10]}".upper(),
        "Central": f"C-{digest[:16]}",
    }
    return LabToken(values.get(kind, ""), IdTokenEnum(kind))


def _local(product: Product, case_id: str) -> tuple[str, ...]:
    """Return the types of local start that product and case have, those first by which a driver can stop too."""
    named = {kind for row in rows_of(case_id) for kind in _named(row.condition)}
    has = local_start_types(product)
    if any(_names(row.condition, Feature.LOCAL_AUTHORIZE_OFFLINE) for row in rows_of(case_id)):
        has = tuple(kind for kind in has if _offline(product, kind))
    kinds = [kind for kind in TRIED if kind in has and (not named or kind in named)]
    presupposed = prerequisites().get(case_id)
    if presupposed is not None:
        fit = [kind for kind in kinds if kind in _named(presupposed.needs)]
        kinds = fit if fit or _named(presupposed.needs, REMOTE_START) else kinds
    stops = local_stop_types(product)
    # Without authorization there is nothing to ask about: that is for cases that name it, and for want of others.
    return tuple(sorted(kinds, key=lambda kind: (kind == "NoAuthorization" and not named, kind not in stops)))


def _offline(product: Product, kind: str) -> bool:
    """Say whether somebody can start by a type while the station is offline (C-01, errata 5.3)."""
    if kind == BUTTON.type:
        return True
    known = kind != "Local" and (product.has(Feature.AUTH_CACHE) or product.has(Feature.LOCAL_LIST))
    return product.has(Feature.LOCAL_AUTHORIZE_OFFLINE) and (known or product.has(Feature.UNKNOWN_TOKEN_OFFLINE))


def _remote(product: Product, case_id: str) -> tuple[str, ...]:
    """Return the types of remote start that the product has, those alone that the case presupposes if it names any."""
    kinds, presupposed = remote_start_types(product), prerequisites().get(case_id)
    named = _named(presupposed.needs, REMOTE_START) if presupposed is not None else frozenset()
    return tuple(kind for kind in kinds if kind in named) or kinds


def _named(condition: str, features: Mapping[str, Feature] = LOCAL_START) -> frozenset[str]:
    """Return the types of tokens whose features a condition names."""
    return frozenset(kind for kind, feature in features.items() if _names(condition, feature.id))


def _names(condition: str, feature: str) -> bool:
    return re.search(rf"{re.escape(feature)}(?![\d.])", condition) is not None
