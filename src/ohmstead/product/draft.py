"""A product out of ten answers: the usual station of its kind, for somebody to edit.

What is not asked is answered as of a station with all that needs no further hardware and excludes nothing; other
certification profiles are out.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.features import CIPHER_SUITES
from ohmstead.product.profile import (
    Certificate,
    Evse,
    HardwareFeatures,
    Identity,
    Measurands,
    Product,
    ProductConnector,
    Security,
    VariableSetting,
)

WATTS_A_PHASE = 230.0 * 32
"""What an AC EVSE gives a phase, where nothing else is said."""
REGISTER = ("Energy.Active.Import.Register",)
ASKED_OF_A_CSMS = "(asked of a CSMS)"
USUAL = frozenset(
    (
        *("C-04", "C-06.2", "C-09.1", "C-09.2", "C-09.4", "C-10.1", "C-10.2", "C-10.3", "C-13", "C-14", "C-20", "C-21"),
        *("C-25", "C-28", "C-29.1", "C-29.2", "C-29.3", "C-29.4", "C-29.5", "C-29.6", "C-36", "C-38", "C-47", "C-48.1"),
        *("C-48.2", "C-51", "C-52", "C-56", "C-57", "C-60", "AQ-7"),
    )
)
"""Features of every draft."""
WITH_READER = frozenset(("C-01", "C-30", "C-49", "C-53", "C-70"))
"""What is about cards."""


class DraftAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked."""

    model: str
    vendor: str = "Ohmstead"
    evses: int = 1
    current: Literal["AC", "DC"] = "AC"
    connectors: tuple[str, ...] = ("sType2",)
    """Of each EVSE."""
    power: float = 3
    """Phases of an AC EVSE, kW of a DC EVSE."""
    readers: Literal["None", "Single", "PerEVSE"] = "Single"
    displays: int = 0
    communication: tuple[str, ...] = ("Ethernet",)
    profiles: tuple[int, ...] = (1, 2, 3)


def draft(answers: DraftAnswers) -> Product:
    """Return the product; whether it can be one has to be checked (`check.problems`)."""
    evses = tuple(_evse(answers, number) for number in range(1, answers.evses + 1))
    power = sum(evse.max_power_w for evse in evses)
    advanced = "Pass" if 3 in answers.profiles else "Not Tested"
    return Product(
        name="-".join(re.findall(r"[a-z0-9]+", answers.model.lower())) or "product",
        identity=Identity(vendor_name=answers.vendor, model=answers.model, firmware_version="1.0.0"),
        hardware=HardwareFeatures(
            max_power_w=power,
            communication=answers.communication,
            rfid_readers=answers.readers,
            displays=answers.displays,
        ),
        evses=evses,
        features={feature.id: feature.id in _claimed(answers) for feature in _flags()},
        security=Security(profiles=answers.profiles, cipher_suites=CIPHER_SUITES[:4]),
        measurands=Measurands(**dict.fromkeys(Measurands.__struct_fields__, REGISTER)),
        settings={"ORS-24": "HTTPS"},
        variables={"OCPPCommCtrlr.FileTransferProtocols": VariableSetting(value="HTTPS")},
        certificate=Certificate(results={"Core": "Pass", "Advanced Security": advanced}),
    )


def _flags() -> Iterator[Feature]:
    return (feature for feature in Feature if feature.kind == "flag" and not feature.text.endswith(ASKED_OF_A_CSMS))


def _claimed(answers: DraftAnswers) -> frozenset[str]:
    """Return the ids of the features that such a station has."""
    sockets = [connector.startswith(("s", "Other")) for connector in answers.connectors]
    cards = answers.readers != "None"
    facts = {
        "HFS-1": any(sockets),
        "HFS-2": not all(sockets),
        "HFS-3": answers.current == "AC",
        "HFS-4": answers.current == "DC",
        "C-07": cards and answers.displays > 0,
        "C-08": cards and answers.displays == 0,
        "C-12.1": any(sockets),
        "C-12.2": not any(sockets),
        "C-61": 1 in answers.profiles,
        "AQ-4": answers.current == "AC",
        "AQ-9": answers.current == "AC",
        "AQ-18": any(sockets),
    }
    phases = {f"HFS-{4 + int(answers.power)}"} if answers.current == "AC" else set()
    return USUAL.union(phases, WITH_READER if cards else (), (name for name, holds in facts.items() if holds))


def _evse(answers: DraftAnswers, number: int) -> Evse:
    alternating = answers.current == "AC"
    return Evse(
        id=number,
        current=answers.current,
        phases=int(answers.power) if alternating else 0,
        max_power_w=WATTS_A_PHASE * answers.power if alternating else 1000.0 * answers.power,
        connectors=tuple(
            ProductConnector(id=place, type=kind, cable="Detachable" if kind.startswith(("s", "Other")) else "Fixed")
            for place, kind in enumerate(answers.connectors, start=1)
        ),
    )
