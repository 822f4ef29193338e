"""The main job against a CSMS that is not ours: a whole charge, with an outage in the middle of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ohmstead.edge.simulator import Simulator
from ohmstead.ports.hardware import MeterReading
from tests.peers.ocpp_office import Json, OcppOffice, check, listening
from tests.peers.real_station import PASSWORD, RealStation, csms_context, provisioning, running

CARD = "04A1B2C3"
BRISK = {
    "SampledDataCtrlr.TxUpdatedInterval": "1",
    "OCPPCommCtrlr.RetryBackOffWaitMinimum": "1",
    "OCPPCommCtrlr.RetryBackOffRandomRange": "0",
}


@asynccontextmanager
async def pair(directory: Path, profile: int = 2) -> AsyncIterator[tuple[OcppOffice, RealStation]]:
    """Run both; the station has booted and reported its connectors."""
    password = PASSWORD if profile == 2 else None
    async with (
        listening(csms_context(profile), password) as office,
        running(provisioning(office.url, profile), directory) as station,
    ):
        await office.until(lambda: len(office.of("StatusNotification")) == 2)
        yield office, station


async def set_variables(office: OcppOffice, values: dict[str, str]) -> None:
    """Set variables one at a time, as the product wants it (ORS-3)."""
    for name, value in values.items():
        component, _, variable = name.partition(".")
        datum = {"attribute_value": value, "component": {"name": component}, "variable": {"name": variable}}
        response = await office.call("SetVariables", set_variable_data=[datum])
        assert _first(response["set_variable_result"])["attribute_status"] == "Accepted", name


def _first(items: object) -> Json:
    assert isinstance(items, list)
    item: Json = items[0]
    return item


def _of_energy(event: Json, context: str) -> list[float]:
    """Return the register's values in an event, Wh, that were taken in a context."""
    values = event.get("meter_value") or []
    assert isinstance(values, list)
    sampled = [sample for value in values for sample in value["sampled_value"]]
    return [
        sample["value"]
        for sample in sampled
        if sample.get("context", "Sample.Periodic") == context
        and sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
    ]


def _info(event: Json) -> Json:
    info = event["transaction_info"]
    assert isinstance(info, dict)
    return info


async def _charge(office: OcppOffice, station: RealStation, *, unplug_offline: bool) -> None:
    """Card, plug, energy, two seconds without network, energy, card, unplug."""
    host = station.host
    hand = station.hand
    await hand.present(CARD)
    await office.until(lambda: bool(office.of("Authorize")))
    await hand.plug(1, ev="quick")
    await office.until(lambda: len(office.events) >= 4)
    assert host.station is not None
    await host.station.outbox.empty.wait()
    await hand.cut_network()
    await station.until(lambda: station.waiting >= 2)
    if unplug_offline:
        await hand.unplug(1)
    await hand.restore_network()
    await office.until(lambda: office.connections == 2)
    if not unplug_offline:
        await office.until(
            lambda: any(e.get("offline") for e in office.events) and not office.events[-1].get("offline")
        )
        await hand.present(CARD)
        await office.until(lambda: office.events[-1]["event_type"] == "Ended")
        await hand.unplug(1)
    await office.until(lambda: office.events[-1]["event_type"] == "Ended")
    await office.until(lambda: office.of("StatusNotification")[-1]["connector_status"] == "Available")


def _readings(simulator: Simulator) -> list[float]:
    """Return a list to which every reading of EVSE 1 is added that the station takes from now on, in Wh."""
    taken: list[float] = []
    read = simulator.read

    def reading(evse_id: int) -> MeterReading:
        found = read(evse_id)
        if evse_id == 1:
            taken.append(found.energy_wh)
        return found

    simulator.read = reading  # type: ignore[method-assign]
    return taken


@pytest.mark.parametrize("unplug_offline", [False, True], ids=["stopped by card", "unplugged while offline"])
def test_a_whole_charge_with_an_outage(tmp_path: Path, unplug_offline: bool) -> None:
    async def main() -> None:
        async with pair(tmp_path) as (office, station):
            await set_variables(office, BRISK)
            before = station.simulator.read(1).energy_wh
            registers = _readings(station.simulator)
            await _charge(office, station, unplug_offline=unplug_offline)
            charged = station.simulator.read(1).energy_wh - before
            events = office.events

            assert check(office.frames) > 20
            assert len(office.of("BootNotification")) == 1
            assert [event["event_type"] for event in events] == ["Started", *["Updated"] * (len(events) - 2), "Ended"]
            assert [event["seq_no"] for event in events] == list(range(len(events)))
            assert len({_info(event)["transaction_id"] for event in events}) == 1
            assert [_info(event)["charging_state"] for event in events[:2]] == ["EVConnected", "Charging"]
            assert _info(events[-1])["stopped_reason"] == ("EVDisconnected" if unplug_offline else "Local")

            # offline: those in the middle, and all of them (E04.FR.03)
            offline = [bool(event.get("offline")) for event in events]
            first = offline.index(True)
            count = offline.count(True)
            assert count >= 2
            assert offline[first : first + count] == [True] * count
            assert offline[-1] is unplug_offline

            (begin,) = _of_energy(events[0], "Transaction.Begin")
            (end,) = _of_energy(events[-1], "Transaction.End")
            assert begin == pytest.approx(before, abs=0.1)
            assert end in [pytest.approx(register, abs=0.1) for register in registers], "what the meter gave is told"
            # No more than has flowed; in real time it flows on until the contactor is open (2 Wh: 30 ms at full power).
            assert -2.0 <= end - begin - charged <= 0.1
            readings = [begin, *(wh for event in events[:-1] for wh in _of_energy(event, "Sample.Periodic")), end]
            assert len(readings) >= 5
            assert readings == sorted(readings)
            assert charged > 10

            of_first = [s["connector_status"] for s in office.of("StatusNotification") if s["evse_id"] == 1]
            assert of_first == ["Available", "Occupied", "Available"]

    asyncio.run(main())


def test_an_event_whose_response_was_lost_goes_again_as_it_was(tmp_path: Path) -> None:
    """Delivery is at least once; the same text under the same id and seqNo, not marked offline."""

    async def main() -> None:
        async with pair(tmp_path) as (office, station):
            await set_variables(office, BRISK)
            office.swallow = "TransactionEvent"
            await station.hand.present(CARD)
            await office.until(lambda: bool(office.of("Authorize")))
            await station.hand.plug(1, ev="quick")
            await office.until(lambda: bool(office.events))
            await station.hand.cut_network()
            office.swallow = None
            await station.hand.restore_network()
            await office.until(lambda: len(office.events) >= 4)
            check(office.frames)
            texts = [frame.text for frame in office.frames if '"TransactionEvent"' in frame.text]
            assert texts[0] == texts[1]
            assert [event["seq_no"] for event in office.events[:4]] == [0, 0, 1, 2]
            assert not office.events[0].get("offline")

    asyncio.run(main())


def test_a_station_with_a_client_certificate(tmp_path: Path) -> None:
    """Security profile 3: no password, a certificate instead (A00.FR.401 and following)."""

    async def main() -> None:
        async with pair(tmp_path, profile=3) as (office, _station):
            datum = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "SecurityProfile"}}
            response = await office.call("GetVariables", get_variable_data=[datum])
            assert _first(response["get_variable_result"])["attribute_value"] == "3"
            check(office.frames)

    asyncio.run(main())
