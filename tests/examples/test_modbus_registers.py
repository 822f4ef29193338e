"""The register map: what a machine encodes is what the driver decodes, and what is none is said to be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.modbus.registers import (
    BLOCK_BYTES,
    FAULTS,
    INPUT_WORDS,
    Command,
    FirmwareInputs,
    FirmwareState,
    Inputs,
    Outputs,
    Status,
    WrongRegisters,
    block_words,
    command_words,
    decode,
    decode_firmware,
    encode,
    encode_firmware,
    limit_words,
)

INPUTS = st.builds(
    Inputs,
    status=st.integers(0, 255).map(Status),
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


VERSIONS = st.tuples(st.integers(0, 255), st.integers(0, 255))


@given(
    st.builds(
        FirmwareInputs,
        state=st.sampled_from(FirmwareState),
        runs=VERSIONS,
        staged=VERSIONS,
        received=st.integers(0, 2**32 - 1),
    )
)
def test_what_a_module_says_of_its_firmware_is_decoded(inputs: FirmwareInputs) -> None:
    assert decode_firmware(encode_firmware(inputs)) == inputs


@pytest.mark.parametrize("words", [[], [9, 0, 0, 0, 0], [0, 0, 0, 0]])
def test_what_is_no_firmware_is_refused(words: list[int]) -> None:
    with pytest.raises(WrongRegisters, match="input registers 32 to 36"):
        decode_firmware(words)


def test_the_tables_of_what_is_written() -> None:
    assert limit_words(None, None) == [0xFFFF, 0xFFFF, 0xFFFF]
    assert limit_words(70_000.9, 12.38) == [1, 4464, 123]
    assert limit_words(0, 0) == [0, 0, 0]
    assert limit_words(1e12, 1e9) == [0xFFFF, 0xFFFE, 0xFFFE]
    assert command_words(Command.Check, 0x01020304) == [2, 0x0102, 0x0304]
    assert block_words(0x00010002, b"abc") == [1, 2, 3, 0x6162, 0x6300]
    assert len(block_words(0, bytes(BLOCK_BYTES))) == 103
    assert encode_firmware(FirmwareInputs(state=FirmwareState.Staged, runs=(1, 2), staged=(3, 4), received=70_000)) == [
        *(2, 0x0102, 0x0304),
        *(1, 4464),
    ]
