"""More lines that could be broken unnoticed by the tests of model, blocks and requirements: each has a test now."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.ports.hardware import Supply
from ohmstead.product.profile import Product, VariableSetting
from ohmstead.wire import messages as wire
from tests.requirements.charging import CARD, change_availability, charge, kinds, product, two_connectors
from tests.runtime.site import Site, site

Scene = Callable[[Site], Awaitable[None]]


def play(scene: Scene, built: Product | None = None) -> None:
    """Run a scene at a site."""

    async def played() -> None:
        async with site(product=built) as here:
            await scene(here)

    run(played(), limit=3 * 86_400)


def statuses(here: Site) -> list[tuple[int, str]]:
    """Return what was told of the connectors, oldest first."""
    return [(one.evse_id, one.connector_status.value) for one in here.csms.of(wire.StatusNotificationRequest)]


@pytest.mark.parametrize("reset", [True, False])
def test_the_reset_of_an_evse_takes_an_authorization_that_has_no_transaction_yet(reset: bool) -> None:
    """B12, decided case 7: the EVSE begins anew as in a boot, and the car needs another card."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxStartPoint", "EnergyTransfer") == "Accepted"
        assert await here.set("TxCtrlr", "TxStopPoint", "EVConnected") == "Accepted"
        await here.hand.plug(1)
        await asyncio.sleep(5)
        await here.hand.present(CARD)
        await asyncio.sleep(0.5)
        await here.hand.suspend(1)
        await asyncio.sleep(30)
        assert not here.csms.events
        if reset:
            response = await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=1))
            assert response.status == "Accepted"
            await asyncio.sleep(5)
        await here.hand.resume(1)
        await asyncio.sleep(60)
        assert bool(here.csms.events) is not reset
        assert (here.simulator.state(1).supply is Supply.Delivering) is not reset

    play(scene, product(having=["C-13"]))


def test_the_reset_of_an_evse_waits_over_a_power_cut() -> None:
    """B12.FR.03: what was Scheduled is carried out when the transaction ends, in whichever life."""

    async def scene(here: Site) -> None:
        await charge(here)
        response = await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle, evse_id=1))
        assert response.status == "Scheduled"
        await here.hand.cut_power()
        await here.hand.restore_power()
        await asyncio.sleep(120)
        assert here.host.station is not None
        assert here.host.station.store.rows("reset")
        await here.hand.present(CARD)
        await asyncio.sleep(60)
        assert not here.host.station.store.rows("reset")

    play(scene, product(having=["C-13"]))


def test_a_connector_that_nobody_uses_is_out_of_service_at_once() -> None:
    """G03.FR.05 is about the transaction of that connector, not of its neighbor."""

    async def scene(here: Site) -> None:
        await charge(here)
        assert await change_availability(here, "Inoperative", wire.EVSE(id=1, connector_id=2)) == "Accepted"
        assert await change_availability(here, "Inoperative", wire.EVSE(id=1, connector_id=1)) == "Scheduled"

    play(scene, two_connectors())


@pytest.mark.parametrize(("lasts", "told"), [(3, False), (30, True)])
def test_a_status_that_does_not_last_is_not_told(lasts: int, told: bool) -> None:
    """C-04, MinimumStatusDuration."""

    async def scene(here: Site) -> None:
        assert await here.set("OCPPCommCtrlr", "MinimumStatusDuration", "10") == "Accepted"
        await here.hand.plug(1)
        await asyncio.sleep(lasts)
        await here.hand.unplug(1)
        await asyncio.sleep(30)
        assert statuses(here) == ([(1, "Occupied"), (1, "Available")] if told else [])

    play(scene, product(having=["C-04"]))


@pytest.mark.parametrize("outage", [60, 1200])
def test_after_a_short_outage_only_what_changed_is_told(outage: int) -> None:
    """B04.FR.01, B04.FR.02: OfflineThreshold decides."""

    async def scene(here: Site) -> None:
        assert await here.set("OCPPCommCtrlr", "OfflineThreshold", "600") == "Accepted"
        await here.hand.cut_network()
        await asyncio.sleep(outage)
        await here.hand.plug(2)
        await here.hand.restore_network()
        await asyncio.sleep(200)
        assert sorted(statuses(here)) == [(2, "Occupied")] if outage < 600 else [(1, "Available"), (2, "Occupied")]

    play(scene)


def test_an_emergency_stop_that_was_pressed_in_the_dark_counts() -> None:
    """Decided case 5: after a boot the machine is asked."""

    async def scene(here: Site) -> None:
        await here.hand.cut_power()
        await here.hand.emergency_stop(True)
        await here.hand.restore_power()
        await asyncio.sleep(60)
        assert set(here.csms.statuses.values()) == {wire.ConnectorStatusEnum.Faulted}
        await here.hand.emergency_stop(False)
        await asyncio.sleep(5)
        assert set(here.csms.statuses.values()) == {wire.ConnectorStatusEnum.Available}

    play(scene)


def test_who_drives_out_of_the_bay_ends_the_transaction_itself() -> None:
    """E06.FR.02: with ParkingBayOccupancy as the stop point, and it was the driver: Local."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxStartPoint", "ParkingBayOccupancy") == "Accepted"
        assert await here.set("TxCtrlr", "TxStopPoint", "ParkingBayOccupancy") == "Accepted"
        await here.hand.arrive(1)
        await asyncio.sleep(5)
        await here.hand.leave(1)
        await asyncio.sleep(5)
        assert kinds(here.csms.events) == ["Started", "Ended"]
        assert here.csms.events[-1].transaction_info.stopped_reason in ("Local", None)

    play(scene, product(name="flagship"))


def test_a_car_that_stays_in_the_bay_keeps_its_transaction_over_the_timeout() -> None:
    """E03.FR.05, E10: the authorization ends after EVConnectionTimeOut; the transaction with the bay."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxStartPoint", "ParkingBayOccupancy") == "Accepted"
        assert await here.set("TxCtrlr", "TxStopPoint", "ParkingBayOccupancy") == "Accepted"
        assert await here.set("TxCtrlr", "EVConnectionTimeOut", "30") == "Accepted"
        await here.hand.arrive(1)
        await asyncio.sleep(5)
        await here.hand.present(CARD)
        await asyncio.sleep(60)
        assert "Ended" not in kinds(here.csms.events)
        assert "EVConnectTimeout" in [event.trigger_reason for event in here.csms.events]
        await here.hand.leave(1)
        await asyncio.sleep(5)
        assert kinds(here.csms.events)[-1] == "Ended"

    play(scene, product(name="flagship"))


def test_a_heartbeat_comes_once_a_day_whatever_the_csms_asks_for() -> None:
    """B01.FR.04, G02.FR.07: beyond the limit of HeartbeatInterval the limit counts."""

    async def scene(here: Site) -> None:
        rare = wire.BootNotificationResponse(
            current_time=here.clock.now(), interval=10**6, status=wire.RegistrationStatusEnum.Accepted
        )
        here.csms.answers[wire.BootNotificationRequest] = lambda _: rare
        await here.hand.reboot()
        await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
        await asyncio.sleep(60)
        here.csms.received.clear()
        await asyncio.sleep(86_400)
        assert here.csms.of(wire.HeartbeatRequest)

    play(scene)


def test_an_ev_that_came_into_the_bay_in_the_dark_has_its_transaction_after_the_boot() -> None:
    """Decided case 5: what the machine finds is fed as if it had happened now, the bay before the cable."""

    async def scene(here: Site) -> None:
        assert await here.set("TxCtrlr", "TxStartPoint", "ParkingBayOccupancy") == "Accepted"
        await here.hand.cut_power()
        await here.hand.arrive(1)
        await here.hand.restore_power()
        await asyncio.sleep(60)
        assert kinds(here.csms.events)[:1] == ["Started"]
        assert here.csms.events[0].trigger_reason == "EVDetected"

    play(scene, product(name="flagship"))


def test_what_the_cache_has_no_room_for_is_gone_from_the_store_too() -> None:
    """C10.FR.07: else the next boot would find more than fits."""

    async def scene(here: Site) -> None:
        assert here.host.station is not None
        for number in range(8):
            await here.hand.present(f"04A1B2{number:02X}")
            await asyncio.sleep(300)
        rows = here.host.station.store.rows("token")
        assert 0 < len(rows) < 8
        assert {key for key, _ in rows} == set(here.host.station.cache.keys)

    small = {"AuthCacheCtrlr.Storage": VariableSetting(max=600)}
    made = product()
    play(scene, msgspec.structs.replace(made, variables={**made.variables, **small}))
