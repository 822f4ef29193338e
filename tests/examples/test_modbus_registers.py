"""The register map: what a machine encodes is what the driver decodes, and what is none is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.modbus.registers import FAULTS, INPUT_WORDS, Inputs, Outputs, Status, WrongRegisters, decode, encode

INPUTS = st.builds(
    Inputs,
    status=st.integers(0, 127).map(Status),
    faults=st.sets(st.sampled_from(FAULTS)).map(frozenset),
    energy_wh=st.integers(0, 2**64 - 1),
    power_w=st.integers(-(2**31), 2**31 - 1),
    voltage_v=st.integers(0, 65535).map(lambda value: value / 10),
    current_a=st.integers(-(2**31), 2**31 - 1).map(lambda value: value / 100),
    phases=st.integers(0, 3),
    temperature_c=st.integers(-400, 1250).map(lambda value: value / 10),
    soc_percent=st.none() | st.integers(0, 100),
    cards=st.integers(0, 65535),
    card=st.binary(max_size=10).map(lambda uid: uid.hex().upper()),
)


@given(INPUTS)
def test_what_is_encoded_is_decoded(inputs: Inputs) -> None:
    words = encode(inputs)
    assert len(words) == INPUT_WORDS
    assert all(0 <= word <= 0xFFFF for word in words)
    assert decode(words) == inputs


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({0: 0}, "input register 0 holds 0x0000, right would be 0x4F4D"),
        ({0: 0x4D4F}, "input register 0 holds 0x4D4F"),
        ({1: 2}, "version 2 of the register map"),
        ({17: 11}, "11 bytes, of 10"),
    ],
)
def test_other_registers_are_refused(change: dict[int, int], text: str) -> None:
    words = encode(Inputs())
    for register, value in change.items():
        words[register] = value
    with pytest.raises(WrongRegisters, match=text):
        decode(words)


def test_too_few_registers_are_refused() -> None:
    with pytest.raises(WrongRegisters, match="22 input registers came"):
        decode(encode(Inputs())[:-1])


def test_the_table_says_where_a_value_lies() -> None:
    """Fixed words, by hand from the README: the same change in encode and decode would go unseen otherwise."""
    inputs = Inputs(
        status=Status.Connected | Status.Closed,
        faults=frozenset({"GroundFailure"}),
        energy_wh=0x0001_0002_0003_0004,
        power_w=-2,
        voltage_v=400.1,
        current_a=655.37,
        phases=3,
        temperature_c=-3.5,
        soc_percent=None,
        cards=7,
        card="04A1B2",
    )
    expected = [
        0x4F4D,
        1,
        3,
        2,
        1,
        2,
        3,
        4,
        0xFFFF,
        0xFFFE,
        4001,
        1,
        1,
        3,
        0xFFDD,
        0xFFFF,
        7,
        3,
        0x04A1,
        0xB200,
        0,
        0,
        0,
    ]
    assert encode(inputs) == expected
    assert Outputs(enable=True, suspend=True).words(65537) == [1, 1, 1]
