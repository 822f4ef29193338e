"""The other side of the bus: MX-1 modules with cars, played on pymodbus' own server on loopback.

For tests, and to try the driver without a machine: `python -m examples.modbus.play 2` plays two modules at port 5020
and reads `plug 1`, `unplug 1`, `card 1 04A1B2C3`, `pause 1`, `resume 1`, `stop`, `release` from standard input.
"""

import asyncio
import sys

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from examples.modbus.play_firmware import PlayedFirmware
from examples.modbus.registers import (
    BLOCK_BYTES,
    BLOCK_HEAD,
    FIRMWARE_BLOCK,
    FIRMWARE_COMMAND,
    FIRMWARE_INPUTS,
    FIRMWARE_WORDS,
    IDENTITY,
    INPUT_WORDS,
    LIMITS,
    LOCK,
    NO_CURRENT,
    NO_POWER,
    OPEN,
    Inputs,
    Status,
    encode,
    encode_firmware,
)

WATCHDOG = 3.0
"""Seconds without a write after which a module opens its contactor by itself."""
POWER_W = 50_000
VOLTAGE = 400.0
READ_INPUTS = 4
HOLDINGS = FIRMWARE_BLOCK + (BLOCK_HEAD.size + BLOCK_BYTES) // 2
BOOTLOADER = 0x4F42
"""Input register 0 of a module whose firmware did not come up."""
PORT = 5020


class MxModule:
    """One module and the car at its cable; the registers follow from what was done to them.

    Attributes:
        enabled: what register 0 says.
        beats: how often the watchdog was fed.
        welded: the contactor does not open.
        stuck_open: it does not close.
        stuck: the lock does not open.
        loose: it does not shut.
        firmware: what it runs.
        limit_w: what it may give; None: all that it has. So is `limit_a`.
        silent: it answers a minute late.
    """

    def __init__(self, device: int) -> None:
        self.device = device
        self.connected = False
        self.paused = self.ended = self.pressed = self.welded = self.stuck_open = self.stuck = False
        self.enabled = self.suspended = self.commanded = self.closed = False
        self.locked = False
        self.faults: frozenset[str] = frozenset()
        self.energy_wh = 1_000_000.0 * device
        self.cards = 0
        self.card = ""
        self.beats = 0
        self.unlocks = 0
        self.version = 1
        self.silent = False
        self.loose = False
        self.firmware = PlayedFirmware()
        self.limit_w: int | None = None
        self.limit_a: float | None = None
        self.blocks = [0] * (FIRMWARE_INPUTS + FIRMWARE_WORDS)
        self._since = asyncio.get_running_loop().time()
        self._fed = self._since

    def sim_device(self) -> SimDevice:
        """Return what the server serves of it."""
        return SimDevice(
            self.device,
            simdata=(
                [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
                [SimData(0, values=[False] * 16, datatype=DataType.BITS)],
                [SimData(0, values=[0] * HOLDINGS, datatype=DataType.REGISTERS)],
                [SimData(0, values=self.blocks, datatype=DataType.REGISTERS)],
            ),
            action=self._accessed,
        )

    @property
    def flowing(self) -> bool:
        """Say whether energy flows."""
        return self.closed and self.connected and not (self.paused or self.suspended or self.ended or not self.power_w)

    @property
    def power_w(self) -> int:
        """What it gives while energy flows."""
        current = POWER_W if self.limit_a is None else int(self.limit_a * VOLTAGE)
        return min(POWER_W, current, POWER_W if self.limit_w is None else self.limit_w)

    def advance(self) -> None:
        """Let time have passed: energy, watchdog, contactor."""
        now = asyncio.get_running_loop().time()
        until = min(now, self._fed + WATCHDOG) if not self.welded else now
        if self.flowing:
            self.energy_wh += self.power_w * max(until - self._since, 0.0) / 3600
        self._since = now
        if now > self._fed + WATCHDOG:
            self.enabled = False
        self.commanded = self.enabled and self.connected and not (self.pressed or self.faults)
        if self.firmware.away or self.firmware.bootloader:
            self.enabled = self.commanded = False
        self.closed = (self.commanded and not self.stuck_open) or (self.closed and self.welded)

    def present(self, card: str) -> None:
        """Hold a card against the reader."""
        self.cards, self.card = (self.cards + 1) & 0xFFFF, card

    def unplug(self) -> None:
        """Take the car away."""
        self.advance()
        self.connected = self.ended = self.paused = False
        self.advance()

    def inputs(self) -> Inputs:
        """Return what the input registers say now."""
        self.advance()
        bits = {
            Status.Connected: self.connected,
            Status.Closed: self.closed,
            Status.Flowing: self.flowing,
            Status.Paused: self.closed and self.paused,
            Status.Locked: self.locked,
            Status.EmergencyStop: self.pressed,
            Status.Ended: self.ended,
            Status.Commanded: self.commanded,
        }
        status = Status(0)
        for bit, on in bits.items():
            status |= bit if on else Status(0)
        return Inputs(
            status=status,
            faults=self.faults,
            energy_wh=int(self.energy_wh),
            power_w=self.power_w if self.flowing else 0,
            voltage_v=VOLTAGE if self.flowing else 0.0,
            current_a=self.power_w / VOLTAGE if self.flowing else 0.0,
            soc_percent=50 if self.connected else None,
            temperature_c=-3.5,
            cards=self.cards,
            card=self.card,
        )

    async def _accessed(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        del start, count
        if self.silent:
            await asyncio.sleep(60)
        if self.firmware.away:
            return ExcCodes.DEVICE_BUSY
        if function == READ_INPUTS:
            registers[:INPUT_WORDS] = encode(self.inputs())
            registers[0] = BOOTLOADER if self.firmware.bootloader else IDENTITY
            registers[1] = self.version
            registers[FIRMWARE_INPUTS : len(self.blocks)] = encode_firmware(self.firmware.inputs())
        elif values is not None:
            self._written(address, [int(value) for value in values])
        return None

    def _written(self, address: int, values: list[int]) -> None:
        if address == 0:
            self._told(values)
        elif address == LOCK:
            self.unlocks += values[0] == OPEN
            self.locked = self.stuck if values[0] == OPEN else not self.loose
        elif address == LIMITS:
            self.advance()
            power, current = values[0] << 16 | values[1], values[2]
            self.limit_w = None if power == NO_POWER else power
            self.limit_a = None if current == NO_CURRENT else current / 10
        elif address == FIRMWARE_COMMAND:
            self.advance()
            self.firmware.command(values)
        elif address == FIRMWARE_BLOCK:
            self.firmware.block(values)

    def _told(self, values: list[int]) -> None:
        self.advance()
        enabled, suspended, _ = values
        self._fed = asyncio.get_running_loop().time()
        self.beats += 1
        if enabled and not self.enabled:
            self.ended = False
        self.enabled, self.suspended = bool(enabled), bool(suspended)
        self.advance()


class Modules:
    """All modules of a station behind one server, which can go away and come back."""

    def __init__(self, *devices: int) -> None:
        self.modules = {device: MxModule(device) for device in devices}
        self.port = 0
        self._server: ModbusTcpServer | None = None

    def __getitem__(self, device: int) -> MxModule:
        return self.modules[device]

    async def serve(self) -> None:
        """Listen, at the same port as before."""
        await self.serve_devices([module.sim_device() for module in self.modules.values()])

    async def serve_devices(self, devices: list[SimDevice]) -> None:
        """Listen with other devices."""
        server = ModbusTcpServer(devices, address=("127.0.0.1", self.port))
        await server.serve_forever(background=True)
        transport = server.transport
        assert isinstance(transport, asyncio.Server)
        self.port = transport.sockets[0].getsockname()[1]
        self._server = server

    async def vanish(self) -> None:
        """Cut every connection, and listen no more."""
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]  # of pymodbus


def do(modules: Modules, words: list[str]) -> None:
    """Do what a line says. Raises KeyError, ValueError and IndexError for what is no command."""
    if words[0] in ("stop", "release"):
        for each in modules.modules.values():
            each.pressed = words[0] == "stop"
        return
    module = modules[int(words[1])]
    match words[0]:
        case "plug":
            module.connected = True
        case "unplug":
            module.unplug()
        case "card":
            module.present(words[2])
        case "pause" | "resume":
            module.advance()
            module.paused = words[0] == "pause"
        case unknown:
            raise ValueError(f"there is no {unknown}")


async def play(count: int) -> None:
    """Play modules until standard input ends."""
    modules = Modules(*range(1, count + 1))
    modules.port = PORT
    await modules.serve()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if words := line.decode().split():
            try:
                do(modules, words)
            except (KeyError, ValueError, IndexError) as error:
                print(f"not understood: {error}")
        for module in modules.modules.values():
            print(f"{module.device}: {module.inputs()}", flush=True)
    await modules.vanish()


if __name__ == "__main__":
    asyncio.run(play(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
