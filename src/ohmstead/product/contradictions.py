"""Answers of an abstract that do not go together: what they leave as the one sensible station, or why there is none.

The table of EVSEs says more than Yes and No, so it decides about the hardware feature set. An answer that means nothing
without another one (`needs` in features.tsv) is read as No where that one is No.
"""

from collections.abc import Iterator, Mapping

from ohmstead.product.abstract import Abstract
from ohmstead.product.exclusions import FeatureExclusion, exclusions
from ohmstead.product.feature_table import Feature
from ohmstead.product.tables_hardware import TableFact

CHOICES = {
    "C-06": ("C-06.1", "C-06.2"),
    "C-09": ("C-09.1", "C-09.2", "C-09.3", "C-09.4", "C-09.5", "C-09.6"),
    "C-10": ("C-10.1", "C-10.2", "C-10.3", "C-10.4", "C-10.5"),
    "C-12": ("C-12.1", "C-12.2"),
    "C-48": ("C-48.1", "C-48.2"),
}
"""Headings of which at least one option must be there (Part 5, 3.1)."""
POINTS = ("C-09", "C-10")
SETTERS = (("C-51", "C-09", "TxStartPoint"), ("C-52", "C-10", "TxStopPoint"))


def reconcile(abstract: Abstract, found: dict[str, bool], facts: Mapping[str, TableFact]) -> None:
    """Put right what contradicts itself in the features that were found; errors where no station is left."""
    _by_the_table(abstract, found, facts)
    _by_what_they_need(abstract, found, facts)
    _by_what_they_exclude(abstract, found)
    for heading, options in CHOICES.items():
        _choice(abstract, found, heading, options)
    _fixed_points(abstract, found)


def _line(abstract: Abstract, identifier: str) -> int:
    return abstract.answers[identifier].line if identifier in abstract.answers else 0


def _read_as(abstract: Abstract, found: dict[str, bool], identifier: str, answer: bool, why: str) -> None:
    """Read an answer as the other one, and keep what the paper says."""
    said = abstract.answers[identifier]
    wrong, right = ("No", "Yes") if answer else ("Yes", "No")
    found[identifier] = answer
    abstract.kept(identifier, said.value)
    abstract.contradict(said.line, f"{identifier} is {wrong}, but {why}; it is read as {right}")


def _by_the_table(abstract: Abstract, found: dict[str, bool], facts: Mapping[str, TableFact]) -> None:
    for identifier, fact in facts.items():
        if identifier in found and found[identifier] is not fact.holds:
            _read_as(abstract, found, identifier, fact.holds, fact.evidence)


def _by_what_they_need(abstract: Abstract, found: dict[str, bool], facts: Mapping[str, TableFact]) -> None:
    moved = True
    while moved:
        moved = False
        for feature in _needing(found):
            needs = feature.needs
            if found.get(needs, facts[needs].holds if needs in facts else None) is False:
                where = f"in line {_line(abstract, needs)}" if needs in abstract.answers else "by the EVSE table"
                why = f"{needs}, without which it means nothing, is No {where}"
                _read_as(abstract, found, feature.id, False, why)
                moved = True
            elif needs not in found and needs not in facts:
                text = f"{feature} is Yes and {needs} is not answered; {needs} is taken as Yes"
                abstract.note(_line(abstract, feature), text)
                found[needs] = moved = True


def _needing(found: Mapping[str, bool]) -> Iterator[Feature]:
    return (feature for feature in Feature if feature.needs and found.get(feature))


def _by_what_they_exclude(abstract: Abstract, found: dict[str, bool]) -> None:
    """Read lines as No that cannot be beside others (`excludes` in features.tsv).

    The hardware decides about what cannot be beside its values, a display about C-07 and C-08 (C16.FR.01, C16.FR.02).
    Of two lines that are left, the one that names the other in the table stays. A card without a reader stays too: it
    is an error, since nothing says which of the two is wrong.
    """
    for one in exclusions():
        said = abstract.answers.get(one.other)
        if not found.get(one.feature) or said is None or one.feature not in abstract.answers:
            continue
        if one.other is Feature.DISPLAYS and said.value == one.value:
            _read_as(abstract, found, one.feature, False, f"HFS-12 says {said.value} displays in line {said.line}")
    for one in exclusions():
        if found.get(one.feature) and found.get(one.other) and one.other in abstract.answers:
            why = f"{one.feature} is Yes in line {_line(abstract, one.feature)}{_displays(abstract, one)}"
            _read_as(abstract, found, one.other, False, why)


def _displays(abstract: Abstract, one: FeatureExclusion) -> str:
    said = abstract.answers.get(Feature.DISPLAYS)
    if said is None or one.feature is not Feature.MASTER_PASS_WITH_UI:
        return ""
    return f", and HFS-12 says {said.value} displays in line {said.line}"


def _choice(abstract: Abstract, found: dict[str, bool], heading: str, options: tuple[str, ...]) -> None:
    given = [option for option in options if option in found]
    if given and not any(found[option] for option in given):
        abstract.fail(_line(abstract, given[0]), f"{heading}: every option is No, at least one must be Yes")
    elif not given and heading in POINTS:
        abstract.fail(_line(abstract, heading), f"{heading}: its options ({options[0]} ...) are missing")
    elif not given:
        text = f"{heading}: its options ({options[0]} ...) are missing; none is supported"
        abstract.warn(_line(abstract, heading), text)


def _fixed_points(abstract: Abstract, found: Mapping[str, bool]) -> None:
    for setter, heading, name in SETTERS:
        points = [option for option in CHOICES[heading] if found.get(option)]
        if found.get(setter) is False and len(points) > 1:
            text = f"{setter} is No and {heading} has several options: {name} is fixed and holds all of them"
            abstract.warn(_line(abstract, setter), text)
