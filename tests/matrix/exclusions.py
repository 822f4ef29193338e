"""Which combinations no station can have, each with what says so: Part 2 or Part 5 by requirement, condition or line.

An exclusion names values of a few parameters; a product that has all of them is not drawn. What stands in `needs` and
`excludes` of the feature table is excluded from there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from ohmstead.product.exclusions import exclusions
from ohmstead.product.feature_table import Feature
from tests.matrix.parameters import (
    AC_PLUG,
    ADVANCED,
    BESIDE,
    CONNECTORS,
    CURRENT,
    DERIVED,
    FEWER,
    LOCAL_STOP,
    MISSING,
    MODE_1_2,
    NO,
    NO_TLS,
    NONE,
    PARAMETERS,
    PHASES,
    POWER,
    SOCKET,
    STOPS,
    SUBTYPE,
    YES,
    Assignment,
)


class Exclusion(msgspec.Struct, frozen=True):
    """Values that do not go together."""

    when: dict[str, frozenset[str]]
    """Parameter -> the values that, together with the others, are excluded."""
    source: str
    why: str

    def holds(self, drawn: Assignment) -> bool:
        """Say whether a product has all of them."""
        return all(drawn[name] in values for name, values in self.when.items())


def _all_no(*names: str) -> dict[str, str | Sequence[str]]:
    return dict.fromkeys(names, NO)


def _not(name: str, *values: str) -> tuple[str, ...]:
    return tuple(value for value in PARAMETERS[name] if value not in values)


WITH_AC = ("AC", "AC and DC", BESIDE)
WITH_DC = ("DC", "AC and DC", BESIDE)
CARDS = ("C-30", "C-31")
CARDS_TO_STOP = ("C-70", "C-71")
PRESENTED = ("C-30", "C-31", "C-32")
LOCAL = ("C-30", "C-31", "C-32", "C-33", "C-34")
LIST = ("C-30", "C-31", "C-32", "C-34")

Written = tuple[Mapping[str, str | Sequence[str]], str, str]

TABLE: tuple[Written, ...] = (
    # Options of which a station has at least one.
    (_all_no("C-06.1", "C-06.2"), "Part 5, 3.1: C-06", "one of the two happens when the cable leaves the EV"),
    (_all_no(*(f"C-09.{n}" for n in range(1, 7))), "Part 5, 3.1: C-09", "a transaction starts somewhere"),
    (_all_no(*(f"C-10.{n}" for n in range(1, 6))), "Part 5, 3.1: C-10", "a transaction stops somewhere"),
    (_all_no("C-12.1", "C-12.2"), "Part 5, 3.1: C-12", "the connector unlocks or does not"),
    (_all_no("C-48.1", "C-48.2"), "Part 5, 3.1: C-48", "a remote start is authorized first or is not"),
    (_all_no("C-36", "C-37", "C-38", "C-39"), "Part 5, 3.1: C-36 to C-39", "at least one option is mandatory"),
    # Authorization.
    (
        {"C-01": YES, "C-02": NO, "C-49": NO, "LA-0": NO, "C-35": NO},
        "Part 5, 3.1: C-01 (errata 5.3)",
        "offline authorization is by list, cache, unknown tokens or none",
    ),
    ({"C-01": YES, **_all_no(*LOCAL, "C-35")}, "Part 5, 3.1: C-01 (errata 5.3)", "nobody can start while offline"),
    (
        {"C-01": YES, "C-02": NO, "C-35": NO, **_all_no(*LIST)},
        "Part 5, 3.1: C-01 (errata 5.3)",
        "cache and list are for tokens that are presented",
    ),
    ({"C-02": YES, "C-01": NO}, "C15.FR.08; Part 5, 3.1: C-01", "unknown tokens offline are a part of offline start"),
    ({"C-02": YES, **_all_no(*LOCAL)}, "C15.FR.08; Part 5, 3.1: C-01 (errata 5.3)", "no token can be unknown"),
    ({"C-07": YES, **_all_no(*PRESENTED)}, "C16; condition of TC_C_45_CS", "the pass has to be presented"),
    ({"C-08": YES, **_all_no(*PRESENTED)}, "C16; condition of TC_C_45_CS", "the pass has to be presented"),
    (
        {"HFS-10": _not("HFS-10", "None"), **_all_no(*CARDS, *CARDS_TO_STOP)},
        "C01; Part 5: HFS-10",
        "a reader reads some card",
    ),
    *(({LOCAL_STOP: MISSING, name: YES}, f"Part 5: {name} (errata 5.2)", "the line is not there") for name in STOPS),
    # Points.
    ({"C-09.3": YES, "C-42": NO}, "E01-S4; Part 5: C-42", "DataSigned is about signed meter values"),
    *(
        ({"C-42": YES, name: POWER}, f"J01.FR.21, J02.FR.21; Part 5: C-42, {name}", "the register is what is signed")
        for name in ("C-40.1", "C-40.2", "C-40.3", "C-40.4", "C-40.5")
    ),
    # Hardware.
    *(
        ({CURRENT: "DC", name: _not(name, NONE)}, "Part 5: HFS-3", f"{name} is about AC")
        for name in (AC_PLUG, SOCKET, PHASES)
    ),
    *(
        ({CURRENT: WITH_AC, name: NONE}, "Part 5: HFS-3, HFS-5 to HFS-7", "AC has phases and a plug")
        for name in (AC_PLUG, PHASES)
    ),
    ({CURRENT: "AC", "HFS-11": _not("HFS-11", NONE)}, "Part 5: HFS-4, HFS-11", "this is the power of DC"),
    ({CURRENT: WITH_DC, "HFS-11": NONE}, "Part 5: HFS-4, HFS-11", "DC has a power"),
    ({CURRENT: "AC and DC", "HFS-8": "1"}, "SupplyPhases (Part 2, appendix 3.1)", "an EVSE gives AC or DC"),
    ({CURRENT: BESIDE, CONNECTORS: "1"}, "SupplyPhases (Part 2, appendix 3.1)", "a connector gives AC or DC"),
    (
        {AC_PLUG: "cable and socket", CURRENT: BESIDE, "HFS-8": "1", CONNECTORS: "2"},
        "Part 5: HFS-1, HFS-2",
        "two kinds of AC, two connectors beside the DC cable",
    ),
    ({AC_PLUG: "cable and socket", "HFS-8": "1", CONNECTORS: "1"}, "Part 5: HFS-1, HFS-2", "two kinds, two connectors"),
    (
        {AC_PLUG: "cable and socket", CURRENT: "AC and DC", "HFS-8": ("2", "3"), CONNECTORS: "1"},
        "Part 5: HFS-1, HFS-2",
        "two kinds, two connectors",
    ),
    ({AC_PLUG: ("cable", NONE), SOCKET: _not(SOCKET, NONE)}, "Part 5: HFS-1", "without a socket it is of no type"),
    ({AC_PLUG: ("socket", "cable and socket"), SOCKET: NONE}, "Part 5: HFS-1", "a socket has a type"),
    ({SOCKET: "Other3Ph", PHASES: _not(PHASES, "3")}, "ConnectorEnumType (Part 2, 3.20)", "a socket of three phases"),
    (
        {SOCKET: ("s309-1P-32A", "sCEE-7-7"), PHASES: _not(PHASES, "1")},
        "ConnectorEnumType (Part 2, 3.20)",
        "a socket of one phase",
    ),
    (
        {PHASES: "1 and 3", CURRENT: ("AC", BESIDE), "HFS-8": "1"},
        "SupplyPhases (Part 2, 3.1)",
        "an EVSE has one number",
    ),
    (
        {PHASES: "1 and 3", CURRENT: "AC and DC", "HFS-8": ("1", "2", "3")},
        "SupplyPhases (Part 2, 3.1)",
        "an EVSE has one number",
    ),
    ({PHASES: (NONE, "1"), FEWER: YES}, "Part 5: HFS-5 to HFS-7", "nothing is fewer than one"),
    ({PHASES: NONE, "AQ-4": YES}, "K01.FR.44", "for DC phases are left out of account"),
    ({PHASES: "3", FEWER: YES, "AQ-4": YES}, "K01.FR.43; Part 5: AQ-4", "one, two and three are supported"),
    ({PHASES: "1 and 3", FEWER: YES, "AQ-4": YES}, "K01.FR.43; Part 5: AQ-4", "one, two and three are supported"),
    ({PHASES: ("1", "2"), "AQ-4": NO}, "K01.FR.43; Part 5: AQ-4", "three phases are not supported"),
    ({PHASES: ("3", "1 and 3"), FEWER: NO, "AQ-4": NO}, "K01.FR.43; Part 5: AQ-4", "two phases are not supported"),
    (
        {"C-12.1": YES, AC_PLUG: (NONE, "cable")},
        "E09.FR.02, E10.FR.02; Part 5: C-12.1",
        "a fixed cable stays",
    ),
    ({"AQ-18": YES, AC_PLUG: (NONE, "cable")}, "Part 5: AQ-18 (errata 5.2)", "the lock is one of a socket"),
    ({"AQ-18": NO, SOCKET: ("sType2", "sType3")}, "Part 5: AQ-18 (errata 5.2)", "these always have one"),
    ({"C-12.1": YES, "AQ-18": NO}, "E09.FR.02; Part 5: AQ-18 (errata 5.2)", "what unlocks has a lock"),
    ({"AQ-9": YES, CURRENT: "DC"}, "Part 5: AQ-9", "mode 3 is AC"),
    (
        {"AQ-9": NO, CURRENT: WITH_AC, SUBTYPE: NONE},
        "Part 5: AQ-9; subtype Mode 1/2-only",
        "AC without a pilot is another subtype",
    ),
    ({"AQ-9": YES, SUBTYPE: MODE_1_2}, "Part 5: AQ-9; subtype Mode 1/2-only", "these modes have no pilot"),
    ({SUBTYPE: MODE_1_2, CURRENT: _not(CURRENT, "AC")}, "Part 5: AQ-9; subtype Mode 1/2-only", "these modes are AC"),
    (
        {SUBTYPE: MODE_1_2, AC_PLUG: _not(AC_PLUG, "socket")},
        "Part 5: AQ-9; subtype Mode 1/2-only",
        "a fixed cable is mode 3",
    ),
    ({SUBTYPE: MODE_1_2, SOCKET: ("sType2", "sType3")}, "ConnectorEnumType (Part 2, 3.20)", "sockets of mode 3"),
    ({SUBTYPE: MODE_1_2, "AQ-18": YES}, "Part 5: AQ-18 (errata 5.2)", "a motor lock belongs to mode 3"),
    # TLS.
    ({"C-41": NO_TLS, "C-61": NO}, "A00.FR.318; Part 5: C-41, C-61", "without TLS there is security profile 1"),
    ({"C-41": NO_TLS, ADVANCED: "Pass"}, "A00.FR.318; Part 5: C-41", "Advanced Security is security profile 3"),
    # Firmware.
    ({"C-43": YES, "AQ-7": NO}, "L01.FR.06, L01.FR.13; condition of TC_L_16_CS", "what is installed was downloaded"),
    # Advanced Security.
    *(
        ({name: YES, ADVANCED: "Not Tested"}, f"Part 5, 3.1: {name}", "a line of Advanced Security")
        for name in ("AS-2", "AS-3", "AQ-3")
    ),
    # Monitoring.
    *(
        ({name: YES, "DM-0": NO}, f"N07, N08; Part 5: {name}", "a monitor belongs to device management")
        for name in ("AQ-5", "AQ-6", "AQ-10")
    ),
    # Display messages.
    ({"UI-0": YES, **_all_no("UI-1.1", "UI-1.2", "UI-1.3")}, "Part 5, 3.1: UI-1", "at least one priority"),
    ({"UI-0": YES, **_all_no("UI-2.1", "UI-2.2", "UI-2.3", "UI-2.4")}, "Part 5, 3.1: UI-2", "at least one format"),
)


def _of_the_table() -> Iterator[Exclusion]:
    for when, source, why in TABLE:
        yield Exclusion(
            {name: frozenset((values,) if isinstance(values, str) else values) for name, values in when.items()},
            source,
            why,
        )


def _of_needs() -> Iterator[Exclusion]:
    for feature in Feature:
        # What needs a line that follows from the drawn hardware stands in the table.
        if feature.needs and feature.id in PARAMETERS and feature.needs not in DERIVED:
            yield Exclusion(
                {feature.id: frozenset(_not(feature.id, NO)), feature.needs: frozenset((NO,))},
                f"Part 5: {feature.id} needs {feature.needs}",
                f"{feature.text}: means nothing without it",
            )


def _of_excludes() -> Iterator[Exclusion]:
    for one in exclusions():
        if one.feature.id in PARAMETERS and one.other.id in PARAMETERS:
            yield Exclusion(
                {one.feature.id: frozenset((YES,)), one.other.id: frozenset((one.value or YES,))},
                f"Part 5: {one.feature} excludes {one.other}",
                one.words[0],
            )


def _known(listed: Iterable[Exclusion]) -> Iterator[Exclusion]:
    """Leave out what is not drawn: a feature that is not built is No."""
    for one in listed:
        fixed = {name for name in one.when if name not in PARAMETERS}
        if all(NO in one.when[name] for name in fixed):
            yield msgspec.structs.replace(one, when={n: v for n, v in one.when.items() if n not in fixed})


EXCLUSIONS: tuple[Exclusion, ...] = tuple(_known((*_of_the_table(), *_of_needs(), *_of_excludes())))
