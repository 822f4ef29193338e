"""A whole station on MX-1 modules, in virtual time: the bus is a socket on loopback, the CSMS is in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from examples.modbus.bus import Bus
from examples.modbus.extension import open_extension
from examples.modbus.firmware import ModbusFirmware
from examples.modbus.machine import ModbusMachine
from examples.modbus.play import Modules
from examples.modbus.registers import WrongRegisters
from ohmstead.edge.client_keys import MemoryClientKeys
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.files_memory import MemoryFiles, MemoryFileServers
from ohmstead.edge.memory_network import MemoryNetwork
from ohmstead.edge.restartable_dialer import RestartableDialer
from ohmstead.edge.sources import seeded
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.ports.extensions import Installed
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.site import Site, Surroundings
from ohmstead.wire import messages as wire
from tests.runtime.site import CONFIG, START, URL, ScriptedCsms

Status = wire.ConnectorStatusEnum
PRODUCT = "sec1000-240y"


class ModbusStation:
    """The station, its modules and its CSMS.

    Attributes:
        driver: the task that goes round.
        servers: where files are downloaded from.
    """

    def __init__(self, modules: Modules, product: Product) -> None:
        self.modules = modules

        def connect() -> Bus:
            return Bus("127.0.0.1", modules.port)

        self.machine = ModbusMachine(product, connect)
        self.servers = MemoryFileServers()
        network = MemoryNetwork()
        disk: dict[str, bytes] = {}
        self.site = Site(
            product,
            self.machine,
            Surroundings(
                clock=LoopClock(START),
                store=MemoryStore(),
                dialer=RestartableDialer(network.dialer),
                sources=lambda boot: seeded(1, boot),
                files=lambda: MemoryFiles(self.servers, disk),
                client_keys=MemoryClientKeys(),
            ),
            CONFIG,
            extensions=(Installed("mx1", "examples.modbus", open_extension()),),
            firmware=ModbusFirmware(product, connect),
        )
        self.host = self.site.host
        self.csms = ScriptedCsms(self.site.clock)
        network.listen(URL, self.csms.admit, self.csms.serve)
        self.driver = asyncio.create_task(self.machine.run(), name="driver")

    def status(self, evse_id: int) -> Status | None:
        """Return what the CSMS was told last of an EVSE's connector."""
        return self.csms.statuses.get((evse_id, 1))

    def charging_state(self) -> wire.ChargingStateEnum | None:
        """Return the charging state of the last TransactionEvent."""
        return self.csms.events[-1].transaction_info.charging_state

    def energy(self, event: wire.TransactionEventRequest) -> list[float]:
        """Return the registers of an event's meter values, in Wh."""
        return [
            sampled.value
            for value in event.meter_value or ()
            for sampled in value.sampled_value
            if sampled.measurand is wire.MeasurandEnum.Energy_Active_Import_Register
        ]


@asynccontextmanager
async def station(product: Product | None = None, *, listening: bool = True) -> AsyncIterator[ModbusStation]:
    """Run a station; it has booted and found its modules when the body begins."""
    modules = Modules(1, 2)
    await modules.serve()
    if not listening:
        await modules.vanish()
    here = ModbusStation(modules, product or load(PRODUCT))
    life = asyncio.create_task(here.host.run(), name="host")
    try:
        await asyncio.sleep(5)
        yield here
    finally:
        for task in (life, here.driver):
            task.cancel()
            with suppress(asyncio.CancelledError, WrongRegisters):
                await task
        await modules.vanish()
