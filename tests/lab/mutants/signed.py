"""Mutants of signed meter values, and of transactions that begin with one."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ohmstead.blocks import j_metering
from ohmstead.edge.simulator.signing_meter import MeterSigner
from ohmstead.model.device import OCPPCommCtrlr
from ohmstead.model.metering import Sample
from ohmstead.ports.signing_meter import SignedReading
from ohmstead.runtime import transaction_events
from ohmstead.wire.messages import ReadingContextEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import ignored

Signs = Callable[[MeterSigner, float, datetime, ReadingContextEnum], SignedReading]


def _unsigned(right: Callable[..., Sample | None], *arguments: Any, signs: bool) -> Sample | None:
    del signs
    return right(*arguments, signs=False)


def _changed(right: Signs, self: MeterSigner, energy: float, at: datetime, context: ReadingContextEnum) -> object:
    """The record is changed after it was signed: there is a blank more before its signature."""
    reading = right(self, energy, at, context)
    data = reading.value.signed_meter_data
    return msgspec.structs.replace(
        reading, value=msgspec.structs.replace(reading.value, signed_meter_data=_with_a_blank(data))
    )


def _with_a_blank(data: str) -> str:
    head, payload, seal = b64decode(data).split(b"|")
    return b64encode(b"|".join((head, payload.replace(b"{", b"{ ", 1), seal))).decode()


def _another(right: Signs, self: MeterSigner, energy: float, at: datetime, context: ReadingContextEnum) -> object:
    reading = right(self, energy + 1000.0, at, context)
    return msgspec.structs.replace(reading, energy_wh=energy)


def _late(right: Signs, self: MeterSigner, energy: float, at: datetime, context: ReadingContextEnum) -> object:
    return right(self, energy, at + timedelta(hours=1), context)


MUTANTS = (
    Mutant(
        "values-unsigned",
        "Values of a running transaction are never signed.",
        lambda: replaced(j_metering, "sample", _unsigned),
        "EJ",
    ),
    Mutant(
        "begin-unsigned",
        "Values at the beginning and the end of a transaction are never signed.",
        lambda: replaced(transaction_events, "sample", _unsigned),
        "EJ",
    ),
    Mutant(
        "signature-of-another-text",
        "The record is not the one that was signed.",
        lambda: replaced(MeterSigner, "sign", _changed),
        "EJ",
    ),
    Mutant(
        "signed-another-value",
        "The signed record says another energy than the value beside it.",
        lambda: replaced(MeterSigner, "sign", _another),
        "EJ",
    ),
    Mutant(
        "signed-another-time",
        "The signed record is of another time than the value beside it.",
        lambda: replaced(MeterSigner, "sign", _late),
        "EJ",
    ),
    Mutant(
        "key-with-each-value",
        "The public key is told with every value, whatever PublicKeyWithSignedMeterValue says.",
        ignored(OCPPCommCtrlr.public_key_with_signed_meter_value, "EveryMeterValue"),
        "EJ",
    ),
    Mutant(
        "key-never",
        "The public key is never told, whatever PublicKeyWithSignedMeterValue says.",
        ignored(OCPPCommCtrlr.public_key_with_signed_meter_value, "Never"),
        "EJ",
    ),
)
