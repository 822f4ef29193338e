"""AC: the weakest of on-board charger, cable and EVSE gives the current, on the phases that all of them have."""

import asyncio
from random import Random
from typing import Literal

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.edge.simulator.ev import AC_VOLTAGE, MODELS
from ohmstead.edge.virtual_time import run
from ohmstead.ports import hand
from ohmstead.ports.hand import HandRefused
from ohmstead.ports.hardware import CableInserted, CableRemoved, Observation, PlugIn, PlugOut, Supply
from ohmstead.product.load import load
from ohmstead.product.profile import Product, ProductConnector

CABLES: tuple[Literal[13, 20, 32, 63], ...] = (13, 20, 32, 63)
CARS = tuple(name for name, model in MODELS.items() if model.ac_phases)


def wallbox(phases: int, amperes: float, connector: str = "sType2") -> Product:
    """Return a wallbox of so many phases and amperes."""
    made = load("ac-wallbox")
    power = AC_VOLTAGE * amperes * phases
    evse = msgspec.structs.replace(
        made.evses[0],
        phases=phases,
        max_power_w=power,
        connectors=(msgspec.structs.replace(made.evses[0].connectors[0], type=connector),),
    )
    hardware = msgspec.structs.replace(made.hardware, max_power_w=power, ventilated=True)
    return msgspec.structs.replace(made, evses=(evse,), hardware=hardware)


@pytest.mark.parametrize("car", CARS)
@pytest.mark.parametrize("cable", CABLES)
@pytest.mark.parametrize("phases", [1, 2, 3])
@pytest.mark.parametrize("amperes", [10, 16, 32])
def test_the_weakest_gives_the_current(car: str, cable: Literal[13, 20, 32, 63], phases: int, amperes: float) -> None:
    async def main() -> None:
        sim = Simulator(wallbox(phases, amperes), random=Random(4))
        sim.hand.insert_cable(1, 1, cable)
        sim.hand.connect_ev(1, 1, f"{car}@30-80")
        sim.enable(1, True)
        await asyncio.sleep(30)
        model = MODELS[car]
        reading = sim.read(1)
        current = min(model.ac_current_a, cable, amperes, 32.0)
        assert reading.current_a == pytest.approx(current)
        assert reading.power_w == pytest.approx(current * AC_VOLTAGE * min(model.ac_phases, phases))

    run(main())


def _seen(product: Product) -> tuple[Simulator, list[Observation]]:
    sim = Simulator(product, random=Random(4))
    seen: list[Observation] = []
    sim.observe(seen.append)
    return sim, seen


def test_both_ends_of_a_cable_are_observed_in_the_order_of_the_hands() -> None:
    async def main() -> None:
        sim, seen = _seen(wallbox(3, 32))
        sim.hand.plug(1)
        sim.hand.unplug(1)
        sim.hand.insert_cable(1)
        sim.hand.connect_ev(1)
        sim.hand.remove_cable(1)
        await asyncio.sleep(0)
        assert seen == [
            *(CableInserted(1, 1), PlugIn(1, 1), PlugOut(1, 1), CableRemoved(1, 1)),
            *(CableInserted(1, 1), PlugIn(1, 1), PlugOut(1, 1), CableRemoved(1, 1)),
        ]

    run(main())


def test_a_locked_cable_stays_when_the_ev_leaves() -> None:
    async def main() -> None:
        sim, seen = _seen(wallbox(3, 32))
        sim.hand.plug(1)
        await sim.lock(1, 1)
        sim.hand.unplug(1)
        await asyncio.sleep(0)
        assert seen == [CableInserted(1, 1), PlugIn(1, 1), PlugOut(1, 1)]
        assert (sim.state(1).cable, sim.state(1).locked, sim.state(1).connector_id) == (1, True, None)
        with pytest.raises(HandRefused, match="the cable is locked in connector 1 of EVSE 1"):
            sim.hand.remove_cable(1)
        await sim.unlock(1, 1)
        sim.hand.remove_cable(1)
        assert sim.state(1).cable is None

    run(main())


def test_cables_and_locks_outlive_the_process() -> None:
    async def main() -> None:
        product = wallbox(3, 32)
        sim, _ = _seen(product)
        sim.hand.insert_cable(1, 1, 13)
        await sim.lock(1, 1)
        captured = sim.capture()
        state = msgspec.json.decode(msgspec.json.encode(captured), type=type(captured))
        again = Simulator(product, random=Random(4), state=state)
        assert again.state(1) == sim.state(1)
        again.hand.connect_ev(1, 1, "suv-100@30-80")
        again.enable(1, True)
        await asyncio.sleep(30)
        assert again.read(1).current_a == pytest.approx(13)

    run(main())


def test_an_older_state_with_an_ev_at_a_socket_has_its_cable_there() -> None:
    async def main() -> None:
        product = wallbox(3, 32)
        sim, _ = _seen(product)
        sim.hand.plug(1)
        outlet = msgspec.structs.replace(sim.capture().outlets[0], cable=None)
        old = msgspec.structs.replace(sim.capture(), outlets=(outlet,))
        again = Simulator(product, random=Random(4), state=old)
        assert again.state(1).cable == 1
        again.hand.unplug(1)
        assert again.state(1).supply is Supply.Off

    run(main())


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        (["insert_cable", "insert_cable"], "a cable lies in connector 1 of EVSE 1 already"),
        (["connect_ev"], "no cable lies in connector 1 of EVSE 1: put one in first"),
        (["remove_cable"], "no cable lies in a socket of EVSE 1"),
        (["disconnect_ev"], "no EV is plugged in at EVSE 1"),
    ],
)
def test_what_hands_cannot_do_with_a_cable(actions: list[str], text: str) -> None:
    async def main() -> None:
        sim, _ = _seen(wallbox(3, 32))
        *before, last = (hand.from_json(name, '{"evse_id": 1}') for name in actions)
        for action in before:
            sim.hand.perform(action)
        with pytest.raises(HandRefused, match=text):
            sim.hand.perform(last)

    run(main())


def test_a_fixed_cable_has_no_socket() -> None:
    async def main() -> None:
        sim, seen = _seen(load("minimal"))
        with pytest.raises(HandRefused, match="fixed cable"):
            sim.hand.insert_cable(1)
        sim.hand.connect_ev(1)
        sim.hand.disconnect_ev(1)
        await asyncio.sleep(0)
        assert seen == [PlugIn(1, 1), PlugOut(1, 1)]

    run(main())


def test_an_ac_socket_beside_a_dc_cable_charges_by_its_own_phases() -> None:
    """The two share meter and contactor; which of them is in use says what flows."""
    made = load("sec1000-240y")
    socket = ProductConnector(id=2, type="sType2", cable="Detachable", current="AC", phases=3)
    first = msgspec.structs.replace(made.evses[0], connectors=(made.evses[0].connectors[0], socket))
    features = made.features | {"AQ-9": True, "AQ-18": True}
    mixed = msgspec.structs.replace(made, evses=(first, *made.evses[1:]), features=features)

    async def main() -> None:
        sim = Simulator(mixed, random=Random(4))
        assert sim.state(1).pilot is None
        sim.hand.plug(1, 2, "suv-100@20")
        sim.enable(1, True)
        await asyncio.sleep(60)
        reading = sim.read(1)
        assert (reading.phases, reading.voltage_v, reading.soc_percent) == (3, 230.0, None)
        assert reading.power_w == pytest.approx(3 * 32 * 230.0)
        pilot = sim.state(1).pilot
        assert pilot is not None and pilot.state.value == "C"
        sim.hand.unplug(1)
        sim.hand.plug(1, 1, "suv-100@20")
        await asyncio.sleep(60)
        reading = sim.read(1)
        assert reading.phases is None and reading.voltage_v > 300.0 and reading.power_w > 100_000.0
        assert reading.soc_percent is not None and reading.per_phase == ()

    run(main())
