"""Everything that keeps new sessions from a place, as it is raised and taken away from outside: by wire, hand, disk."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import msgspec

from ohmstead.edge.simulator.operator_actions import FAULTS, QUIET
from ohmstead.ports.hand import NotKept
from ohmstead.wire import messages as wire
from tests.blocks.test_l_firmware import PLACE, image, keys, update
from tests.runtime.disk import Disk
from tests.runtime.site import Site

Act = Callable[["Scene"], Awaitable[None]]
Scope = Literal["station", "EVSE", "connector"]
Status = Literal["Faulted", "Unavailable", "Withheld"]
"""What is told of the connectors that are covered; Withheld: what is free is Unavailable, a cable is Occupied."""
INOPERATIVE, OPERATIVE = wire.OperationalStatusEnum.Inoperative, wire.OperationalStatusEnum.Operative
SCOPES: dict[Scope, wire.EVSE | None] = {
    "station": None,
    "EVSE": wire.EVSE(id=1),
    "connector": wire.EVSE(id=1, connector_id=1),
}


class Scene(msgspec.Struct):
    """A site on whose EVSE 1 something stands in the way; EVSE 2 is there to be charged at."""

    here: Site
    disk: Disk
    cable: int
    """The connector of EVSE 1 that the driver uses."""
    keeps_cable: bool = False
    """Whoever charges at EVSE 1 first leaves the cable in."""

    @property
    def plugged(self) -> int | None:
        """The connector of EVSE 1 that an EV is connected to."""
        return self.here.simulator.state(1).connector_id

    async def charge(self, evse_id: int) -> None:
        """Let somebody else charge at an EVSE."""
        if self.here.simulator.state(evse_id).connector_id is None:
            await self.here.hand.plug(evse_id, self.cable if evse_id == 1 else 1)
        await self.start("OTHER", evse_id)
        await asyncio.sleep(10)

    async def start(self, token: str, evse_id: int | None) -> str:
        """Ask for a remote start."""
        id_token = wire.IdToken(id_token=token, type=wire.IdTokenEnum.ISO14443)
        request = wire.RequestStartTransactionRequest(id_token=id_token, remote_start_id=7, evse_id=evse_id)
        return str((await self.here.csms.call(request)).status)

    async def stop(self, evse_id: int) -> None:
        """End what runs at an EVSE."""
        started = [e for e in self.here.csms.events if e.evse is not None and e.evse.id == evse_id]
        request = wire.RequestStopTransactionRequest(transaction_id=started[-1].transaction_info.transaction_id)
        await self.here.csms.call(request)
        await asyncio.sleep(5)

    async def booted(self) -> None:
        """Wait for the next run."""
        await self.here.csms.until(lambda: bool(self.here.csms.of(wire.BootNotificationRequest)), 2000)
        await asyncio.sleep(20)


class Obstruction(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stands in the way at EVSE 1, connector 1, or at what contains it."""

    name: str
    scopes: tuple[Scope, ...]
    """What it covers at first, and after each step but the last of its end."""
    statuses: tuple[Status, ...]
    """What is told then."""
    ahead: Act
    """What comes before it, while somebody may still start."""
    raised: Act
    steps: tuple[Act, ...]
    """What ends it."""
    settings: dict[str, str] = {}
    of_free: bool = False
    """An EVSE that is in use when it comes is told as before."""
    taken: bool = False
    """Somebody charges at EVSE 2."""


async def _nothing(_scene: Scene) -> None:
    pass


def _availability(scope: Scope, status: wire.OperationalStatusEnum) -> Act:
    async def change(scene: Scene) -> None:
        request = wire.ChangeAvailabilityRequest(operational_status=status, evse=SCOPES[scope])
        response = await scene.here.csms.call(request)
        assert response.status in ("Accepted", "Scheduled")

    return change


def _fault(connector_id: int, code: str) -> tuple[Act, Act]:
    async def fault(scene: Scene) -> None:
        scene.here.simulator.hand.fault(1, connector_id, code)

    async def clear(scene: Scene) -> None:
        scene.here.simulator.hand.repair(1, connector_id, code)

    return fault, clear


def _emergency(pressed: bool) -> Act:
    async def press(scene: Scene) -> None:
        with suppress(NotKept):
            await scene.here.hand.emergency_stop(pressed)

    return press


async def _both(scene: Scene, *acts: Act) -> None:
    for act in acts:
        await act(scene)


def _all(*acts: Act) -> Act:
    return lambda scene: _both(scene, *acts)


# What is scheduled


async def _charging_here(scene: Scene) -> None:
    await scene.charge(1)


async def _charging_there(scene: Scene) -> None:
    await scene.charge(2)


async def _leave(scene: Scene) -> None:
    await scene.stop(1)
    if not scene.keeps_cable:
        await scene.here.hand.unplug(1)
    await asyncio.sleep(5)


def _scheduled(scope: Scope) -> Obstruction:
    """In force once the transaction at EVSE 1 has ended."""
    return Obstruction(
        name=f"scheduled-{scope}",
        statuses=("Unavailable",),
        scopes=(scope,),
        ahead=_all(_charging_here, _availability(scope, INOPERATIVE)),
        raised=_leave,
        steps=(_availability(scope, OPERATIVE),),
    )


# What waits


def _reset(evse_id: int | None) -> Act:
    async def ask(scene: Scene) -> None:
        response = await scene.here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle, evse_id=evse_id))
        assert response.status == "Scheduled"

    return ask


async def _arrives(scene: Scene) -> None:
    """Begin a transaction at EVSE 1 without a card: an EV stands in the bay."""
    await scene.here.hand.arrive(1)
    await asyncio.sleep(5)


async def _leaves(scene: Scene) -> None:
    if scene.plugged is not None:
        await scene.here.hand.unplug(1)
    await asyncio.sleep(5)
    await scene.here.hand.leave(1)
    await asyncio.sleep(20)


async def _others_go(scene: Scene) -> None:
    await scene.stop(2)
    await scene.booted()


async def _update(scene: Scene) -> None:
    here = scene.here
    root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    await here.csms.call(wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root))
    here.servers.files[PLACE] = image(here.host.product)
    await update(here)
    await here.csms.until(
        lambda: any(one.status == "InstallScheduled" for one in here.csms.of(wire.FirmwareStatusNotificationRequest))
    )


async def _full(scene: Scene) -> None:
    """Fill the disk, and let something be worth keeping: an EV comes into the other bay."""
    scene.disk.full = True
    with suppress(NotKept):
        await scene.here.hand.arrive(2)
    await asyncio.sleep(5)


async def _emptied(scene: Scene) -> None:
    scene.disk.full = False
    await scene.booted()


def _one(name: str, scope: Scope, raised: Act, ended: Act, status: Status) -> Obstruction:
    return Obstruction(name=name, statuses=(status,), scopes=(scope,), ahead=_nothing, raised=raised, steps=(ended,))


Part = tuple[Act, Act, Scope, Status]
"""How one of two is raised and ended, what it covers, what is told of it."""


def _two(name: str, one: Part, other: Part) -> list[Obstruction]:
    """Two at once that go in either order; the wider covers, and of two statuses Faulted is told."""
    wide: tuple[Scope, ...] = ("station", "EVSE", "connector")
    scope = min(one[2], other[2], key=wide.index)

    def ending(first: Part, last: Part, order: str) -> Obstruction:
        return Obstruction(
            name=f"{name}-{order}",
            scopes=(scope, last[2]),
            statuses=("Faulted", last[3]),
            ahead=_nothing,
            raised=_all(one[0], other[0]),
            steps=(first[1], last[1]),
        )

    return [ending(one, other, "first-goes-first"), ending(other, one, "last-goes-first")]


CODES = tuple(code for code in FAULTS if code not in QUIET)
_HOT, _GROUND, _EVSE = _fault(1, "OverTemperature"), _fault(1, "GroundFailure"), _fault(0, "InternalError")
_STOP = (_emergency(True), _emergency(False))
_OUT = (_availability("connector", INOPERATIVE), _availability("connector", OPERATIVE))
_STORE = (_full, _emptied)

OBSTRUCTIONS: tuple[Obstruction, ...] = (
    *(
        _one(f"inoperative-{s}", s, _availability(s, INOPERATIVE), _availability(s, OPERATIVE), "Unavailable")
        for s in SCOPES
    ),
    *(_scheduled(scope) for scope in SCOPES),
    Obstruction(
        name="ahead-of-a-scheduled-station",
        statuses=("Unavailable",),
        scopes=("station",),
        ahead=_charging_there,
        raised=_availability("station", INOPERATIVE),
        steps=(_availability("station", OPERATIVE),),
        taken=True,
    ),
    *(_one(f"{code}-connector", "connector", *_fault(1, code), "Faulted") for code in CODES),
    *(_one(f"{code}-EVSE", "EVSE", *_fault(0, code), "Faulted") for code in CODES),
    _one("emergency-stop", "station", *_STOP, "Faulted"),
    _one("store-failed", "station", *_STORE, "Faulted"),
    *_two("two-faults", (*_HOT, "connector", "Faulted"), (*_GROUND, "connector", "Faulted")),
    *_two("fault-of-EVSE-and-connector", (*_HOT, "connector", "Faulted"), (*_EVSE, "EVSE", "Faulted")),
    *_two("fault-and-emergency-stop", (*_HOT, "connector", "Faulted"), (*_STOP, "station", "Faulted")),
    *_two("fault-and-inoperative", (*_HOT, "connector", "Faulted"), (*_OUT, "connector", "Unavailable")),
    *_two("emergency-stop-and-inoperative", (*_STOP, "station", "Faulted"), (*_OUT, "connector", "Unavailable")),
    *_two("emergency-stop-and-store", (*_STOP, "station", "Faulted"), (*_STORE, "station", "Faulted")),
    Obstruction(
        name="reset-of-the-station-waits",
        statuses=("Withheld",),
        scopes=("station",),
        ahead=_charging_there,
        raised=_reset(None),
        of_free=True,
        steps=(_others_go,),
        taken=True,
    ),
    Obstruction(
        name="reset-of-the-EVSE-waits",
        statuses=("Withheld",),
        scopes=("EVSE",),
        ahead=_nothing,
        raised=_all(_arrives, _reset(1)),
        of_free=True,
        steps=(_leaves,),
        settings={"TxStartPoint": "ParkingBayOccupancy", "TxStopPoint": "ParkingBayOccupancy"},
    ),
    Obstruction(
        name="firmware-waits",
        statuses=("Withheld",),
        scopes=("station",),
        ahead=_charging_there,
        raised=_update,
        steps=(_others_go,),
        taken=True,
    ),
)
