"""A charging station of MX-1 modules on Modbus TCP: `ohmstead run --hardware examples.modbus:open_machine`."""

from pathlib import Path
from typing import Annotated

import msgspec

from examples.modbus.bus import Bus
from examples.modbus.firmware import ModbusFirmware
from examples.modbus.machine import ModbusMachine
from ohmstead.ports.machine import Machine
from ohmstead.product.profile import Product


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`modbus.toml` in the folder of the machine."""

    host: Annotated[str, msgspec.Meta(min_length=1)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 502


class NoMachine(Exception):
    """The machine cannot be had like this; the text says what would be right."""


def open_machine(product: Product, folder: Path) -> Machine:
    """Return the machine that `modbus.toml` names. Raises NoMachine."""
    for evse in product.evses:
        if len(evse.connectors) != 1:
            raise NoMachine(f"EVSE {evse.id} of {product.name} has {len(evse.connectors)} connectors, an MX-1 has one")
    file = folder / "modbus.toml"
    try:
        settings = msgspec.toml.decode(file.read_bytes(), type=Settings)
    except FileNotFoundError:
        raise NoMachine(f'write where the machine is to {file}: host = "192.168.0.10"') from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise NoMachine(f"{file}: {error}") from None

    def connect() -> Bus:
        return Bus(settings.host, settings.port)

    machine = ModbusMachine(product, connect)
    return Machine(hardware=machine, run=machine.run, firmware=ModbusFirmware(product, connect))
