"""The firmware of MX-1 modules as `ports.firmware.MachineFirmware`: written, checked and switched to over registers.

A file is for all modules of the station. It goes over a connection of its own, beside the rounds of the driver.
"""

import asyncio
import logging
import struct
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager
from zlib import crc32

from examples.modbus.bus import Bus, BusLost
from examples.modbus.registers import Command, FirmwareInputs, FirmwareState, WrongRegisters
from ohmstead.ports.firmware import Image, ImageBroken, NotInstalled
from ohmstead.product.profile import Product

HEADER = struct.Struct(">4sBB")
"""Of a file: `MX1F`, version and subversion; the program follows."""
MAGIC = b"MX1F"
LARGEST = 1 << 20
"""Bytes of a file."""
CHECK_TIME = 10.0
"""Seconds that a module may take to check what it has received."""
UP_TIME = 30.0
"""Seconds in which a module must have come up with another firmware."""
LOOK_AGAIN = 0.5

_log = logging.getLogger(__name__)


class ModbusFirmware:
    """Takes updates for all modules of a product.

    Args:
        product: its EVSEs are devices 1, 2 ... of the bus.
        connect: returns a connection that is not open yet.
    """

    def __init__(self, product: Product, connect: Callable[[], Bus]) -> None:
        self._devices = [evse.id for evse in product.evses]
        self._identity = product.identity
        self._connect = connect

    async def stage(self, file: AsyncIterable[bytes]) -> Image:
        """Write a file into every module, beside what runs, and have it checked there."""
        content = b""
        async for chunk in file:
            content += chunk
            if len(content) > LARGEST:
                raise ImageBroken(f"an MX-1 takes {LARGEST} bytes")
        if len(content) < HEADER.size or not content.startswith(MAGIC):
            raise ImageBroken("it is no firmware of an MX-1")
        _, major, minor = HEADER.unpack_from(content)
        async with self._bus() as bus:
            for device in self._devices:
                await self._write(bus, device, content)
        return Image(vendor=self._identity.vendor_name, model=self._identity.model, version=f"{major}.{minor}")

    async def _write(self, bus: Bus, device: int, content: bytes) -> None:
        await bus.firmware_command(device, Command.Begin, len(content))
        for offset in range(0, len(content), Bus.BLOCK):
            await bus.write_block(device, offset, content[offset : offset + Bus.BLOCK])
        await bus.firmware_command(device, Command.Check, crc32(content))
        found = await self._until(bus, device, lambda inputs: inputs.state is not FirmwareState.Receiving, CHECK_TIME)
        if found.state is FirmwareState.Broken:
            raise ImageBroken(f"module {device} says that it is damaged")
        if found.state is not FirmwareState.Staged:
            raise NotInstalled(f"module {device} did not take it: {found.state.name}")

    async def activate(self) -> None:
        """Let every module run what was staged, and see that it comes up."""
        async with self._bus() as bus:
            for device in self._devices:
                if (await bus.read_firmware(device)).state is FirmwareState.Staged:
                    await bus.firmware_command(device, Command.Activate, 0)
        for device in self._devices:
            await self._see(device, "come up", lambda inputs: inputs.runs == inputs.staged)

    async def roll_back(self) -> None:
        """Let every module run what it ran before; one that was not switched stays as it is."""
        async with self._bus() as bus:
            for device in self._devices:
                await bus.firmware_command(device, Command.RollBack, 0)
        for device in self._devices:
            await self._see(device, "come back", lambda inputs: inputs.state is FirmwareState.Idle)

    async def _see(self, device: int, what: str, enough: Callable[[FirmwareInputs], bool]) -> None:
        """Wait for a module that restarts: the connection may be lost meanwhile. Raises NotInstalled."""
        over = asyncio.get_running_loop().time() + UP_TIME
        while asyncio.get_running_loop().time() < over:
            try:
                async with self._bus() as bus:
                    left = over - asyncio.get_running_loop().time()
                    found = await self._until(bus, device, lambda inputs: enough(inputs) or inputs.failed, left)
                if found.failed:
                    break
                return
            except NotInstalled as restarting:
                _log.info("module %d: %s", device, restarting)
                await asyncio.sleep(LOOK_AGAIN)
        raise NotInstalled(f"module {device} does not {what}")

    async def _until(
        self, bus: Bus, device: int, enough: Callable[[FirmwareInputs], bool], seconds: float
    ) -> FirmwareInputs:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found = await bus.read_firmware(device)
                    if enough(found):
                        return found
                    await asyncio.sleep(LOOK_AGAIN)
        except TimeoutError:
            raise NotInstalled(f"module {device} does not get on") from None

    @asynccontextmanager
    async def _bus(self) -> AsyncIterator[Bus]:
        """Open a connection; whatever is wrong with it raises NotInstalled."""
        bus = self._connect()
        try:
            await bus.open()
            yield bus
        except (BusLost, WrongRegisters) as failure:
            raise NotInstalled(str(failure)) from failure
        finally:
            bus.close()
