"""The feature tables of an abstract: answers, measurands, cipher suites."""

import re
from collections.abc import Iterable

from ohmstead.product.abstract import Abstract, CertificateError, Statement
from ohmstead.product.feature_table import Feature
from ohmstead.product.features import CIPHER_SUITES, FEATURES, MEASURANDS
from ohmstead.product.profile import Measurands

ANSWER = re.compile(r"(yes|no)\b[\s,.:;(]*(.*)", re.IGNORECASE | re.DOTALL)
YES = ("y", "x", "true", "✓", "✔", "☒", "supported", "present")
NO = ("n", "false", "-", "–", "n/a", "na", "not applicable", "not supported", "☐", "✗")


def flags(abstract: Abstract) -> dict[str, bool]:
    """Return the features that are answered Yes or No.

    Raises CertificateError where answers exclude each other.
    """
    found = {}
    for identifier, said in abstract.answers.items():
        feature = FEATURES[identifier]
        if feature.kind == "heading" and said.value:
            abstract.note(said.line, f"{identifier} is a heading; its answer {said.value!r} is left out")
        elif feature.kind == "flag":
            answer = _answer(abstract, identifier, said)
            if answer is not None:
                found[identifier] = answer
    _contradictions(abstract, found)
    return found


def _answer(abstract: Abstract, identifier: str, said: Statement) -> bool | None:
    value = said.value.strip()
    match = ANSWER.fullmatch(value)
    if match:
        rest = match[2].strip(" )")
        if rest and identifier != "C-54":
            abstract.warn(said.line, f"{identifier}: {match[1]!r} is taken, the remark {rest!r} is left out")
        return match[1].lower() == "yes"
    if value.lower() in YES or value.lower() in NO:
        answer = value.lower() in YES
        abstract.note(said.line, f"{identifier}: {value!r} is read as {'Yes' if answer else 'No'}")
        return answer
    if identifier == "C-54" and value:
        return True
    wrong = f"{value!r} is neither Yes nor No" if value else "no answer"
    abstract.warn(said.line, f"{identifier}: {wrong}; taken as not supported")
    return None


CHOICES = {
    "C-06": ("C-06.1", "C-06.2"),
    "C-09": ("C-09.1", "C-09.2", "C-09.3", "C-09.4", "C-09.5", "C-09.6"),
    "C-10": ("C-10.1", "C-10.2", "C-10.3", "C-10.4", "C-10.5"),
    "C-12": ("C-12.1", "C-12.2"),
    "C-48": ("C-48.1", "C-48.2"),
}
"""Headings of which at least one option must be there (Part 5, 3.1)."""


def _contradictions(abstract: Abstract, found: dict[str, bool]) -> None:
    def line(identifier: str) -> int:
        return abstract.answers[identifier].line if identifier in abstract.answers else 0

    for heading, options in CHOICES.items():
        given = [option for option in options if option in found]
        if given and not any(found[option] for option in given):
            raise CertificateError(line(given[0]), f"{heading}: every option is No, at least one must be Yes")
        if not given and heading in ("C-09", "C-10"):
            raise CertificateError(line(heading), f"{heading}: its options ({options[0]} ...) are missing")
        if not given:
            abstract.warn(line(heading), f"{heading}: its options ({options[0]} ...) are missing; none is supported")
    for option, needs in ((feature.id, feature.needs) for feature in Feature if feature.needs):
        if found.get(option) and found.get(needs) is False:
            reason = f"{option} is Yes, but {needs}, without which it means nothing, is No in line {line(needs)}"
            raise CertificateError(line(option), reason)
        if found.get(option) and needs not in found:
            abstract.note(line(option), f"{option} is Yes and {needs} is not answered; {needs} is taken as Yes")
            found[needs] = True
    if found.get("C-02") and found.get("C-01") is False:
        raise CertificateError(
            line("C-02"), f"C-02 is Yes, but C-01, of which it is a part, is No in line {line('C-01')}"
        )
    if found.get("C-09.3") and found.get("C-42") is False:
        abstract.warn(
            line("C-09.3"), f"C-09.3 (DataSigned) is Yes, but C-42 (signed meter values) is No in line {line('C-42')}"
        )
    _fixed_points(abstract, found, line("C-51"), line("C-52"))


def _fixed_points(abstract: Abstract, found: dict[str, bool], start: int, stop: int) -> None:
    for setter, heading, name, at in (("C-51", "C-09", "TxStartPoint", start), ("C-52", "C-10", "TxStopPoint", stop)):
        points = [option for option in CHOICES[heading] if found.get(option)]
        if found.get(setter) is False and len(points) > 1:
            text = f"{setter} is No and {heading} has several options: {name} is fixed and holds all of them"
            abstract.warn(at, text)


LISTS = {
    "C-40.1": "SampledTxStarted",
    "C-40.2": "SampledTxUpdated",
    "C-40.3": "SampledTxEnded",
    "C-40.4": "AlignedData",
    "C-40.5": "AlignedDataTxEnded",
}
FIELDS = ("tx_started", "tx_updated", "tx_ended", "aligned", "aligned_tx_ended")


def measurands(abstract: Abstract) -> tuple[Measurands, Measurands]:
    """Return the measurands that the station supports according to its vendor, and those that were tested."""
    supported: dict[str, tuple[str, ...]] = {}
    tested: dict[str, tuple[str, ...]] = {}
    for (identifier, right), field in zip(LISTS.items(), FIELDS, strict=True):
        said = abstract.answers.get(identifier)
        if said is None:
            continue
        _label(abstract, identifier, said, right)
        supported[field] = _known(abstract, identifier, said.line, said.value, MEASURANDS)
        tested[field] = _known(abstract, identifier, said.line, said.tested or said.value, MEASURANDS, quiet=True)
    if not supported:
        abstract.warn(0, "no measurands (C-40.1 to C-40.5); Energy.Active.Import.Register is taken for each list")
        register = ("Energy.Active.Import.Register",)
        return Measurands(**dict.fromkeys(FIELDS, register)), Measurands()
    return Measurands(**supported), Measurands(**tested)


def _label(abstract: Abstract, identifier: str, said: Statement, right: str) -> None:
    label = re.sub(r"[^a-z]", "", said.label.lower()).removesuffix("measurands")
    if label and label != right.lower():
        what = "which is the same" if label == "sampledtxbegan" and identifier == "C-40.1" else "put right by the id"
        abstract.note(said.line, f"{identifier} is labeled {said.label!r} for {right} measurands, {what}")


SUITES_OF_EVERY_STATION = CIPHER_SUITES[:4]
"""A00.FR.318: one of the two pairs; which one an abstract without the table means is not known."""


def cipher_suites(abstract: Abstract) -> tuple[str, ...]:
    """Return the TLS cipher suites of C-41."""
    said = abstract.answers.get("C-41")
    found = _known(abstract, "C-41", said.line, said.value, CIPHER_SUITES) if said is not None else ()
    if said is not None and said.value and not found:
        raise CertificateError(said.line, f"C-41: none of its cipher suites is known: {said.value}")
    if not found:
        line = said.line if said is not None else 0
        abstract.warn(line, "C-41: no cipher suites; the two pairs of A00.FR.318 are taken")
    return found or SUITES_OF_EVERY_STATION


def _known(
    abstract: Abstract, identifier: str, line: int, text: str, values: Iterable[str], *, quiet: bool = False
) -> tuple[str, ...]:
    """Return the parts of a list that are among the values, in their order, each once; warn of the others."""
    by_letters = {value.lower(): value for value in values}
    found: list[str] = []
    for part in re.split(r"[\s,;]+", text):
        value = by_letters.get(part.lower())
        if value is None:
            if part.lower() not in ("", *NO, "none", "no", "and") and not quiet:
                abstract.warn(line, f"{identifier}: {part!r} is not known; left out")
        elif value not in found:
            found.append(value)
            if value != part and not quiet:
                abstract.note(line, f"{identifier}: {part!r} is read as {value}")
    return tuple(found)
