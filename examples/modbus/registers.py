"""The register map of the MX-1 (README.md has the table): words of the bus <-> values with names."""

import struct
from collections.abc import Sequence
from enum import IntEnum, IntFlag

import msgspec

IDENTITY = 0x4F4D
VERSION = 1
INPUTS = struct.Struct(">HHHHQiHiHhHHH10s")
INPUT_WORDS = INPUTS.size // 2
LOCK = 3
"""The holding register that turns the lock."""
OPEN, SHUT = 1, 2
LIMITS = 4
"""The first holding register of what the EVSE may give."""
FIRMWARE_INPUTS = 32
"""The first input register of the firmware."""
FIRMWARE_COMMAND = 16
FIRMWARE_BLOCK = 32
"""The first holding register of a command, and of a block."""
FIRMWARE = struct.Struct(">HHHI")
FIRMWARE_WORDS = FIRMWARE.size // 2
BLOCK_HEAD = struct.Struct(">IH")
"""Offset in the file, and bytes of this block."""
BLOCK_BYTES = 200
NOT_TOLD = 0xFFFF
NO_POWER, NO_CURRENT = 0xFFFFFFFF, 0xFFFF
"""No limit."""
FAULTS = ("OverTemperature", "GroundFailure", "OverCurrent", "OverVoltage", "PowerModuleFailure")
"""By bit, from bit 0."""


class WrongRegisters(Exception):
    """There is something on the bus, but no MX-1; the text says what was found and what would be right."""


class Status(IntFlag):
    """Input register 2."""

    Connected = 1
    """An EV is connected."""
    Closed = 2
    """The contactor is closed, by its feedback contact."""
    Flowing = 4
    """Energy flows."""
    Paused = 8
    """The EV takes nothing although it could."""
    Locked = 16
    """The lock holds the cable, by its feedback contact."""
    EmergencyStop = 32
    Ended = 64
    """The EV has ended its session for good."""
    Commanded = 128
    """The module has told its contactor to close."""


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the meter and the power module of one EVSE say at one instant."""

    status: Status = Status(0)
    faults: frozenset[str] = frozenset()
    energy_wh: int = 0
    power_w: int = 0
    voltage_v: float = 0.0
    current_a: float = 0.0
    phases: int = 0
    temperature_c: float = 0.0
    soc_percent: int | None = None
    cards: int = 0
    """Counts the cards that were read, modulo 65,536."""
    card: str = ""
    """UID of the last one, hexadecimal."""


class FirmwareState(IntEnum):
    """Input register 32."""

    Idle = 0
    """Nothing lies beside what runs."""
    Receiving = 1
    Staged = 2
    """What was received is whole; it does not run yet."""
    OnTrial = 3
    """It runs, or should; what ran before is still there."""
    Failed = 4
    """It did not come up; the bootloader answers, to registers of firmware only."""
    Broken = 5
    """What was received is not for this module, or not whole."""


class Command(IntEnum):
    """Holding register 16."""

    Begin = 1
    """Its argument is the length of the file."""
    Check = 2
    """Its argument is the CRC-32 of the file."""
    Activate = 3
    RollBack = 4


class FirmwareInputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a module says of its firmware."""

    state: FirmwareState = FirmwareState.Idle
    runs: tuple[int, int] = (1, 0)
    """Version and subversion."""
    staged: tuple[int, int] = (0, 0)
    received: int = 0
    """Bytes."""

    @property
    def failed(self) -> bool:
        """Say whether it did not come up."""
        return self.state is FirmwareState.Failed


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the station wants of one EVSE; written at each round, which also feeds the watchdog of the module."""

    enable: bool = False
    suspend: bool = False

    def words(self, beat: int) -> list[int]:
        """Return holding registers 0 to 2; `beat` changes from round to round."""
        return [int(self.enable), int(self.suspend), beat & 0xFFFF]


def limit_words(power_w: float | None, current_a: float | None) -> list[int]:
    """Return holding registers 4 to 6: what an EVSE may give, rounded down."""
    power = NO_POWER if power_w is None else min(int(power_w), NO_POWER - 1)
    current = NO_CURRENT if current_a is None else min(int(current_a * 10), NO_CURRENT - 1)
    return [power >> 16, power & 0xFFFF, current]


def command_words(command: Command, argument: int) -> list[int]:
    """Return holding registers 16 to 18."""
    return [command, argument >> 16, argument & 0xFFFF]


def block_words(offset: int, block: bytes) -> list[int]:
    """Return the holding registers from 32 on: a piece of a file."""
    packed = BLOCK_HEAD.pack(offset, len(block)) + block + bytes(len(block) % 2)
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


def decode_firmware(words: Sequence[int]) -> FirmwareInputs:
    """Read input registers 32 to 36. Raises WrongRegisters."""
    try:
        state, runs, staged, received = FIRMWARE.unpack(struct.pack(f">{len(words)}H", *words))
        return FirmwareInputs(
            state=FirmwareState(state), runs=divmod(runs, 256), staged=divmod(staged, 256), received=received
        )
    except (struct.error, ValueError) as wrong:
        raise WrongRegisters(f"input registers 32 to 36 are no firmware's: {wrong}") from None


def encode_firmware(inputs: FirmwareInputs) -> list[int]:
    """Return the words of input registers 32 to 36; for whoever plays a module."""
    runs, staged = (major * 256 + minor for major, minor in (inputs.runs, inputs.staged))
    packed = FIRMWARE.pack(inputs.state, runs, staged, inputs.received)
    return list(struct.unpack(f">{FIRMWARE_WORDS}H", packed))


def decode(words: Sequence[int]) -> Inputs:
    """Read input registers 0 to 22. Raises WrongRegisters."""
    if len(words) != INPUT_WORDS:
        raise WrongRegisters(f"{len(words)} input registers came, where {INPUT_WORDS} were asked for")
    fields = INPUTS.unpack(struct.pack(f">{INPUT_WORDS}H", *words))
    identity, version, status, faults, energy, power, voltage, current, phases, warmth, soc, cards, length, uid = fields
    if identity != IDENTITY:
        raise WrongRegisters(f"input register 0 holds 0x{identity:04X}, right would be 0x{IDENTITY:04X}")
    if version != VERSION:
        raise WrongRegisters(
            f"input register 1 says version {version} of the register map, this driver knows {VERSION}"
        )
    if length > len(uid):
        raise WrongRegisters(f"input register 17 says that a card number has {length} bytes, of {len(uid)} at most")
    return Inputs(
        status=Status(status),
        faults=frozenset(name for bit, name in enumerate(FAULTS) if faults >> bit & 1),
        energy_wh=energy,
        power_w=power,
        voltage_v=voltage / 10,
        current_a=current / 100,
        phases=phases,
        temperature_c=warmth / 10,
        soc_percent=None if soc == NOT_TOLD else soc,
        cards=cards,
        card=uid[:length].hex().upper(),
    )


def encode(inputs: Inputs) -> list[int]:
    """Return the words of input registers 0 to 22, as a machine has them; for whoever plays one."""
    uid = bytes.fromhex(inputs.card)
    packed = INPUTS.pack(
        IDENTITY,
        VERSION,
        inputs.status,
        sum(1 << bit for bit, name in enumerate(FAULTS) if name in inputs.faults),
        inputs.energy_wh,
        inputs.power_w,
        round(inputs.voltage_v * 10),
        round(inputs.current_a * 100),
        inputs.phases,
        round(inputs.temperature_c * 10),
        NOT_TOLD if inputs.soc_percent is None else inputs.soc_percent,
        inputs.cards,
        len(uid),
        uid,
    )
    return list(struct.unpack(f">{INPUT_WORDS}H", packed))
