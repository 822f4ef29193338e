"""What survives the process."""

import asyncio
from pathlib import Path
from random import Random

import msgspec
import pytest

from ohmstead.edge.simulator import Simulator, SimulatorState, StateFile
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import NotKept
from ohmstead.ports.hardware import MemoryFaultChanged, PlugIn, Supply, SupplyChanged
from ohmstead.product.profile import Product


def lived(product: Product) -> SimulatorState:
    """Return the state of a machine that charges, has a fault and a stuck lock where it has locks."""

    async def main() -> SimulatorState:
        sim = Simulator(product, random=Random(4), meters={1: 5000.0})
        sim.enable(1, True)
        sim.hand.plug(1, 1, "suv-100@20")
        sim.hand.arrive(2)
        sim.hand.fault(2, 1, "GroundFailure")
        if product.name == "ac":
            sim.hand.fault(2, 1, "Jammed")
        await asyncio.sleep(1234.5)
        return sim.capture()

    return run(main())


def test_a_new_machine_takes_up_what_was_captured(ac: Product) -> None:
    before = lived(ac)

    async def main() -> SimulatorState:
        return Simulator(ac, random=Random(9), state=before).capture()

    assert run(main()) == before


def test_the_register_is_the_energy_since_the_machine_was_made(dc: Product) -> None:
    state = lived(dc).outlets[0]
    assert state.register_wh == pytest.approx(5000.0 + state.session_wh)
    assert state.session_wh > 0


def test_a_new_machine_gives_no_energy_until_it_is_asked(dc: Product) -> None:
    before = lived(dc)

    async def main() -> None:
        sim = Simulator(dc, random=Random(9), state=before)
        await asyncio.sleep(100)
        assert (sim.state(1).connector_id, sim.state(1).supply) == (1, Supply.Off)
        sim.enable(1, True)
        await asyncio.sleep(100)
        assert sim.state(1).supply is Supply.Delivering
        assert sim.read(1).energy_wh > before.outlets[0].register_wh
        assert sim.history(1)[0].time_s == 0

    run(main(), start=777.7)


def test_a_state_survives_its_encoding(ac: Product) -> None:
    state = lived(ac)
    assert msgspec.json.decode(msgspec.json.encode(state), type=SimulatorState) == state


def test_a_state_of_another_product_is_refused(dc: Product, ac: Product) -> None:
    state = lived(dc)
    smaller = msgspec.structs.replace(dc, evses=dc.evses[:1])
    with pytest.raises(ValueError, match="no EVSE 2"):
        Simulator(smaller, random=Random(1), state=state)
    moved = msgspec.structs.replace(state.outlets[0], connector_id=7)
    with pytest.raises(ValueError, match="no connector 7"):
        Simulator(ac, random=Random(1), state=SimulatorState(outlets=(moved,)))


def test_a_file_keeps_the_last_state(tmp_path: Path, dc: Product) -> None:
    file = StateFile(tmp_path / "machine.json")
    assert file.load() is None
    state = lived(dc)
    file.save(SimulatorState(outlets=()))
    file.save(state)
    assert file.load() == state


def test_a_line_that_was_cut_off_leaves_the_state_before_it(tmp_path: Path, dc: Product) -> None:
    path = tmp_path / "machine.json"
    state = lived(dc)
    StateFile(path).save(state)
    with path.open("ab") as file:
        file.write(msgspec.json.encode(state)[:-7])
    assert StateFile(path).load() == state


def test_a_file_does_not_grow_for_ever(tmp_path: Path, dc: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "machine.json"
    file, state = StateFile(path), lived(dc)
    size = len(msgspec.json.encode(state)) + 1
    monkeypatch.setattr("ohmstead.edge.simulator.memory.LARGEST", 3 * size)
    sizes = []
    for _ in range(5):
        file.save(state)
        sizes.append(path.stat().st_size // size)
    assert sizes == [1, 2, 3, 1, 2]
    assert file.load() == state


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_text('{"outlets": 3}')
    with pytest.raises(ValueError, match=r"machine\.json"):
        StateFile(path).load()


def test_no_reading_that_was_seen_goes_back_when_the_process_dies(dc: Product) -> None:
    async def main() -> None:
        kept: list[SimulatorState] = []
        sim = Simulator(dc, random=Random(4), journal=kept.append)
        sim.enable(1, True)
        sim.hand.plug(1)
        for _ in range(50):
            await asyncio.sleep(7.3)
            seen = sim.read(1).energy_wh
            reborn = Simulator(dc, random=Random(5), state=kept[-1])
            assert reborn.read(1).energy_wh == seen

    run(main())


def test_a_journal_that_fails_opens_the_contactors_until_it_works_again(dc: Product) -> None:
    """Commands and hands go on, no energy flows, and no meter says what a restart would forget."""
    full = [False]
    kept: list[SimulatorState] = []

    def journal(state: SimulatorState) -> None:
        if full[0]:
            raise OSError("disk full")
        kept.append(state)

    async def main() -> None:
        sim = Simulator(dc, random=Random(4), journal=journal)
        seen: list[object] = []
        sim.observe(seen.append)
        sim.hand.plug(1)
        sim.enable(1, True)
        await asyncio.sleep(60)
        assert sim.state(1).supply is Supply.Delivering
        full[0] = True
        register = kept[-1].outlets[0].register_wh
        await asyncio.sleep(6)
        seen.clear()
        with pytest.raises(NotKept, match="disk full"):
            sim.hand.plug(2)
        sim.enable(2, True)
        with pytest.raises(NotKept, match="disk full"):
            sim.hand.present("04A1B2C3")
        await asyncio.sleep(7200)
        assert (sim.state(1).supply, sim.state(2).supply) == (Supply.Off, Supply.Off)
        assert (sim.state(2).connector_id, sim.read(1).energy_wh) == (1, register)
        fault = MemoryFaultChanged("the machine: disk full")
        assert seen == [PlugIn(2, 1), fault, SupplyChanged(1, Supply.Off)]
        full[0] = False
        await asyncio.sleep(60)
        assert seen[3] == MemoryFaultChanged(None)
        assert (sim.state(1).supply, sim.state(2).supply) == (Supply.Delivering, Supply.Delivering)
        assert sim.read(1).energy_wh > register

    run(main())
