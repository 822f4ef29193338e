"""The player of examples/modbus: what can be typed."""

import asyncio

import pytest

from examples.modbus.play import Modules, do
from ohmstead.edge.virtual_time import run


def test_what_is_typed_is_done() -> None:
    async def live() -> None:
        modules = Modules(1, 2)
        await asyncio.sleep(0)
        for line in ("plug 1", "card 1 04A1B2C3", "pause 1", "stop"):
            do(modules, line.split())
        assert (modules[1].connected, modules[1].card, modules[1].paused) == (True, "04A1B2C3", True)
        assert modules[1].pressed and modules[2].pressed
        for line in ("resume 1", "unplug 1", "release"):
            do(modules, line.split())
        assert not (modules[1].connected or modules[1].paused or modules[1].pressed)

    run(live())


@pytest.mark.parametrize("line", ["plug", "plug 3", "plug one", "card 1", "dance 1"])
def test_what_is_no_command_changes_nothing(line: str) -> None:
    async def live() -> None:
        modules = Modules(1, 2)
        await asyncio.sleep(0)
        with pytest.raises((KeyError, ValueError, IndexError)):
            do(modules, line.split())
        assert not any(module.connected for module in modules.modules.values())

    run(live())
