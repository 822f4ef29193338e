"""Two products compared: whatever field is changed, that one is named, and nothing else."""

import typing
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Literal

import msgspec
import pytest

from ohmstead.product.difference import NUMBERED, differences, reverse, with_difference
from ohmstead.product.difference_words import FIELDS, in_words
from ohmstead.product.features import FEATURES
from ohmstead.product.load import load, shipped
from ohmstead.product.profile import Product, VariableSetting
from tests.generators import sample

KEYED: Mapping[str, Mapping[str, object]] = {
    "features": {name: True for name, feature in FEATURES.items() if feature.kind == "flag"},
    "settings": {name: 7 for name, feature in FEATURES.items() if feature.group == "Settings"},
    "variables": {"TxCtrlr.EVConnectionTimeOut": VariableSetting(value=3, min=1, max=9)},
    "results": {"Smart Charging": "Fail"},
    "words": {"C-01": "yes, sometimes"},
}
"""What is put into fields that have keys of their own."""


def changed_once(value: msgspec.Struct, path: str = "") -> Iterator[tuple[str, msgspec.Struct]]:
    """Yield a struct with one field changed, for each field however deep, with the path of the field."""
    for field in msgspec.structs.fields(value):
        here = f"{path}.{field.name}".removeprefix(".")
        for place, other in _others(field.name, field.type, getattr(value, field.name), here):
            if field.name != "id":
                yield place, msgspec.structs.replace(value, **{field.name: other})


def _others(name: str, kind: object, value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, msgspec.Struct):
        yield from changed_once(value, path)
    elif isinstance(value, dict):
        yield from _other_entries(value, name, path)
    elif name in NUMBERED and isinstance(value, tuple):
        for at, one in enumerate(value):
            for place, other in changed_once(one, f"{path}[{one.id}]"):
                yield place, (*value[:at], other, *value[at + 1 :])
        yield f"{path}[{len(value)}]", value[:-1]
        yield f"{path}[{len(value) + 1}]", (*value, msgspec.structs.replace(value[0], id=len(value) + 1))
    else:
        yield path, _another(kind, value)


def _other_entries(value: Mapping[str, object], name: str, path: str) -> Iterator[tuple[str, object]]:
    for key, there in value.items():
        if isinstance(there, VariableSetting):
            for place, other in changed_once(there, f'{path}["{key}"]'):
                yield place, {**value, key: other}
        else:
            yield _keyed(path, key), {**value, key: _another(type(there), there)}
    for key, new in KEYED[name].items():
        if not value.get(key):
            yield _keyed(path, key), {**value, key: new}


def _keyed(path: str, key: str) -> str:
    return f"{path}.{key}" if key.isidentifier() else f'{path}["{key}"]'


def _another(kind: object, value: object) -> object:
    """Return another value of a type."""
    if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union:
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    if typing.get_origin(kind) is Literal:
        return next(one for one in typing.get_args(kind) if one != value)
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}x"
        case tuple():
            return (*value, 7 if typing.get_args(kind)[0] is int else "Something")
    if typing.get_origin(kind) is tuple:
        return ("new",)
    return "new" if kind is str else 5


@pytest.mark.parametrize("name", shipped())
def test_a_product_differs_from_itself_in_nothing(name: str) -> None:
    assert differences(load(name), load(name)) == ()


@pytest.mark.parametrize("name", shipped())
def test_one_field_that_is_changed_is_named_and_nothing_else(name: str) -> None:
    product = load(name)
    cells = list(changed_once(product))
    assert len(cells) > 150
    for path, other in sample(cells, 30):
        assert isinstance(other, Product)
        (one,) = differences(product, other)
        assert one.where == path
        said = str(in_words(one, product, other, {"TxCtrlr.EVConnectionTimeOut": "s"}))
        back = str(in_words(reverse(one), other, product))
        assert said != back
        assert " -> " in said or "B has" in said
        assert differences(with_difference(product, one), other) == ()
        assert differences(with_difference(other, reverse(one)), product) == ()


def test_every_field_has_its_words() -> None:
    """By the types: a field that is new is missed here."""

    def patterns(kind: type[msgspec.Struct], path: str = "") -> Iterator[str]:
        for field in msgspec.structs.fields(kind):
            inner = typing.get_args(field.type)[0] if field.name in NUMBERED else field.type
            here = f"{path}.{field.name}".removeprefix(".")
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                yield from patterns(inner, here)
            elif field.name not in KEYED and field.name != "id" and here != "hardware.rfid_readers":
                yield here

    assert set(FIELDS) == set(patterns(Product))


def said(product: Product, **fields: object) -> list[str]:
    """Return what is said of a product with other fields."""
    other = msgspec.structs.replace(product, **fields)
    return [str(in_words(one, product, other, {"A.B": "s"})) for one in differences(product, other)]


def test_what_is_said() -> None:
    depot = load("depot")
    hardware, security = depot.hardware, depot.security

    def built(**fields: object) -> list[str]:
        return said(depot, hardware=msgspec.structs.replace(hardware, **fields))

    places = "at EVSE 1, at EVSE 2, at EVSE 3 and at EVSE 4"
    assert built(rfid_readers="None") == [f"HFS-10 RFID readers: B has no reader {places}"]
    assert built(rfid_readers="Single") == [
        f"HFS-10 RFID readers: B has no reader {places}, but one for the whole station"
    ]
    assert said(depot, evses=depot.evses[:-1]) == [
        "HFS-8 B has no EVSE 4 (AC, 3 phases, 22.08 kW; connector 1: sType2, detachable cable; an RFID reader)"
    ]
    assert built(communication=hardware.communication[::-1]) == [
        "HFS-9 Ways to reach the CSMS: in another order, Ethernet, Mobile network -> Mobile network, Ethernet"
    ]
    assert said(depot, security=msgspec.structs.replace(security, profiles=(1, 2))) == [
        "Security: B has no profile 3, but profile 1"
    ]
    assert said(depot, features={**depot.features, "C-49": False}) == ["C-49 Authorization cache: Yes -> No"]
    assert said(depot, settings={**depot.settings, "ORS-12": 900}) == [
        "ORS-12 Longest heartbeat interval: not said -> 900 s"
    ]
    limited = {**depot.variables, "A.B": VariableSetting(value=60, min=1, max=120)}
    assert said(depot, variables=limited) == ["A.B: not said -> 60 s, at least 1 s, at most 120 s"]


def test_a_feature_that_is_not_listed_is_not_supported() -> None:
    depot = load("depot")
    listed = {name: answer for name, answer in depot.features.items() if answer}
    assert listed != depot.features
    assert said(depot, features=listed) == []
