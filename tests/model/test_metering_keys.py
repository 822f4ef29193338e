"""Signed meter values: which samples tell the public key, and which value carries the signature (2.7.17)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.metering import Measurement, Sample, meter_values, with_keys
from ohmstead.wire.messages import MeasurandEnum, PhaseEnum, ReadingContextEnum, SignedMeterValue

AT = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = SignedMeterValue(
    signed_meter_data="data", signing_method="ECDSA-secp256r1-SHA256", encoding_method="OCMF", public_key="key"
)
REGISTER, VOLTAGE = MeasurandEnum.Energy_Active_Import_Register, MeasurandEnum.Voltage


def sample(signed: bool) -> Sample:
    """Return a sample of the register, with or without a signature."""
    values = (Measurement(REGISTER, 1234.56), Measurement(REGISTER, 400.0, PhaseEnum.L1), Measurement(VOLTAGE, 230.04))
    return Sample(AT, ReadingContextEnum.Sample_Periodic, values, SIGNED if signed else None)


@pytest.mark.parametrize("rule", ["Never", "OncePerTransaction", "EveryMeterValue"])
@given(st.lists(st.booleans(), max_size=6), st.booleans())
def test_the_key_is_told_as_the_rule_says(rule: str, signed: list[bool], sent: bool) -> None:
    """Once: with the first signed sample of a transaction that has not told it."""
    shown, told = with_keys([sample(one) for one in signed], rule, sent)
    due = {
        "Never": [False for one in signed if one],
        "OncePerTransaction": [not sent and number == 0 for number, one in enumerate(filter(None, signed))],
        "EveryMeterValue": [True for one in signed if one],
    }[rule]
    assert [bool(one.signed.public_key) for one in shown if one.signed is not None] == due
    assert [one.signed is not None for one in shown] == signed
    assert told is (sent or any(due))


def test_only_the_total_of_the_register_carries_the_signature() -> None:
    """Not the register of a phase, nor another measurand; a value has the decimals of its measurand."""
    (value,) = meter_values([sample(True)])
    assert [one.signed_meter_value for one in value.sampled_value] == [SIGNED, None, None]
    assert [one.value for one in value.sampled_value] == [1234.6, 400.0, 230.0]
    units = [one.unit_of_measure.unit if one.unit_of_measure is not None else None for one in value.sampled_value]
    assert units == [None, None, "V"]


def test_a_frequency_has_two_decimals() -> None:
    """The mains differ from 50 Hz by hundredths."""
    (value,) = meter_values(
        [Sample(AT, ReadingContextEnum.Sample_Periodic, (Measurement(MeasurandEnum.Frequency, 49.987),))]
    )
    assert value.sampled_value[0].value == 49.99
