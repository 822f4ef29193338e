"""The register map of the MX-1 (README.md has the table): words of the bus <-> values with names."""

import struct
from collections.abc import Sequence
from enum import IntFlag

import msgspec

IDENTITY = 0x4F4D
VERSION = 1
INPUTS = struct.Struct(">HHHHQiHiHhHHH10s")
INPUT_WORDS = INPUTS.size // 2
UNLOCK = 3
"""The holding register that opens the lock."""
NOT_TOLD = 0xFFFF
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


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """What the station wants of one EVSE; written at each round, which also feeds the watchdog of the module."""

    enable: bool = False
    suspend: bool = False

    def words(self, beat: int) -> list[int]:
        """Return holding registers 0 to 2; `beat` changes from round to round."""
        return [int(self.enable), int(self.suspend), beat & 0xFFFF]


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
