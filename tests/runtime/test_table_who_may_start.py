"""Who may start where: every obstacle, every way to begin, every order of the two, one and two connectors an EVSE.

The table is a product of enumerations, so that no cell is left out. What is expected of a cell follows from one rule:
an obstacle covers the connectors of its scope; where it covers the cable nothing begins, where it does not a charge
does; and when it has gone a charge begins everywhere.
"""

import asyncio
from contextlib import suppress
from enum import StrEnum
from itertools import product

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import NotKept
from ohmstead.ports.hardware import Screen, Supply
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.generators import sample
from tests.runtime.beginnings import FIRST, SECOND, WAYS, Way
from tests.runtime.disk import Disk, FailingStore
from tests.runtime.obstructions import OBSTRUCTIONS, Obstruction, Scene, Scope, Status
from tests.runtime.site import site
from tests.runtime.witness import no_errors

SAMPLE = 60
"""Cells in `make test`."""


class Order(StrEnum):
    """When the cable and the grant come."""

    CardFirst = "obstacle-grant-cable"
    CableFirst = "obstacle-cable-grant"
    CableBefore = "cable-obstacle-grant"
    GrantBefore = "grant-obstacle-cable"


class Outlet(msgspec.Struct, frozen=True):
    """How many connectors an EVSE has, and the one that the driver uses."""

    connectors: int
    cable: int


class Cell(msgspec.Struct, frozen=True):
    """One cell of the table."""

    obstruction: Obstruction
    way: Way
    order: Order
    outlet: Outlet

    def __str__(self) -> str:
        return f"{self.obstruction.name}/{self.way.name}/{self.order}/{self.outlet.cable}of{self.outlet.connectors}"

    def covers(self, scope: Scope, connector_id: int) -> bool:
        """Say whether an obstacle covers a connector of EVSE 1."""
        return scope != "connector" or connector_id == 1

    def closes(self, scope: Scope, plugged: int | None) -> bool:
        """Say whether it leaves nobody a chance at EVSE 1: the cable decides, or all connectors."""
        wanted = range(1, self.outlet.connectors + 1) if plugged is None else (plugged,)
        return all(self.covers(scope, connector) for connector in wanted)


OUTLETS = (Outlet(1, 1), Outlet(2, 1), Outlet(2, 2))
CELLS = [Cell(*parts) for parts in product(OBSTRUCTIONS, WAYS, Order, OUTLETS)]


def station(connectors: int) -> Product:
    """Return a product with so many connectors at every EVSE."""
    base = load("flagship")
    evses = tuple(
        msgspec.structs.replace(
            evse,
            connectors=tuple(
                msgspec.structs.replace(evse.connectors[0], id=number) for number in range(1, connectors + 1)
            ),
        )
        for evse in base.evses
    )
    return msgspec.structs.replace(base, evses=evses)


@pytest.mark.parametrize("cell", sample(CELLS, SAMPLE), ids=str)
def test_who_may_start(cell: Cell) -> None:
    """Nothing begins where something stands in the way, all tell the same of it, and afterwards a charge begins."""

    async def live() -> None:
        disk = Disk()
        async with site(product=station(cell.outlet.connectors), store=FailingStore(disk)) as here:
            scene = Scene(here=here, disk=disk, cable=cell.outlet.cable)
            await play(cell, scene)

    with no_errors(but="store"):
        run(live(), limit=100_000)


async def play(cell: Cell, scene: Scene) -> None:
    """Play one cell."""
    await prepare(cell, scene)
    refused = await begin(cell, scene) == "Rejected"
    obstruction = cell.obstruction
    for step, scope, status in zip(obstruction.steps, obstruction.scopes, obstruction.statuses, strict=True):
        await asyncio.sleep(30)
        await judge(cell, scene, scope, status, refused=refused)
        await step(scene)
    await begins(cell, scene, anew=True)


async def prepare(cell: Cell, scene: Scene) -> None:
    """Set what the cell needs; the time for the cable outlasts it."""
    await cell.way.prepare(scene)
    for variable, value in {"EVConnectionTimeOut": "50000", **cell.obstruction.settings}.items():
        assert await scene.here.set("TxCtrlr", variable, value) == "Accepted"


async def plug(scene: Scene) -> None:
    """Plug in where nobody has."""
    if scene.plugged is None:
        with suppress(NotKept):
            await scene.here.hand.plug(1, scene.cable)
        await asyncio.sleep(5)


async def begin(cell: Cell, scene: Scene) -> str | None:
    """Let obstacle, grant and cable come in the order of the cell; returns what a remote start was answered."""
    obstruction, way = cell.obstruction, cell.way
    scene.keeps_cable = cell.order is Order.CableBefore
    if scene.keeps_cable:
        await plug(scene)
    await obstruction.ahead(scene)
    if cell.order is Order.GrantBefore:
        answer = await way.grant(scene, FIRST)
        await obstruction.raised(scene)
        await plug(scene)
        return answer
    await obstruction.raised(scene)
    await asyncio.sleep(5)
    if cell.order is Order.CableFirst:
        await plug(scene)
    closed = cell.closes(obstruction.scopes[0], scene.plugged)
    answer = await way.grant(scene, FIRST)
    if way.remote:
        elsewhere = way.evse_id is None and obstruction.scopes[0] != "station" and not obstruction.taken
        assert answer == ("Rejected" if closed and not elsewhere else "Accepted")
    await plug(scene)
    return answer


# What holds while something stands in the way


async def judge(cell: Cell, scene: Scene, scope: Scope, status: Status, *, refused: bool) -> None:
    """Energy flows exactly where nothing stands in the way; wire, reports and display tell the same."""
    plugged = scene.plugged
    assert plugged is not None
    if not cell.covers(scope, plugged) or goes_on(cell):
        await begins(cell, scene, anew=refused or cell.covers(cell.obstruction.scopes[0], plugged))
    else:
        assert scene.here.simulator.state(1).supply is Supply.Off
        assert not charges(scene)
    await agree(cell, scene, scope, status)


def goes_on(cell: Cell) -> bool:
    """A transaction that was authorized at the EVSE before its reset began to wait goes on to its end (B12)."""
    bound = cell.way.evse_id == 1
    return cell.obstruction.name == "reset-of-the-EVSE-waits" and cell.order is Order.GrantBefore and bound


def charges(scene: Scene) -> bool:
    """Say whether the CSMS has heard that the last transaction at EVSE 1 was given energy and goes on."""
    here = [event for event in scene.here.csms.events if event.evse is not None and event.evse.id == 1]
    return bool(here) and here[-1].transaction_info.charging_state == "Charging" and here[-1].event_type != "Ended"


async def agree(cell: Cell, scene: Scene, scope: Scope, covered: Status) -> None:
    """Every connector has the status that follows, on the wire and in reports; the wholes and the display follow."""
    # Where a cable was in when a reset began to wait, the EVSE was not Available (B12, step 3a).
    used = cell.obstruction.of_free and cell.order is Order.CableBefore
    wanted = {
        connector: status_of(
            connector == scene.plugged, covered if cell.covers(scope, connector) and not used else None
        )
        for connector in range(1, cell.outlet.connectors + 1)
    }
    for connector, status in wanted.items():
        assert scene.here.csms.statuses[1, connector] == status, f"connector {connector} on the wire"
        assert await reported(scene, "Connector", 1, connector) == status, f"connector {connector} in reports"
    evse = evse_of(list(wanted.values()), plugged=scene.plugged is not None)
    assert await reported(scene, "EVSE", 1) == evse
    other = await reported(scene, "EVSE", 2)
    ranks = ["Available", "Occupied", "Unavailable", "Faulted"]
    assert await reported(scene, "ChargingStation") == min(evse, other, key=ranks.index)
    screen = scene.here.simulator.snapshot().screen
    assert screen is not None
    closed = cell.closes(scope, scene.plugged) and not goes_on(cell)
    assert told_closed(screen) is closed, screen


def told_closed(screen: Screen) -> bool:
    """Say whether a driver reads that nobody can charge at EVSE 1: in its line, or because the whole station is off."""
    line = next(line for line in screen.lines if line.startswith("EVSE 1: ") or "energy is off" in line.lower())
    return line.removeprefix("EVSE 1: ").startswith("out of") or "energy is off" in line.lower()


def status_of(plugged: bool, covered: Status | None) -> str:
    """The rule for a connector of EVSE 1."""
    if covered in ("Faulted", "Unavailable"):
        return covered
    free = "Available" if covered is None else "Unavailable"
    return "Occupied" if plugged else free


def evse_of(parts: list[str], *, plugged: bool) -> str:
    """The rule for an EVSE: the best of its connectors, but with a cable in one no other is free."""
    best = min(parts, key=["Available", "Occupied", "Unavailable", "Faulted"].index)
    return "Occupied" if plugged and best == "Available" else best


async def reported(scene: Scene, component: str, evse_id: int | None = None, connector_id: int | None = None) -> str:
    """Return AvailabilityState as the CSMS reads it."""
    place = None if evse_id is None else wire.EVSE(id=evse_id, connector_id=connector_id)
    data = wire.GetVariableData(
        component=wire.Component(name=component, evse=place), variable=wire.Variable(name="AvailabilityState")
    )
    response = await scene.here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
    return response.get_variable_result[0].attribute_value or ""


# What holds where nothing stands in the way any more


async def begins(cell: Cell, scene: Scene, *, anew: bool) -> None:
    """What waited begins, or somebody begins anew: a charge does."""
    await plug(scene)
    await asyncio.sleep(60)
    if anew and scene.here.simulator.state(1).supply is not Supply.Delivering:
        await cell.way.grant(scene, SECOND)
        await asyncio.sleep(60)
    assert scene.here.simulator.state(1).supply is Supply.Delivering
    assert charges(scene)
