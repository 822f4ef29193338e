"""Which of the official cases apply to a product, and which feature decides (Part 5, chapters 3 to 7, with errata).

`data/cases.tsv` is the official list: id, certification profile, mandatory or conditional, and the condition as a
boolean expression over feature ids. An id may stand in several profiles.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from importlib import resources

import msgspec

from ohmstead.lab.prerequisites import POSSESSIONS, prerequisites
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Product

REMOVED = "removed"
"""Condition of a case that the errata took out of certification."""

MAIN_FEATURE: dict[str, Feature] = {
    "Local Authorization List Management": Feature.LOCAL_LIST,
    "Advanced Device Management": Feature.DEVICE_MANAGEMENT,
    "Reservation": Feature.RESERVATION,
    "Advanced User Interface": Feature.DISPLAY_MESSAGES,
}


class UnknownCase(Exception):
    """A case or a block that nobody has written."""


class OfficialCase(msgspec.Struct, frozen=True):
    """One line of the official list."""

    id: str
    """`TC_G_01_CS`"""
    profile: str
    """Certification profile: `Core` ..."""
    status: str
    """`M` mandatory or `C` conditional within the profile."""
    condition: str
    """Empty, `removed`, or an expression: `C-49 and not (C-30 or HFS-8 > 1)`."""

    @property
    def block(self) -> str:
        """The letter of the functional block."""
        return self.id[3]


class Applies(msgspec.Struct, frozen=True):
    """Whether a case applies to a product, and why."""

    applies: bool
    reason: str
    """What decides: `mandatory in Core`, `C-49 = Yes`, `HFS-1 = No`."""


@functools.cache
def rows() -> tuple[OfficialCase, ...]:
    """Return the official list, in its order."""
    text = resources.files("ohmstead.lab").joinpath("data", "cases.tsv").read_text(encoding="utf-8")
    return tuple(OfficialCase(*line.split("\t")) for line in text.splitlines()[1:])


@functools.cache
def titles() -> Mapping[str, str]:
    """Return the titles of the cases that are written, by their ids: what can be known without loading them."""
    text = resources.files("ohmstead.lab").joinpath("data", "titles.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t", 1) for line in text.splitlines()[1:])


def check_block(block: str) -> None:
    """Raise UnknownCase for letters that are no functional block; `g` and `BG` are right."""
    known = sorted({row.block for row in rows()})
    if strange := [letter for letter in block.upper() if letter not in known]:
        raise UnknownCase(f"{', '.join(strange)}: no block; the blocks are {' '.join(known)}")


def rows_of(case_id: str) -> tuple[OfficialCase, ...]:
    """Return the lines of one case, one a profile."""
    return tuple(row for row in rows() if row.id == case_id)


def select(case_id: str, product: Product, *, presupposing: bool = True) -> Applies:
    """Say whether a case applies to a product: in one of its profiles, and with what its text presupposes.

    Args:
        case_id: `TC_G_01_CS`.
        product: what the station is.
        presupposing: False: by the official list alone, as before there was a table of prerequisites.
    """
    verdicts = [_row_applies(row, product) for row in rows_of(case_id)]
    if not verdicts:
        return Applies(False, f"{case_id} is not in the official list")
    verdict = next((verdict for verdict in verdicts if verdict.applies), verdicts[0])
    presupposed = prerequisites().get(case_id) if presupposing else None
    if verdict.applies and presupposed is not None and not decide(presupposed.needs, product).applies:
        return Applies(False, presupposed.reason)
    return verdict


def applicable(product: Product) -> tuple[str, ...]:
    """Return the ids of the cases that apply, in the order of the list."""
    return tuple(dict.fromkeys(row.id for row in rows() if select(row.id, product).applies))


def _row_applies(row: OfficialCase, product: Product) -> Applies:
    if row.condition == REMOVED:
        return Applies(False, "removed from certification by the errata")
    if not claims(product, row.profile):
        feature = MAIN_FEATURE.get(row.profile)
        return Applies(False, f"{feature} = No" if feature else f"{row.profile} is not claimed")
    if not row.condition:
        return Applies(True, f"mandatory in {row.profile}")
    return decide(row.condition, product)


def decide(condition: str, product: Product) -> Applies:
    """Evaluate an expression over feature ids, names of certification profiles, and possessions. Raises ValueError."""
    expression = _Condition(condition, product)
    holds = expression.value()
    return Applies(holds, "; ".join(expression.reasons(holds)))


def claims(product: Product, profile: str) -> bool:
    """Say whether a product claims a certification profile: by its certificate, else by the features that it has."""
    if profile == "Core":
        return True
    if product.certificate.results:
        return product.certified(profile)
    if profile in MAIN_FEATURE:
        return product.has(MAIN_FEATURE[profile])
    if profile == "Advanced Security":
        return 3 in product.security.profiles
    if profile == "Smart Charging":
        return product.has(Feature.CHARGING_RATE_IN_A) or product.has(Feature.CHARGING_RATE_IN_W)
    return False


_TOKEN = re.compile(
    r'\s*(?:(?P<symbol>[()]|and\b|or\b|not\b)|"(?P<name>[^"]+)"|HFS-8 > (?P<evses>\d+)|(?P<id>[\w.-]+))'
)


class _Condition:
    """A recursive descent over `or`, `and`, `not`, parentheses; every atom it met is kept for the reason."""

    def __init__(self, text: str, product: Product) -> None:
        self._tokens = list(_tokens(text))
        self._product = product
        self._at = 0
        self._atoms: dict[str, tuple[bool, bool]] = {}
        """What was asked -> (its value, whether it stands under an odd number of `not`)."""
        self._negated = False

    def value(self) -> bool:
        """Return the value of the whole expression."""
        value = self._or()
        if self._at != len(self._tokens):
            raise ValueError(f"{self._tokens[self._at :]} is left over")
        return value

    def reasons(self, holds: bool) -> Iterator[str]:
        """Yield the atoms that speak for the outcome; where none does, all."""
        speaking = [name for name, (value, negated) in self._atoms.items() if (value != negated) == holds]
        for name in speaking or self._atoms:
            yield f"{name} = {'Yes' if self._atoms[name][0] else 'No'}"

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _or(self) -> bool:
        value = self._and()
        while self._peek() == "or":
            self._at += 1
            right = self._and()
            value = value or right
        return value

    def _and(self) -> bool:
        value = self._not()
        while self._peek() == "and":
            self._at += 1
            right = self._not()
            value = value and right
        return value

    def _not(self) -> bool:
        if self._peek() == "not":
            self._at += 1
            self._negated = not self._negated
            value = not self._not()
            self._negated = not self._negated
            return value
        if self._peek() == "(":
            self._at += 1
            value = self._or()
            if self._peek() != ")":
                raise ValueError("a parenthesis is not closed")
            self._at += 1
            return value
        return self._atom()

    def _atom(self) -> bool:
        kind, text = self._tokens[self._at]
        self._at += 1
        match kind:
            case "evses":
                name, value = f"HFS-8 > {text}", len(self._product.evses) > int(text)
            case "name" if text in POSSESSIONS:
                name, value = text, POSSESSIONS[text](self._product)
            case "name":
                name, value = text, claims(self._product, text)
            case "id" if text == Feature.MEASURANDS:
                name, value = text, any(msgspec.structs.astuple(self._product.measurands))
            case "id" if text in FEATURES:
                name, value = text, self._product.has(FEATURES[text])
            case _:
                raise ValueError(f"{text} stands where a feature is due")
        self._atoms.setdefault(name, (value, self._negated))
        return value


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"{text[at:]!r} cannot be read")
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()
