"""The feature tables of an abstract: answers, measurands, cipher suites."""

import re
from collections.abc import Iterable, Iterator

from ohmstead.product.abstract import Abstract, Statement
from ohmstead.product.features import CIPHER_SUITES, FEATURES, MEASURANDS, SUITE_PAIRS, has_pair
from ohmstead.product.profile import Measurands

ANSWER = re.compile(r"(yes|no)\b[\s,.:;(]*(.*)", re.IGNORECASE | re.DOTALL)
YES = ("y", "x", "true", "✓", "✔", "☒", "supported", "present")
NO = ("n", "false", "-", "–", "n/a", "na", "not applicable", "not supported", "☐", "✗")


def flags(abstract: Abstract) -> dict[str, bool]:
    """Return the features that are answered Yes or No."""
    found = {}
    for identifier, said in abstract.answers.items():
        feature = FEATURES[identifier]
        if feature.kind == "heading" and said.value:
            abstract.note(said.line, f"{identifier} is a heading; its answer {said.value!r} is left out")
        elif feature.kind == "flag":
            answer = _answer(abstract, identifier, said)
            if answer is not None:
                found[identifier] = answer
    return found


def _answer(abstract: Abstract, identifier: str, said: Statement) -> bool | None:
    value = said.value.strip()
    match = ANSWER.fullmatch(value)
    if match:
        rest = match[2].strip(" )")
        if rest and identifier != "C-54":
            abstract.warn(said.line, f"{identifier}: {match[1]!r} is taken, the remark {rest!r} is left out")
            abstract.kept(identifier, value)
        return match[1].lower() == "yes"
    if value.lower() in YES or value.lower() in NO:
        answer = value.lower() in YES
        abstract.kept(identifier, value)
        abstract.note(said.line, f"{identifier}: {value!r} is read as {'Yes' if answer else 'No'}")
        return answer
    if identifier == "C-54" and value:
        return True
    if value:
        abstract.kept(identifier, value)
    wrong = f"{value!r} is neither Yes nor No" if value else "no answer"
    abstract.warn(said.line, f"{identifier}: {wrong}; taken as not supported")
    return None


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
    for identifier, field in zip(LISTS, FIELDS, strict=True):
        if not supported.get(field):
            line = abstract.answers[identifier].line if identifier in abstract.answers else 0
            abstract.warn(line, f"{identifier}: there are no {LISTS[identifier]} measurands; none are taken")
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
        abstract.fail(said.line, f"C-41: none of its cipher suites is known: {said.value}")
    if not found:
        line = said.line if said is not None else 0
        abstract.warn(line, "C-41: no cipher suites; the two pairs of A00.FR.318 are taken")
    return found or SUITES_OF_EVERY_STATION


NO_TLS = ("none", "no", "no tls", "not applicable", "n/a")
"""What C-41 says where there is no TLS: security profile 1 alone."""


def has_no_tls(abstract: Abstract) -> bool:
    """Say whether C-41 says in words that there are no cipher suites; an empty or missing one says nothing."""
    said = abstract.answers.get("C-41")
    if said is None or said.value.strip().lower() not in NO_TLS:
        return False
    abstract.note(said.line, f"C-41 is {said.value!r}, and C-61 is Yes: security profile 1 alone, without TLS")
    return True


def with_a_pair(abstract: Abstract, suites: tuple[str, ...]) -> tuple[str, ...]:
    """Add what is missing of a pair that every station with TLS offers (A00.FR.319), if a list holds neither.

    The pair of which one suite is listed; else that of the kind of key that is; else ECDSA, which is recommended.
    """
    said = abstract.answers.get("C-41")
    if said is None or has_pair(suites):
        return suites
    ecdsa, rsa = SUITE_PAIRS
    begun = [pair for pair in SUITE_PAIRS if set(pair) & set(suites)]
    kinds = [pair for pair, kind in ((ecdsa, "_ECDSA_"), (rsa, "_RSA_")) if any(kind in suite for suite in suites)]
    pair = (*begun, *kinds, ecdsa)[0]
    abstract.kept("C-41", said.value)
    text = f"C-41 has neither pair that A00.FR.319 wants; it is read as if {' and '.join(pair)} were in it"
    abstract.contradict(said.line, text)
    return tuple(dict.fromkeys((*suites, *pair)))


PIECES = 4
"""Lines over which a narrow column may break one name."""


def _whole_names(parts: list[str], known: Iterable[str]) -> Iterator[str]:
    """Put together again what a narrow column has broken: `Energy.Active.Imp` `ort.Register`."""
    names = frozenset(known)
    while parts:
        lengths = range(min(PIECES, len(parts)), 0, -1)
        most = next((count for count in lengths if "".join(parts[:count]).lower() in names), 1)
        yield "".join(parts[:most])
        parts = parts[most:]


def _known(
    abstract: Abstract, identifier: str, line: int, text: str, values: Iterable[str], *, quiet: bool = False
) -> tuple[str, ...]:
    """Return the parts of a list that are among the values, in their order, each once; warn of the others."""
    by_letters = {value.lower(): value for value in values}
    found: list[str] = []
    for part in _whole_names(re.split(r"[\s,;]+", text), by_letters):
        value = by_letters.get(part.lower())
        if value is None:
            if part.lower() not in ("", *NO, "none", "no", "and") and not quiet:
                abstract.warn(line, f"{identifier}: {part!r} is not known; left out")
        elif value not in found:
            found.append(value)
            if value != part and not quiet:
                abstract.note(line, f"{identifier}: {part!r} is read as {value}")
    return tuple(found)
