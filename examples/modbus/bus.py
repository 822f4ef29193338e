"""One Modbus TCP connection to the modules of a machine: the only file that knows pymodbus."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from examples.modbus.registers import INPUT_WORDS, UNLOCK, Inputs, Outputs, WrongRegisters, decode

ANSWER_TIME = 1.0
"""Seconds that a module may take to answer."""
NOT_THERE = {ExcCodes.ILLEGAL_FUNCTION, ExcCodes.ILLEGAL_ADDRESS, ExcCodes.ILLEGAL_VALUE}
"""A device that answers so has other registers."""

T = TypeVar("T", bound=ModbusPDU)


class BusLost(Exception):
    """The connection is gone, or a module does not answer; the text says which."""


class Bus:
    """Asks and tells; raises BusLost, and WrongRegisters where a device is another one than it should be."""

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
        words = outputs.words(beat)
        await self._asked(
            device, "holding registers 0 to 2", lambda: self._client.write_registers(0, words, device_id=device)
        )

    async def unlock(self, device: int) -> None:
        """Let a device open its lock."""
        await self._asked(
            device, f"holding register {UNLOCK}", lambda: self._client.write_register(UNLOCK, 1, device_id=device)
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
