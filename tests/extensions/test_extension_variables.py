"""Components of a vendor's extension from outside: in reports, set, kept over a reboot, read by the extension."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from ohmstead.cli.run.extensions import installed_extensions
from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.ports.extensions import Installed
from ohmstead.wire import messages as wire
from tests.extensions.packages import VENDOR, install, on_the_path
from tests.extensions.test_extension_messages import alive, send, state
from tests.runtime.site import Site, site

REQUESTS = count(1)


@pytest.fixture
def volt(tmp_path: Path) -> Iterator[tuple[Installed, ...]]:
    """The extension of the vendor, installed and loaded."""
    install(tmp_path, "volt_cooling", VENDOR.read_text("utf-8"))
    with on_the_path(tmp_path):
        yield installed_extensions()


async def report(here: Site, base: wire.ReportBaseEnum | None = None) -> dict[str, wire.ReportData]:
    """Ask for a report, of all or of the fan; return its entries by path."""
    request_id = next(REQUESTS)
    fan = wire.ComponentVariable(component=wire.Component(name="voltFAN"))
    if base is None:
        await here.csms.call(wire.GetReportRequest(request_id=request_id, component_variable=(fan,)))
    else:
        await here.csms.call(wire.GetBaseReportRequest(request_id=request_id, report_base=base))

    def parts() -> list[wire.NotifyReportRequest]:
        # A reboot sends a part again whose answer it did not live to keep.
        return [part for part in here.csms.of(wire.NotifyReportRequest) if part.request_id == request_id]

    await here.csms.until(lambda: any(not part.tbc for part in parts()))
    entries = [entry for part in parts() for entry in part.report_data or ()]
    found = {}
    for entry in entries:
        place = "" if entry.component.evse is None else f"({entry.component.evse.id})"
        found[f"{entry.component.name}{place}.{entry.variable.name}"] = entry
    return {path: entry for path, entry in found.items() if path.startswith("Volt")}


def values(entries: dict[str, wire.ReportData]) -> dict[str, str | None]:
    """Return the reported values."""
    return {path: entry.variable_attribute[0].value for path, entry in entries.items()}


def test_its_components_are_reported_like_any_other(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        full = values(await report(here, wire.ReportBaseEnum.FullInventory))
        fan = {"VoltFan.Mode": "Auto", "VoltFan.Speed": "40", "VoltFan.Starts": "1", "VoltFan.Temperature": "30"}
        assert {path: value for path, value in full.items() if path.startswith("VoltFan")} == fan
        assert full["VoltPump(1).Pressure"] == "7", "who gives its value fails: the default"
        assert full["VoltPump(2).Pressure"] == "15"
        settable = await report(here, wire.ReportBaseEnum.ConfigurationInventory)
        assert {"VoltFan.Mode", "VoltFan.Speed", "VoltFan.Starts", "VoltPump(1).Flow"} <= set(settable)
        assert "VoltFan.Temperature" not in settable
        alone = await report(here)
        assert values(alone) == fan
        speed = alone["VoltFan.Speed"]
        characteristics = speed.variable_characteristics
        assert characteristics is not None
        assert (characteristics.unit, characteristics.min_limit, characteristics.max_limit) == ("Percent", 0, 100)
        assert speed.variable_attribute[0].mutability is wire.MutabilityEnum.ReadWrite

    alive(volt, scenario)


@pytest.mark.parametrize(
    ("variable", "value", "status"),
    [
        ("Speed", "60", "Accepted"),
        ("speed", "0", "Accepted"),
        ("Speed", "101", "Rejected"),
        ("Speed", "fast", "Rejected"),
        ("Speed", "13", "Rejected"),
        ("Speed", "66", "Rejected"),
        ("Mode", "Silent", "Accepted"),
        ("Mode", "Loud", "Rejected"),
        ("Temperature", "1", "Rejected"),
        ("Color", "red", "UnknownVariable"),
    ],
)
def test_they_are_set_with_their_limits(volt: tuple[Installed, ...], variable: str, value: str, status: str) -> None:
    async def scenario(here: Site) -> None:
        assert await here.set("VoltFan", variable, value) == status

    alive(volt, scenario)


def test_a_new_value_is_heard_and_outlives_reboot_and_power(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        assert await here.set("VoltFan", "Speed", "60") == "Accepted"
        assert await here.set("VoltFan", "Mode", "Silent") == "Accepted"
        seen = await state(here)
        assert (seen["speed"], seen["mode"], seen["turned"]) == (60, "Silent", [60])
        assert values(await report(here))["VoltFan.Temperature"] == "35"
        await here.hand.reboot()
        await here.csms.until(lambda: bool(here.csms.of(wire.StatusNotificationRequest)))
        seen = await state(here)
        assert (seen["speed"], seen["mode"], seen["turned"]) == (60, "Silent", [])
        await here.hand.cut_power()
        await here.hand.restore_power()
        here.csms.received.clear()
        await here.csms.until(lambda: bool(here.csms.of(wire.StatusNotificationRequest)))
        found = values(await report(here))
        assert (found["VoltFan.Speed"], found["VoltFan.Starts"]) == ("60", "3"), "what it assigns is kept as well"

    alive(volt, scenario)


def test_the_extension_sets_its_own_within_their_limits(volt: tuple[Installed, ...]) -> None:
    async def scenario(here: Site) -> None:
        assert (await send(here, "blow", 70))[0] == "Accepted"
        assert (await send(here, "blow", 170))[0] == "Rejected"
        assert (await state(here))["turned"] == [70]

    alive(volt, scenario)


def test_what_was_set_waits_while_the_package_is_away(volt: tuple[Installed, ...]) -> None:
    store = MemoryStore()

    async def with_it(speed: str) -> None:
        async with site(store=store, extensions=volt) as here:
            assert values(await report(here))["VoltFan.Speed"] == speed
            assert await here.set("VoltFan", "Speed", "55") == "Accepted"

    async def without_it() -> None:
        async with site(store=store) as here:
            assert await here.set("VoltFan", "Speed", "1") == "UnknownComponent"
            assert (await send(here, "echo"))[0] == "UnknownVendorId"
            await asyncio.sleep(10)

    run(with_it("40"), limit=3600)
    run(without_it(), limit=3600)
    run(with_it("55"), limit=3600)


def test_what_the_station_works_out_is_heard(volt: tuple[Installed, ...]) -> None:
    """Each new state once, of a cable, of the CSMS and of a fault, and what follows from a value that was set."""

    async def scenario(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.unplug(1)
        for wanted in (wire.OperationalStatusEnum.Inoperative, wire.OperationalStatusEnum.Operative):
            await here.csms.call(wire.ChangeAvailabilityRequest(operational_status=wanted, evse=wire.EVSE(id=1)))
        await here.hand.fault(1, 0, "GroundFailure")
        assert await here.set("VoltFan", "Speed", "60") == "Accepted"
        assert await here.set("VoltFan", "Mode", "Silent") == "Accepted"
        _, heard = await send(here, "heard")
        states = ["Occupied", "Available", "Unavailable", "Available", "Faulted"]
        assert heard == {"states": states, "warmed": [35.0]}

    alive(volt, scenario)
