"""Mutants of the keys of signed meter values, and of what tokens do where nobody is asked."""

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ohmstead.blocks.first_signature import FirstSignature
from ohmstead.blocks.stopping import Stopping
from ohmstead.edge.simulator.signing_meter import MeterSigner
from ohmstead.model import metering
from ohmstead.model.device import AlignedDataCtrlr, AuthCacheCtrlr, SampledDataCtrlr
from ohmstead.model.metering import Measurement, Sample
from ohmstead.model.session import FactChange
from ohmstead.ports.signing_meter import SignedReading
from ohmstead.runtime import transaction_events
from ohmstead.wire.messages import ReadingContextEnum, TriggerReasonEnum
from tests.lab.mutation import Mutant, replaced
from tests.lab.wrongs import ignored, nothing

Sign = Callable[[MeterSigner, float, datetime, ReadingContextEnum], SignedReading]


def _signer(name: str, text: str, wrong: Callable[..., SignedReading]) -> Mutant:
    return Mutant(name, text, lambda: replaced(MeterSigner, "sign", wrong), "JE")


def _with(**fields: str) -> Callable[..., SignedReading]:
    def sign(
        right: Sign, self: MeterSigner, energy_wh: float, at: datetime, context: ReadingContextEnum
    ) -> SignedReading:
        made = right(self, energy_wh, at, context)
        return msgspec.structs.replace(made, value=msgspec.structs.replace(made.value, **fields))

    return sign


def _another_key() -> str:
    key = ec.derive_private_key(4711, ec.SECP256R1()).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _value_moved(right: Callable[..., Any], measured: Measurement, sample: Sample) -> Any:
    made = right(measured, sample)
    return made if made.signed_meter_value is None else msgspec.structs.replace(made, value=made.value + 7)


def _unsigned(*contexts: ReadingContextEnum) -> Callable[..., Any]:
    def sampled(right: Callable[..., Any], measured: Measurement, sample: Sample) -> Any:
        gone = sample.context in contexts
        return right(measured, msgspec.structs.replace(sample, signed=None) if gone else sample)

    return sampled


def _late_key(right: Callable[..., Any], samples: Any, rule: str, sent: bool) -> Any:
    begins = any(sample.context is ReadingContextEnum.Transaction_Begin for sample in samples)
    late = rule == "OncePerTransaction" and begins and not sent
    return right(samples, "Never" if late else rule, sent)


def _sampled(name: str, text: str, wrong: Callable[..., Any]) -> Mutant:
    return Mutant(name, text, lambda: replaced(metering, "_sampled", wrong), "JE")


def _keys(name: str, text: str, wrong: Callable[..., Any]) -> Mutant:
    return Mutant(name, text, lambda: replaced(transaction_events, "with_keys", wrong), "JE")


def _starts_as(right: Callable[..., None], self: FirstSignature, identifier: str) -> None:
    apply = self._charging.apply

    def as_cable(session: Any, change: FactChange) -> Any:
        return apply(session, msgspec.structs.replace(change, trigger=TriggerReasonEnum.CablePluggedIn))

    self._charging.apply = as_cable  # type: ignore[method-assign]
    try:
        right(self, identifier)
    finally:
        self._charging.apply = apply  # type: ignore[method-assign]


def _only_first(right: Callable[..., None], self: Stopping, session: Any, token: Any, reason: Any) -> None:
    if reason.value != "MasterPass" or session.evse_id == 1:
        right(self, session, token, reason)


MUTANTS = (
    _signer("key-of-another-meter", "The public key is not that of the meter.", _with(public_key=_another_key())),
    _signer("key-that-is-none", "The public key is no key.", _with(public_key="bm8ga2V5")),
    _signer("record-not-in-base64", "signedMeterData is not written in Base64.", _with(signed_meter_data="OCMF|{}|{}")),
    _signer("method-not-named", "signingMethod is empty.", _with(signing_method="")),
    _sampled("value-changed-after-signing", "A signed value is 7 Wh more than the meter has signed.", _value_moved),
    _sampled("end-unsigned", "Transaction.End is not signed.", _unsigned(ReadingContextEnum.Transaction_End)),
    _sampled("clock-unsigned", "Clock-aligned values are not signed.", _unsigned(ReadingContextEnum.Sample_Clock)),
    Mutant(
        "ignores-sampled-SignReadings",
        "Sampled values are never signed.",
        ignored(SampledDataCtrlr.sign_readings, False),
        "JE",
    ),
    Mutant(
        "ignores-aligned-SignReadings",
        "Clock-aligned values are never signed.",
        ignored(AlignedDataCtrlr.sign_readings, False),
        "J",
    ),
    _keys("key-with-a-later-value", "The key that comes once does not come with the first signed value.", _late_key),
    Mutant(
        "signed-start-never",
        "No signed reading starts a transaction.",
        lambda: replaced(FirstSignature, "follow", nothing),
        "E",
    ),
    Mutant(
        "signed-start-by-cable",
        "A transaction that a signed reading starts says CablePluggedIn.",
        lambda: replaced(FirstSignature, "_ask", _starts_as),
        "E",
    ),
    Mutant(
        "master-stops-nothing-unasked",
        "Without a display a master pass stops nothing.",
        lambda: replaced(Stopping, "by_master", nothing),
        "C",
    ),
    Mutant(
        "master-stops-the-first-only",
        "A master pass stops EVSE 1 only.",
        lambda: replaced(Stopping, "_stop", _only_first),
        "C",
    ),
    Mutant(
        "asks-about-the-refused",
        "AuthCacheCtrlr.DisablePostAuthorize is ignored.",
        ignored(AuthCacheCtrlr.disable_post_authorize, False),
        "C",
    ),
)
