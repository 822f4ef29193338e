"""What a station cannot tell over OCPP, as questions for the person who stands before it."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.features import CONNECTOR_TYPES

T = TypeVar("T")
TOKENS = ("ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization", "Central")
WAYS = {"ethernet": "Ethernet", "mobile": "Mobile network", "wi-fi": "Wi-Fi"}
READERS = {"none": "None", "single": "Single", "per-evse": "PerEVSE"}


class AnswerError(ValueError):
    """An answer that cannot be one; the text says what would be right."""


class StationQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question."""

    name: str
    """As `--answer NAME=VALUE` gives it: `readers`, or the id of a feature."""
    text: str
    usual: str
    """What is assumed where nobody answers."""
    read: Callable[[str], object]
    """Turns an answer into its value. Raises AnswerError."""


Answers = Mapping[str, str]


def yes_or_no(text: str) -> bool:
    """Read yes or no."""
    return one_of({"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False})(text)


def one_of(known: Mapping[str, T]) -> Callable[[str], T]:
    """Read one of these words."""

    def read(text: str) -> T:
        if text.strip().lower() not in known:
            raise AnswerError(f"{text!r} is none of {', '.join(known)}")
        return known[text.strip().lower()]

    return read


def some_of(known: Mapping[str, T], *, empty: bool = False) -> Callable[[str], tuple[T, ...]]:
    """Read some of these words, joined by commas; `none` where there may be none."""

    def read(text: str) -> tuple[T, ...]:
        parts = [part for part in re.split(r"[,\s]+", text.strip()) if part]
        if empty and [part.lower() for part in parts] in ([], ["none"]):
            return ()
        if not parts:
            raise AnswerError(f"at least one of {', '.join(known)}")
        return tuple(dict.fromkeys(map(one_of(known), parts)))

    return read


def number(least: float, most: float) -> Callable[[str], float]:
    """Read a number within bounds."""

    def read(text: str) -> float:
        try:
            value = float(text.strip().lower().removesuffix("kw"))
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise AnswerError(f"{text!r} is no number from {least:g} to {most:g}")
        return value

    return read


connectors = some_of({name.lower(): name for name in CONNECTOR_TYPES})
tokens = some_of({name.lower(): name for name in TOKENS}, empty=True)
ways = some_of(WAYS)
profiles = some_of({"1": 1, "2": 2, "3": 3})
ASKED_ALWAYS: tuple[StationQuestion, ...] = (
    StationQuestion(name="displays", text="Number of displays", usual="0", read=number(0, 100)),
    StationQuestion(
        name="communication", text="Ways to the CSMS: ethernet, mobile, wi-fi", usual="ethernet", read=ways
    ),
    *(
        StationQuestion(name=feature.id, text=f"{text}?", usual="no", read=yes_or_no)
        for feature, text in (
            (Feature.CUSTOMER_IDENTIFIER, "Does CustomerInformation know a driver by a customer identifier"),
            (Feature.FIRMWARE_DOWNLOADED_DURING_TRANSACTION, "Does it download firmware while a transaction runs"),
            (Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION, "And install it then"),
            (Feature.LOG_UPLOAD_CANCELED, "Does another GetLog cancel a running upload"),
            (Feature.FIRMWARE_UPDATE_CANCELED, "Does another UpdateFirmware cancel a running update"),
            (Feature.EVSE_CHOSEN_BEFORE_AUTHORIZATION, "Must a driver choose an EVSE before the card"),
            (Feature.CABLE_LOCKED_UNTIL_AUTHORIZED, "Is the cable locked away until a driver is authorized"),
            (Feature.LAST_CSMS_ROOT_REMOVABLE, "Can the last CSMS root certificate be removed"),
            (Feature.LAST_STATION_CERTIFICATE_REMOVABLE, "Can the station's own certificate be removed"),
        )
    ),
)
"""What no report tells."""
READ: Mapping[str, Callable[[str], object]] = {
    **{question.name: question.read for question in ASKED_ALWAYS},
    "vendor_name": str.strip,
    "model": str.strip,
    "readers": one_of(READERS),
    "tokens": tokens,
    "profiles": profiles,
    "evses": number(1, 50),
    "connectors": connectors,
    "current": one_of({"ac": "AC", "dc": "DC"}),
    "phases": number(1, 3),
    "power": number(0.1, 10_000),
}
"""Name of every question that can come up -> what reads its answer."""


def check_answer(name: str, value: str) -> None:
    """Raise AnswerError for an answer to no question, or one that cannot be."""
    if name not in READ:
        raise AnswerError(f"nobody asks for {name!r}, but for {', '.join(READ)}")
    READ[name](value)
