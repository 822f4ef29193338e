"""The bench of a station in memory: what pages see of a charge, of reboots and of power cuts, and local edits."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import msgspec
import pytest
from msgspec.structs import replace

from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.simulator import FAULTS
from ohmstead.edge.virtual_time import run
from ohmstead.ports.bench import SetOutcome, StationView, VariableKey
from ohmstead.rpc.connection import Direction
from ohmstead.runtime.bench import StationBench
from ohmstead.wire import messages as wire
from tests.runtime.site import CONFIG, URL, Site, site

ADA = "04A1B2C3"
Scene = Callable[[Site, StationBench], Coroutine[object, object, None]]


@asynccontextmanager
async def bench_of(here: Site) -> AsyncIterator[StationBench]:
    """Watch a site."""
    yield StationBench(
        here.host,
        clock=here.clock,
        look=here.simulator.snapshot,
        plugs=Interfaces(),
        technologies={"Wired0": "Ethernet", "Wireless0": "Mobile network"},
        fault_codes=FAULTS,
    )


def play(scene: Scene) -> None:
    """Run a scene in virtual time."""

    async def main() -> None:
        async with site() as here, bench_of(here) as bench:
            await scene(here, bench)

    run(main(), limit=7200)


def test_a_url_of_the_csms_with_a_signature_is_shown_without() -> None:
    """A query may be a credential: while connected, while nobody listens, and while there is no power."""

    async def main() -> None:
        config = replace(CONFIG, csms_url=f"{URL}?sig=Hunter2-is-the-secret")
        async with site(config=config) as here, bench_of(here) as bench:
            views = [bench.view()]
            await here.listener.close()
            await asyncio.sleep(100)
            views.append(bench.view())
            await here.hand.cut_power()
            views.append(bench.view())
        assert [view.connection.state for view in views[:2]] == ["Connected", "Disconnected"]
        assert views[1].connection.last_error
        for view in views:
            assert "Hunter2" not in msgspec.json.encode(view).decode()
            assert view.connection.url.startswith("wss://csms.example/ocpp")

    run(main(), limit=7200)


def test_a_station_that_waits() -> None:
    async def scene(_: Site, bench: StationBench) -> None:
        view = bench.view()
        assert (view.powered, view.booting, view.identity, view.product) == (True, False, "CS-001", "sec1000-240y")
        assert view.connection.state == "Connected"
        assert view.connection.boot_status == "Accepted"
        assert view.connection.url == "wss://csms.example/ocpp/CS-001"
        assert (view.connection.security_profile, view.connection.slot) == (2, 1)
        assert view.readers == (None,)
        assert [one.name for one in view.interfaces] == ["Wired0", "Wireless0"]
        assert [connector.status for evse in view.evses for connector in evse.connectors] == ["Available", "Available"]
        assert view.screens[0].headline.startswith("Welcome")
        assert view.queue == ()

    play(scene)


def test_a_charge_as_a_page_sees_it() -> None:
    async def scene(here: Site, bench: StationBench) -> None:
        await here.hand.present(ADA)
        await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)))
        await asyncio.sleep(1)
        waiting = bench.view().unbound
        assert waiting is not None
        assert (waiting.facts, waiting.id_token, waiting.transaction_id) == (("Authorized",), "••••B2C3", None)
        await here.hand.plug(1)
        await asyncio.sleep(100)
        first = bench.view().evses[0]
        assert (first.supply, first.bay_occupied, first.connectors[0].plugged) == ("Delivering", True, True)
        assert first.power_w > 1000
        assert first.session is not None
        assert set(first.session.facts) >= {"EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"}
        assert first.session.charging_state == "Charging"
        assert first.session.energy_wh == pytest.approx(first.energy_wh)
        assert first.session.seq_no == here.csms.events[-1].seq_no
        assert first.session.transaction_id == here.csms.events[0].transaction_info.transaction_id

    play(scene)


def test_what_waits_in_the_outbox_is_listed_until_it_is_delivered() -> None:
    async def scene(here: Site, bench: StationBench) -> None:
        await here.hand.plug(1)
        await here.hand.present(ADA)
        await here.csms.until(lambda: bool(here.csms.events))
        await here.hand.cut_network()
        await asyncio.sleep(5)
        await here.hand.present(ADA)
        await asyncio.sleep(5)
        view = bench.view()
        assert view.connection.state == "Disconnected"
        assert view.connection.next_attempt_at is not None
        assert view.connection.last_error
        ended = view.queue[-1]
        assert (ended.action, ended.event_type) == ("TransactionEvent", "Ended")
        assert [one.seq_no for one in view.queue] == list(range(view.queue[0].seq_no or 0, (ended.seq_no or 0) + 1))
        assert bench.view().queue == view.queue
        await here.hand.restore_network()
        await here.csms.until(lambda: here.csms.events[-1].event_type == "Ended")
        await asyncio.sleep(1)
        assert bench.view().queue == ()

    play(scene)


def test_without_power_only_the_machine_is_left() -> None:
    async def scene(here: Site, bench: StationBench) -> None:
        await here.hand.plug(2)
        await here.hand.cut_power()
        view = bench.view()
        assert (view.powered, view.booting, view.screens, view.queue) == (False, False, (), ())
        assert view.evses[1].connectors[0].plugged
        assert view.connection.state == "Disconnected"
        assert bench.variables() == ()
        outcome = await bench.set_variable(VariableKey(component="TxCtrlr", variable="TxStartPoint"), "EVConnected")
        assert outcome == SetOutcome(status="Rejected", reason="the station is not running")
        await here.hand.restore_power()
        await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
        await asyncio.sleep(1)
        assert bench.view().connection.boot_status == "Accepted"

    play(scene)


def test_faults_and_the_emergency_stop_show() -> None:
    async def scene(here: Site, bench: StationBench) -> None:
        await here.hand.fault(2, 1, "GroundFailure")
        await here.hand.emergency_stop(True)
        await asyncio.sleep(1)
        view = bench.view()
        assert view.emergency_stop
        assert ("GroundFailure", 2, 1) in [(one.code, one.evse_id, one.connector_id) for one in view.faults]
        assert {connector.status for evse in view.evses for connector in evse.connectors} == {"Faulted"}

    play(scene)


def test_whoever_waits_for_a_change_is_woken_once_by_it() -> None:
    async def scene(here: Site, bench: StationBench) -> None:
        await asyncio.sleep(60)
        version = bench.view().version
        waiting = asyncio.create_task(bench.wait_changed(version))
        await asyncio.sleep(1)
        assert not waiting.done()
        await here.hand.plug(1)
        assert await waiting > version
        assert await bench.wait_changed(version) == bench.view().version

    play(scene)


def test_a_local_edit_obeys_the_rules_and_survives_a_reboot() -> None:
    key = VariableKey(component="TxCtrlr", variable="EVConnectionTimeOut")

    async def scene(here: Site, bench: StationBench) -> None:
        assert await bench.set_variable(key, "77") == SetOutcome(status="Accepted")
        refused = await bench.set_variable(key, "soon")
        assert (refused.status, bool(refused.reason)) == ("Rejected", True)
        unknown = await bench.set_variable(VariableKey(component="TxCtrlr", variable="Nothing"), "1")
        assert unknown.status == "UnknownVariable"
        await here.hand.cut_power()
        await here.hand.restore_power()
        await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
        values = {view.key: view.value for view in bench.variables()}
        assert values[key] == "77"

    play(scene)


def test_variables_are_listed_with_what_an_editor_needs() -> None:
    async def scene(_: Site, bench: StationBench) -> None:
        views = {(view.key.component, view.key.variable): view for view in bench.variables()}
        points = views["TxCtrlr", "TxStartPoint"]
        assert (points.type, points.writable, points.mutability) == ("MemberList", True, "ReadWrite")
        assert points.values is not None
        assert "PowerPathClosed" in points.values
        heartbeat = views["OCPPCommCtrlr", "HeartbeatInterval"]
        assert (heartbeat.min, heartbeat.max, heartbeat.unit) == (1, 1800, "s")
        password = views["SecurityCtrlr", "BasicAuthPassword"]
        assert (password.value, password.mutability) == (None, "WriteOnly")
        assert not views["ChargingStation", "AvailabilityState"].writable

    play(scene)


def test_secrets_do_not_reach_the_trace() -> None:
    frame = json.dumps(
        [
            2,
            "1",
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": "correct-horse-battery",
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                    }
                ]
            },
        ]
    )

    async def scene(_: Site, bench: StationBench) -> None:
        bench.seen(Direction.Received, frame)
        (line,) = bench.trace()
        assert (line.direction, line.kind, line.action, line.station) == ("received", "CALL", "SetVariables", "CS-001")
        assert "correct-horse" not in line.payload
        assert bench.trace(since=1) == ()

    play(scene)


def test_a_view_can_be_taken_in_every_moment_of_a_reboot() -> None:
    async def scene(here: Site, bench: StationBench) -> None:
        seen: list[StationView] = []
        here.host.watch(lambda: seen.append(bench.view()))
        await here.hand.reboot()
        await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
        await asyncio.sleep(1)
        assert any(view.booting for view in seen)
        assert not seen[-1].booting

    play(scene)
