"""One Modbus TCP connection to the modules of a machine: the only file that knows pymodbus."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from examples.modbus.registers import (
    BLOCK_BYTES,
    FIRMWARE_BLOCK,
    FIRMWARE_COMMAND,
    FIRMWARE_INPUTS,
    FIRMWARE_WORDS,
    INPUT_WORDS,
    LIMITS,
    LOCK,
    Command,
    FirmwareInputs,
    Inputs,
    Outputs,
    WrongRegisters,
    block_words,
    command_words,
    decode,
    decode_firmware,
    limit_words,
)

ANSWER_TIME = 1.0
"""Seconds that a module may take to answer."""
NOT_THERE = {ExcCodes.ILLEGAL_FUNCTION, ExcCodes.ILLEGAL_ADDRESS, ExcCodes.ILLEGAL_VALUE}
"""A device that answers so has other registers."""

T = TypeVar("T", bound=ModbusPDU)


class BusLost(Exception):
    """The connection is gone, or a module does not answer; the text says which."""


class Bus:
    """Asks and tells; raises BusLost, and WrongRegisters where a device is another one than it should be."""

    BLOCK = BLOCK_BYTES

    def __init__(self, host: str, port: int) -> None:
        self._place = f"{host}:{port}"
        self._client = AsyncModbusTcpClient(host, port=port, timeout=ANSWER_TIME, retries=0, reconnect_delay=0)

    async def open(self) -> None:
        """Connect."""
        if not await self._client.connect():
            raise BusLost(f"nobody listens at {self._place}")

    def close(self) -> None:
        """Disconnect."""
        self._client.close()

    async def read(self, device: int) -> Inputs:
        """Read the input registers of a device."""
        answer = await self._asked(
            device,
            f"input registers 0 to {INPUT_WORDS - 1}",
            lambda: self._client.read_input_registers(0, count=INPUT_WORDS, device_id=device),
        )
        try:
            return decode(answer.registers)
        except WrongRegisters as wrong:
            raise WrongRegisters(f"device {device} at {self._place} is no MX-1: {wrong}") from None

    async def write(self, device: int, outputs: Outputs, beat: int) -> None:
        """Write what is wanted of a device, and feed its watchdog."""
        await self._write(device, 0, outputs.words(beat))

    async def turn_lock(self, device: int, to: int) -> None:
        """Let a device open or shut its lock."""
        await self._asked(
            device, f"holding register {LOCK}", lambda: self._client.write_register(LOCK, to, device_id=device)
        )

    async def limit(self, device: int, power_w: float | None, current_a: float | None) -> None:
        """Write what a device may give."""
        await self._write(device, LIMITS, limit_words(power_w, current_a))

    async def read_firmware(self, device: int) -> FirmwareInputs:
        """Read what a device says of its firmware."""
        answer = await self._asked(
            device,
            f"input registers {FIRMWARE_INPUTS} to {FIRMWARE_INPUTS + FIRMWARE_WORDS - 1}",
            lambda: self._client.read_input_registers(FIRMWARE_INPUTS, count=FIRMWARE_WORDS, device_id=device),
        )
        return decode_firmware(answer.registers)

    async def firmware_command(self, device: int, command: Command, argument: int) -> None:
        """Let a device begin, check, activate or roll back a firmware."""
        await self._write(device, FIRMWARE_COMMAND, command_words(command, argument))

    async def write_block(self, device: int, offset: int, block: bytes) -> None:
        """Write a piece of a firmware, at most BLOCK bytes."""
        await self._write(device, FIRMWARE_BLOCK, block_words(offset, block))

    async def _write(self, device: int, first: int, words: list[int]) -> None:
        await self._asked(
            device,
            f"holding registers {first} to {first + len(words) - 1}",
            lambda: self._client.write_registers(first, words, device_id=device),
        )

    async def _asked(self, device: int, what: str, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            answer = await ask()  # both the call and the wait can fail
        except (ModbusException, OSError) as error:
            raise BusLost(f"device {device} at {self._place} does not answer: {error}") from error
        if not answer.isError():
            return answer
        code = answer.exception_code
        if code in NOT_THERE:
            name = ExcCodes(code).name.replace("_", " ").lower()
            raise WrongRegisters(f"device {device} at {self._place} is no MX-1: {what}: {name}")
        raise BusLost(f"device {device} at {self._place} answers with exception {code}")
