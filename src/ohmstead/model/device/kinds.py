"""The data types of variables: how each is read from text, checked and written (Part 2, 2.1.4 and DataEnumType)."""

import re
from datetime import datetime

from ohmstead.model.device.variable import Refused, T, Trait, Variable
from ohmstead.wire.base import timestamp
from ohmstead.wire.instants import FIRST, LATEST, without_leap_second
from ohmstead.wire.messages import DataEnum

_INTEGER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]{1,6})?", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?([Zz]|[+-][0-9]{2}:[0-5][0-9])", re.ASCII
)
_INTEGER_BITS = 31
_INTEGER_DIGITS = 11


def _malformed(expected: str) -> Refused:
    return Refused("InvalidValue", f"not {expected}")


def _in_range(number: float, trait: Trait[T]) -> None:
    low, high = trait.minimum, trait.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        span = f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"
        raise Refused("ValueOutOfRange", f"must be in {span}")


def _clamped(number: float, trait: Trait[T]) -> float:
    low = number if trait.minimum is None else max(number, trait.minimum)
    return low if trait.maximum is None else min(low, trait.maximum)


def _short_enough(text: str, trait: Trait[T]) -> None:
    if trait.maximum is not None and len(text) > trait.maximum:
        raise Refused("ValueOutOfRange", f"longer than {trait.maximum:g} characters")
    if trait.minimum is not None and len(text) < trait.minimum:
        raise Refused("ValueOutOfRange", f"shorter than {trait.minimum:g} characters")


class Integer(Variable[int]):
    """32 bits and a sign; no leading zero, no plus sign, no decimals (TC_B_11 sends some)."""

    data_type = DataEnum.integer

    def parse(self, text: str, trait: Trait[int]) -> int:
        if not _INTEGER.fullmatch(text):
            raise _malformed("an integer")
        if len(text) > _INTEGER_DIGITS or not -(2**_INTEGER_BITS) <= int(text) < 2**_INTEGER_BITS:
            raise Refused("ValueOutOfRange", "does not fit into 32 bits")
        number = int(text)
        if number or not self.allow_empty:
            _in_range(number, trait)
        return number

    def format(self, value: int) -> str:
        return str(value)

    def within(self, value: int, trait: Trait[int]) -> int:
        return value if not value and self.allow_empty else int(_clamped(value, trait))


class Decimal(Variable[float]):
    """A decimal number with at most six decimal places."""

    data_type = DataEnum.decimal

    def parse(self, text: str, trait: Trait[float]) -> float:
        if not _DECIMAL.fullmatch(text):
            raise _malformed("a decimal number with at most six decimal places")
        number = float(text)
        _in_range(number, trait)
        return number

    def format(self, value: float) -> str:
        return f"{value:.6f}".rstrip("0").rstrip(".")

    def within(self, value: float, trait: Trait[float]) -> float:
        return _clamped(value, trait)


class Boolean(Variable[bool]):
    """`true` or `false`, in lower case."""

    data_type = DataEnum.boolean

    def parse(self, text: str, trait: Trait[bool]) -> bool:
        del trait
        if text not in ("true", "false"):
            raise _malformed("`true` or `false`")
        return text == "true"

    def format(self, value: bool) -> str:
        return "true" if value else "false"


class String(Variable[str]):
    """Text; the limits are those of its length."""

    data_type = DataEnum.string

    def parse(self, text: str, trait: Trait[str]) -> str:
        if text or not self.allow_empty:
            _short_enough(text, trait)
        return text

    def format(self, value: str) -> str:
        return value


class Instant(Variable[datetime | None]):
    """A dateTime of RFC 3339 with at most three decimals of a second, kept in whole seconds."""

    data_type = DataEnum.dateTime

    def parse(self, text: str, trait: Trait[datetime | None]) -> datetime | None:
        del trait
        if not text and self.allow_empty:
            return None
        if not _INSTANT.fullmatch(text):
            raise _malformed("a date and time of RFC 3339")
        try:
            moment = timestamp(datetime.fromisoformat(without_leap_second(text).upper()))
        except ValueError:
            raise _malformed("a date and time that exists") from None
        if moment == FIRST:
            raise _malformed("a date and time that exists")
        if moment >= LATEST:
            raise Refused("ValueOutOfRange", f"the clock goes up to {LATEST.year}")
        return moment

    def format(self, value: datetime | None) -> str:
        if value is None:
            return ""
        return timestamp(value).isoformat().replace("+00:00", "Z")


class OptionList(Variable[str]):
    """One of the allowed values."""

    data_type = DataEnum.OptionList

    def parse(self, text: str, trait: Trait[str]) -> str:
        if text not in trait.values:
            raise Refused("InvalidValue", f"not one of {', '.join(trait.values)}"[:512])
        return text

    def format(self, value: str) -> str:
        return value

    def within(self, value: str, trait: Trait[str]) -> str:
        return value if value in trait.values else next(iter(trait.values), value)


class _Members(Variable[tuple[str, ...]]):
    """A comma-separated list of allowed values, each at most once; blanks around them do not count."""

    def parse(self, text: str, trait: Trait[tuple[str, ...]]) -> tuple[str, ...]:
        if not text.strip():
            if not self.allow_empty:
                raise Refused("InvalidValue", "must not be empty")
            return ()
        members = tuple(member.strip() for member in text.split(","))
        if unknown := [member for member in members if member not in trait.values]:
            allowed = ", ".join(trait.values)
            raise Refused("InvalidValue", f"`{unknown[0][:50]}` is not one of {allowed}")
        if len(set(members)) != len(members):
            raise Refused("InvalidValue", "holds a value twice")
        _short_enough(",".join(members), trait)
        return members

    def format(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def within(self, value: tuple[str, ...], trait: Trait[tuple[str, ...]]) -> tuple[str, ...]:
        kept = tuple(member for member in value if member in trait.values)
        return kept if kept or not value else trait.values

    def longest(self, maximum: float | None, values: tuple[str, ...]) -> float | None:
        return len(",".join(values)) if maximum is None else maximum


class MemberList(_Members):
    """An unordered set of allowed values."""

    data_type = DataEnum.MemberList


class SequenceList(_Members):
    """An ordered list of allowed values, the first being preferred."""

    data_type = DataEnum.SequenceList
