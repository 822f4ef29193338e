"""What a case needs of the station that no feature of the official list says: the prerequisites of its text (Part 6).

`data/prerequisites.tsv` is the only place of such reasons: the case, what it needs, as an expression like those of the
official list, and why it cannot be run without.
"""

import functools
import math
from collections.abc import Callable, Mapping
from importlib import resources

import msgspec

from ohmstead.product.feature_table import Feature
from ohmstead.product.profile import Product
from ohmstead.product.token_types import local_start_types, local_stop_types, remote_start_types


def _stops(product: Product) -> bool:
    return bool({*local_start_types(product)} & {*local_stop_types(product)} - {"NoAuthorization"})


def _roots(product: Product) -> float:
    """Return how many root certificates a product says that it holds; nothing said, there is room enough."""
    said = product.variables.get("SecurityCtrlr.CertificateEntries")
    return math.inf if said is None or said.max is None else said.max


def chain_room(product: Product) -> int:
    """Return how many bytes of a certificate chain a product takes (MaxCertificateChainSize)."""
    said = product.variables.get("SecurityCtrlr.MaxCertificateChainSize")
    value = said.value if said is not None and not said.absent else None
    if isinstance(value, int | float):
        return int(value)
    return product.setting(Feature.CERTIFICATE_CHAIN_SIZE, USUAL_CHAIN)


def _certificate_length(product: Product) -> float:
    """Return how long the shortest certificate of a station is, PEM text of an elliptic curve (P-256), in bytes.

    Its subject holds the serial number, or the identity where there is none, and the organization.
    """
    said = product.variables.get("SecurityCtrlr.OrganizationName")
    organization = product.identity.vendor_name if said is None or said.value is None else str(said.value)
    names = f"{product.identity.serial_number}{organization}"
    return SHORTEST_CERTIFICATE + BYTES_OF_PEM * len(names.encode())


def _admits(key: str, value: int, product: Product) -> bool:
    """Say whether a variable can have a value, as far as a product says its limits."""
    said = product.variables.get(key)
    if said is None or said.absent:
        return True
    fits = (said.min is None or said.min <= value) and (said.max is None or value <= said.max)
    return fits and (said.mutability != "ReadOnly" or said.value in (None, value))


SET_BY_CASES: Mapping[str, tuple[int, ...]] = {
    "AlignedDataCtrlr.Interval": (4,),
    "AlignedDataCtrlr.TxEndedInterval": (4,),
    "AuthCacheCtrlr.LifeTime": (6,),
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": (3,),
    "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": (3,),
    "OCPPCommCtrlr.NetworkProfileConnectionAttempts": (1, 2, 3),
    "OCPPCommCtrlr.OfflineThreshold": (8, 64, 70, 75, 300),
    "OCPPCommCtrlr.RetryBackOffRandomRange": (0,),
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": (0, 2),
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": (2, 4, 6, 10, 15),
    "SampledDataCtrlr.TxEndedInterval": (4,),
    "SampledDataCtrlr.TxUpdatedInterval": (3, 4),
    "TxCtrlr.EVConnectionTimeOut": (5, 12),
    "TxCtrlr.MaxEnergyOnInvalidId": (0, 500, 10000),
}
"""Variable -> the values that cases set, of which the limits of a product may leave none."""
OF_AN_EV = frozenset({"SoC", "Current.Offered", "Power.Offered"})
"""Measurands that only an EVSE with an EV is certain to have (note to J01.FR.14)."""
REGISTER = "Energy.Active.Import.Register"
"""The measurand that a meter signs (J01.FR.21, J02.FR.21)."""
USUAL_CHAIN = 5600
"""MaxCertificateChainSize of a product that says nothing, in bytes."""
SHORTEST_CERTIFICATE, BYTES_OF_PEM = 520, 1.37
"""Bytes of a certificate with an empty subject and short ones for its issuer, and bytes of PEM for each of a name."""
CARDS_AT_HAND = 2
"""Valid tokens that a lab holds; more EVSEs than these are started from afar."""
POSSESSIONS: Mapping[str, Callable[[Product], bool]] = {
    "security profile 1": lambda product: 1 in product.security.profiles,
    "security profile 2": lambda product: 2 in product.security.profiles,
    "security profile 3": lambda product: 3 in product.security.profiles,
    "a stop at the station": lambda product: "NoAuthorization" in local_stop_types(product) or _stops(product),
    "a stop by a token": _stops,
    "a remote start": lambda product: bool(remote_start_types(product)),
    "a start at every EVSE": lambda product: len(product.evses) <= CARDS_AT_HAND or bool(remote_start_types(product)),
    "an EVSE that is known with the token": lambda product: (
        product.chooses_evse or len(product.evses) == 1 or product.hardware.rfid_readers == "PerEVSE"
    ),
    "Mode 1/2 only": lambda product: product.hardware.subtype == "Mode 1/2-only",
    "a lock": lambda product: any(product.has_lock(one) for evse in product.evses for one in evse.connectors),
    "room for two root certificates": lambda product: _roots(product) >= 2,
    "room for three root certificates": lambda product: _roots(product) >= 3,
    "room for a certificate": lambda product: chain_room(product) >= _certificate_length(product),
    "values at the start without an EV": lambda product: bool(set(product.measurands.tx_started) - OF_AN_EV),
    "values during a transaction": lambda product: bool(product.measurands.tx_updated),
    "values at the end": lambda product: bool(product.measurands.tx_ended),
    "a register at the end": lambda product: REGISTER in product.measurands.tx_ended,
    "a clock-aligned register at the end": lambda product: REGISTER in product.measurands.aligned_tx_ended,
    "clock-aligned values": lambda product: bool(product.measurands.aligned),
    "clock-aligned values without an EV": lambda product: bool(set(product.measurands.aligned) - OF_AN_EV),
    "clock-aligned values at the end": lambda product: bool(product.measurands.aligned_tx_ended),
    "a higher security profile": lambda product: len(product.security.profiles) > 1,
    **{
        f"{key} of {value}": functools.partial(_admits, key, value)
        for key, values in SET_BY_CASES.items()
        for value in values
    },
}
"""What an expression can ask for in quotation marks, and whether a product has it."""


class Prerequisite(msgspec.Struct, frozen=True):
    """One line of the table."""

    id: str
    """`TC_A_04_CS`"""
    needs: str
    reason: str
    """Why the case cannot be run on a product that does not have it."""


@functools.cache
def prerequisites() -> Mapping[str, Prerequisite]:
    """Return the table, by case."""
    text = resources.files("ohmstead.lab").joinpath("data", "prerequisites.tsv").read_text(encoding="utf-8")
    rows = [Prerequisite(*line.split("\t")) for line in text.splitlines()[1:]]
    return {row.id: row for row in rows}
