"""Signed meter values: whether the signature is the meter's, and whether what was signed is what is reported.

Part 2 does not say how a meter signs (SignedMeterValueType). A record in the Open Charge Metering Format (OCMF 1.x,
S.A.F.E. e.V.) is opened and verified; of any other encoding only the form is looked at, and a note says so.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from ohmstead.lab.cases.value_words import words_of
from ohmstead.wire.messages import MeasurandEnum, MeterValue, SampledValue, SignedMeterValue

OCMF = "OCMF"
HASHES: dict[str, HashAlgorithm] = {"SHA256": SHA256(), "SHA384": SHA384(), "SHA512": SHA512()}
UNITS = {"Wh": 1.0, "kWh": 1000.0}
OCA_KEY = "oca:base16:asn1:"
"""How a white paper of the Open Charge Alliance lets a key begin before it is written in Base64."""
LATE = timedelta(seconds=60)
"""By how much the meter's clock and the station's may differ."""


class SignatureFault(msgspec.Struct, frozen=True):
    """What is wrong with a signed value."""

    field: str
    wanted: str
    got: str


class RegisterReading(msgspec.Struct, frozen=True):
    """One reading of a record; RU and TM may be those of the one before."""

    RV: float | str | None = None
    RU: str = ""
    TM: str = ""


class SignedPayload(msgspec.Struct, frozen=True):
    """What a meter has signed."""

    RD: tuple[RegisterReading, ...]


class RecordSeal(msgspec.Struct, frozen=True):
    """The signature of a record."""

    SD: str
    SA: str = "ECDSA-secp256r1-SHA256"
    SE: str = "hex"


class SignedRecord(msgspec.Struct, frozen=True):
    """A record, taken apart."""

    signed: bytes
    payload: SignedPayload
    seal: RecordSeal


class _Bad(Exception):
    """A value that cannot be read."""


def wrongs(meter: MeterValue, value: SampledValue, key: str) -> Iterator[SignatureFault]:
    """Yield what is wrong with a value that is signed.

    Args:
        meter: with the instant.
        value: with its signature.
        key: the public key in Base64; empty: it is not known, and the signature is not verified.
    """
    signed = value.signed_meter_value
    if signed is None:
        return
    where = "signedMeterValue"
    for name, method in (("signingMethod", signed.signing_method), ("encodingMethod", signed.encoding_method)):
        if not method:
            yield SignatureFault(f"{where}.{name}", "a name", "nothing")
    try:
        record = _record(signed)
    except _Bad as bad:
        yield SignatureFault(f"{where}.signedMeterData", "a record that can be read", str(bad))
        return
    if key:
        try:
            verified = _verifies(record, signed, key)
        except _Bad as bad:
            yield SignatureFault(f"{where}.publicKey", "a public key", str(bad))
        else:
            if not verified:
                yield SignatureFault(
                    f"{where}.signedMeterData", "signed by the key of the meter", "a signature that is not"
                )
    if record is not None:
        yield from _against(record, meter, value)


def signed_values(meters: tuple[MeterValue, ...]) -> Iterator[tuple[MeterValue, SampledValue]]:
    """Yield the values that are signed."""
    for meter in meters:
        for value in meter.sampled_value:
            if value.signed_meter_value is not None:
                yield meter, value


def registers(meters: tuple[MeterValue, ...]) -> Iterator[tuple[MeterValue, SampledValue]]:
    """Yield the readings of the register, which is the default measurand."""
    for meter in meters:
        for value in meter.sampled_value:
            if value.measurand in (None, MeasurandEnum.Energy_Active_Import_Register):
                yield meter, value


def _record(signed: SignedMeterValue) -> SignedRecord | None:
    """Take a record apart; None: it is in another format. Raises _Bad."""
    data = _base64(signed.signed_meter_data)
    if not data:
        raise _Bad("nothing")
    if signed.encoding_method.upper() != OCMF:
        return None
    parts = data.split(b"|", 1)
    # A bar may stand in a text of the payload, but in no signature.
    middle = parts[-1].rpartition(b"|")
    if parts[0] != b"OCMF" or not middle[1]:
        raise _Bad("not OCMF|payload|signature")
    try:
        payload = msgspec.json.decode(middle[0], type=SignedPayload)
        seal = msgspec.json.decode(middle[2], type=RecordSeal)
    except msgspec.MsgspecError as error:
        raise _Bad(str(error)) from None
    return SignedRecord(middle[0], payload, seal)


def _verifies(record: SignedRecord | None, signed: SignedMeterValue, key: str) -> bool:
    """Say whether a signature is that of a key. Raises _Bad where the key is none."""
    public = _public_key(key)
    if record is None:
        return True
    algorithm = HASHES.get(record.seal.SA.rpartition("-")[2])
    if algorithm is None:
        raise _Bad(f"the algorithm {record.seal.SA} ({signed.signing_method}) is not known")
    try:
        code = record.seal.SD
        signature = _base64(code) if record.seal.SE == "base64" else bytes.fromhex(code)
        public.verify(signature, record.signed, ec.ECDSA(algorithm))
    except (InvalidSignature, ValueError, _Bad):
        return False
    return True


def _public_key(key: str) -> ec.EllipticCurvePublicKey:
    data = _base64(key)
    text = data.decode("ascii", "replace")
    try:
        if text.startswith("-----BEGIN"):
            found = load_pem_public_key(data)
        else:
            found = load_der_public_key(bytes.fromhex(text.removeprefix(OCA_KEY)) if text.startswith(OCA_KEY) else data)
    except ValueError as error:
        raise _Bad(f"no key: {error}") from None
    if not isinstance(found, ec.EllipticCurvePublicKey):
        raise _Bad("not a key of an elliptic curve")
    return found


def _against(record: SignedRecord, meter: MeterValue, value: SampledValue) -> Iterator[SignatureFault]:
    """Compare a record with the value that it stands beside; a record of a whole charge holds more readings."""
    unit, moment = "", ""
    told: list[str] = []
    multiplier = value.unit_of_measure.multiplier if value.unit_of_measure is not None else None
    said = value.value * 10 ** (multiplier or 0)
    said *= UNITS.get((value.unit_of_measure.unit if value.unit_of_measure is not None else None) or "Wh", 1.0)
    for reading in record.payload.RD:
        unit, moment = reading.RU or unit, reading.TM or moment
        try:
            factor = UNITS.get(unit, 1.0)
            energy = float(reading.RV if reading.RV is not None else "none") * factor
        except ValueError:
            told.append(str(reading.RV))
            continue
        digits = len(str(reading.RV).partition(".")[2])
        if abs(energy - said) > max(0.1, factor / 10**digits) + 1e-6:
            told.append(f"{energy:g} Wh")
        elif not _near(moment, meter.timestamp):
            told.append(moment)
        else:
            return
    wanted = f"{said:g} Wh at {words_of(meter.timestamp)}"
    yield SignatureFault("signedMeterValue.signedMeterData", wanted, ", ".join(told) or "no reading")


def _near(moment: str, at: datetime) -> bool:
    """Say whether the meter's time is that of the value; a clock that is not synchronized (no S) may say anything."""
    text, _, state = moment.partition(" ")
    if state != "S":
        return True
    try:
        return abs(datetime.fromisoformat(text.replace(",", ".")) - at) <= LATE
    except ValueError:
        return False


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _Bad("not Base64") from None


class SignedSoFar:
    """The signed values of one case: each is verified by the key of its meter, as soon as that is known."""

    def __init__(self) -> None:
        self._keys: dict[int | None, str] = {}
        self._open: list[tuple[int | None, MeterValue, SampledValue]] = []

    def take(self, evse_id: int | None, meters: Iterable[MeterValue]) -> Iterator[SignatureFault]:
        """Look at what came from the meter of an EVSE, and again at what came before its key."""
        waiting = [*((evse_id, meter, value) for meter, value in signed_values(tuple(meters)))]
        for place, _, value in waiting:
            if value.signed_meter_value is not None and value.signed_meter_value.public_key:
                self._keys[place] = value.signed_meter_value.public_key
        left, self._open = [*self._open, *waiting], []
        for one in left:
            if one[0] in self._keys:
                yield from wrongs(one[1], one[2], self._keys[one[0]])
            else:
                self._open.append(one)

    def finish(self) -> Iterator[SignatureFault]:
        """Look at what is left without a key: its form, and whether it says what is reported."""
        for _, meter, value in self._open:
            yield from wrongs(meter, value, "")
