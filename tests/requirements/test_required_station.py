"""What a station as a whole has to do: availability over reboots, resets, reports, triggers (B, F06, G, N, P)."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.requirements.charging import CARD, change_availability, charge, ended, product
from tests.runtime.site import Site, site

SCOPES = {"station": None, "EVSE": wire.EVSE(id=1), "connector": wire.EVSE(id=1, connector_id=1)}
REBOOTS = ("power cut", "reset of the station", "reset of the EVSE")


async def _reboot(here: Site, kind: str) -> None:
    if kind == "power cut":
        await here.hand.cut_power()
        await here.hand.restore_power()
    else:
        evse_id = 1 if kind == "reset of the EVSE" else None
        await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate, evse_id=evse_id))
    await asyncio.sleep(60)


async def _status(here: Site, evse_id: int = 1) -> str:
    """Ask for the status of a connector, and return what comes."""
    here.csms.received.clear()
    trigger = wire.TriggerMessageRequest(
        requested_message=wire.MessageTriggerEnum.StatusNotification, evse=wire.EVSE(id=evse_id, connector_id=1)
    )
    assert (await here.csms.call(trigger)).status == "Accepted"
    await asyncio.sleep(1)
    return here.csms.of(wire.StatusNotificationRequest)[-1].connector_status.value


@pytest.mark.parametrize("reboot", REBOOTS)
@pytest.mark.parametrize("scope", SCOPES)
def test_unavailable_stays_so_over_a_reboot(scope: str, reboot: str) -> None:
    """B01.FR.07, B12.FR.06, G01.FR.02: what the CSMS made Inoperative is Unavailable afterwards, and can be undone."""

    async def scenario() -> None:
        async with site() as here:
            assert await change_availability(here, "Inoperative", SCOPES[scope]) == "Accepted"
            await _reboot(here, reboot)
            assert await _status(here) == "Unavailable"
            assert await _status(here, 2) == ("Unavailable" if scope == "station" else "Available")
            assert await change_availability(here, "Operative", SCOPES[scope]) == "Accepted"
            assert await _status(here) == "Available"

    run(scenario(), limit=3600)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_change_of_availability_is_told_connector_by_connector(scope: str) -> None:
    """G01.FR.07: what became Unavailable, and what became Available again."""

    async def scenario() -> None:
        async with site() as here:
            expected = [(1, 1), (2, 1)] if scope == "station" else [(1, 1)]
            for wanted, status in (("Inoperative", "Unavailable"), ("Operative", "Available")):
                here.csms.received.clear()
                await change_availability(here, wanted, SCOPES[scope])
                await asyncio.sleep(1)
                told = here.csms.of(wire.StatusNotificationRequest)
                assert sorted((it.evse_id, it.connector_id) for it in told) == expected
                assert {it.connector_status for it in told} == {status}

    run(scenario(), limit=3600)


def test_a_cable_is_told_when_it_comes_and_when_it_goes() -> None:
    """G01.FR.03: Occupied; G01.FR.04: Available."""

    async def scenario() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await asyncio.sleep(5)
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            told = here.csms.of(wire.StatusNotificationRequest)
            assert [it.connector_status for it in told] == ["Occupied", "Available"]

    run(scenario(), limit=3600)


def test_what_is_scheduled_to_become_unavailable_does_so_when_the_car_leaves() -> None:
    """G01.FR.05: Unavailable instead of Available."""

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            here.csms.received.clear()
            assert await change_availability(here, "Inoperative", wire.EVSE(id=1)) == "Scheduled"
            await here.hand.unplug(1)
            await asyncio.sleep(10)
            told = here.csms.of(wire.StatusNotificationRequest)
            assert [it.connector_status for it in told if it.evse_id == 1] == ["Unavailable"]

    run(scenario(), limit=3600)


# Reset


def test_a_reset_that_has_to_wait_is_scheduled() -> None:
    """B11.FR.07: Scheduled, and carried out when the transaction has ended."""

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            lives = here.host.runs
            response = await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.OnIdle))
            assert response.status == "Scheduled"
            await asyncio.sleep(600)
            assert here.host.runs == lives
            await here.hand.present(CARD)
            await asyncio.sleep(60)
            assert here.host.runs == lives + 1

    run(scenario(), limit=3600)


def test_an_evse_is_reset_only_where_the_station_can() -> None:
    """B11.FR.09: Rejected without C-13; the charge goes on."""

    async def scenario() -> None:
        async with site(product=product(without=["C-13"])) as here:
            await charge(here)
            for kind in wire.ResetEnum:
                response = await here.csms.call(wire.ResetRequest(type=kind, evse_id=1))
                assert response.status == "Rejected"
            await asyncio.sleep(30)
            assert "Ended" not in [event.event_type for event in here.csms.events]

    run(scenario(), limit=3600)


# Reports


async def _report(here: Site, *wanted: wire.ComponentVariable) -> list[wire.NotifyReportRequest]:
    here.csms.received.clear()
    response = await here.csms.call(wire.GetReportRequest(request_id=4711, component_variable=wanted or None))
    assert response.status == "Accepted"
    await here.csms.until(lambda: any(not part.tbc for part in here.csms.of(wire.NotifyReportRequest)))
    return here.csms.of(wire.NotifyReportRequest)


def test_a_report_comes_in_numbered_parts_of_its_request() -> None:
    """B08.FR.03, B08.FR.04: every part names the request; B08.FR.14: seqNo counts from 0."""

    async def scenario() -> None:
        async with site() as here:
            parts = await _report(here)
            assert len(parts) > 1
            assert {part.request_id for part in parts} == {4711}
            assert [part.seq_no for part in parts] == list(range(len(parts)))
            assert [part.tbc for part in parts] == [True] * (len(parts) - 1) + [False]

    run(scenario(), limit=3600)


def test_a_report_holds_what_was_asked_for_and_nothing_else() -> None:
    """B08.FR.11: by component and variable; B08.FR.24, B08.FR.25: a component by name, with or without instance."""

    async def scenario() -> None:
        async with site() as here:
            tx = wire.Component(name="TxCtrlr")
            point = wire.ComponentVariable(component=tx, variable=wire.Variable(name="TxStartPoint"))
            connectors = wire.ComponentVariable(component=wire.Component(name="Connector"))
            found = [
                (entry.component.name, entry.variable.name)
                for part in await _report(here, point, connectors)
                for entry in part.report_data or ()
            ]
            assert ("TxCtrlr", "TxStartPoint") in found
            assert {name for name, _ in found} == {"TxCtrlr", "Connector"}
            assert [variable for name, variable in found if name == "TxCtrlr"] == ["TxStartPoint"]
            places = [
                entry.component.evse
                for part in await _report(here, connectors)
                for entry in part.report_data or ()
                if entry.variable.name == "AvailabilityState"
            ]
            assert [(place.id, place.connector_id) for place in places if place is not None] == [(1, 1), (2, 1)]

    run(scenario(), limit=3600)


def test_a_long_request_is_served_rather_than_refused() -> None:
    """B06.FR.17, B08.FR.18: more bytes than BytesPerMessage may be refused; this station serves them."""

    async def scenario() -> None:
        async with site() as here:
            component = wire.Component(name="TxCtrlr")
            data = wire.GetVariableData(component=component, variable=wire.Variable(name="TxStartPoint"))
            response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,) * 100))
            assert {result.attribute_status for result in response.get_variable_result} == {"Accepted"}
            wanted = wire.ComponentVariable(component=component, variable=wire.Variable(name="TxStartPoint"))
            parts = await _report(here, *[wanted] * 100)
            assert sum(len(part.report_data or ()) for part in parts) == 1

    run(scenario(), limit=3600)


# Heartbeat, triggers, vendors


def test_heartbeats_come_in_the_interval() -> None:
    """G02.FR.02: one after each HeartbeatInterval, which is that of the boot at first (G02.FR.01)."""

    async def scenario() -> None:
        async with site() as here:
            await asyncio.sleep(3001)
            assert 9 <= len(here.csms.of(wire.HeartbeatRequest)) <= 10
            await here.set("OCPPCommCtrlr", "HeartbeatInterval", "100")
            here.csms.received.clear()
            await asyncio.sleep(1001)
            assert 9 <= len(here.csms.of(wire.HeartbeatRequest)) <= 10

    run(scenario(), limit=7200)


def _always(response: Response, _request: Request[Response]) -> Response:
    return response


def test_the_clock_follows_the_csms() -> None:
    """B01.FR.06: from BootNotification on; G02.FR.06: and with every Heartbeat."""

    async def scenario() -> None:
        async with site() as here:
            for ahead in (100, 200):
                later = here.clock.now() + timedelta(seconds=ahead)
                beat = wire.HeartbeatResponse(current_time=later)
                boot = wire.BootNotificationResponse(
                    current_time=later, interval=300, status=wire.RegistrationStatusEnum.Accepted
                )
                here.csms.answers[wire.HeartbeatRequest] = partial(_always, beat)
                here.csms.answers[wire.BootNotificationRequest] = partial(_always, boot)
                if ahead == 100:
                    await here.csms.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
                    await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
                else:
                    await here.csms.until(lambda: bool(here.csms.of(wire.HeartbeatRequest)))
                await asyncio.sleep(1)
                assert timedelta(0) <= here.clock.now() - later < timedelta(seconds=30)

    run(scenario(), limit=3600)


@pytest.mark.parametrize("evse", [None, wire.EVSE(id=1)])
def test_a_status_is_triggered_for_one_connector(evse: wire.EVSE | None) -> None:
    """F06.FR.12: without a connector Rejected."""

    async def scenario() -> None:
        async with site() as here:
            trigger = wire.TriggerMessageRequest(
                requested_message=wire.MessageTriggerEnum.StatusNotification, evse=evse
            )
            assert (await here.csms.call(trigger)).status == "Rejected"

    run(scenario(), limit=3600)


def test_there_are_at_least_two_slots_for_network_profiles() -> None:
    """B09.FR.06."""

    async def scenario() -> None:
        async with site() as here:
            profile = wire.NetworkConnectionProfile(
                ocpp_version=wire.OCPPVersionEnum.OCPP20,
                ocpp_transport=wire.OCPPTransportEnum.JSON,
                ocpp_csms_url="wss://other.example/ocpp",
                message_timeout=30,
                security_profile=2,
                ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
            )
            request = wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=profile)
            assert (await here.csms.call(request)).status == "Accepted"

    run(scenario(), limit=3600)


def test_a_critical_security_event_is_told_also_after_an_outage() -> None:
    """A04.FR.01: told; A04.FR.02: queued while there is no connection, over a power cut too."""

    async def scenario() -> None:
        async with site() as here:
            await here.hand.cut_network()
            await asyncio.sleep(5)
            await here.hand.cut_power()
            await here.hand.restore_power()
            await asyncio.sleep(5)
            await here.hand.restore_network()
            await here.csms.until(lambda: bool(here.csms.of(wire.SecurityEventNotificationRequest)))
            assert "StartupOfTheDevice" in {it.type for it in here.csms.of(wire.SecurityEventNotificationRequest)}

    run(scenario(), limit=3600)


def test_a_station_that_always_says_something_still_asks_for_the_time_once_a_day() -> None:
    """G02.FR.07: at least one Heartbeat in 24 hours."""

    async def scenario() -> None:
        async with site() as here:
            await here.set("OCPPCommCtrlr", "HeartbeatInterval", "1800")
            await here.set("SampledDataCtrlr", "TxUpdatedInterval", "900")
            await charge(here)
            here.csms.received.clear()
            await asyncio.sleep(2 * 86_400)
            assert len(here.csms.of(wire.HeartbeatRequest)) >= 1

    run(scenario(), limit=3 * 86_400)


def test_a_triggered_message_says_how_things_are_now() -> None:
    """F06.FR.09: the present status, whatever was told before."""

    async def scenario() -> None:
        async with site() as here:
            assert await _status(here) == "Available"
            await here.hand.plug(1)
            assert await _status(here) == "Occupied"
            await here.hand.fault(1, 1, "GroundFailure")
            assert await _status(here) == "Faulted"

    run(scenario(), limit=3600)


def test_nobodys_vendor_is_unknown_whatever_the_message_id() -> None:
    """P01.FR.05, P02.FR.06: UnknownVendorId."""

    async def scenario() -> None:
        async with site() as here:
            for message_id in (None, "x"):
                request = wire.DataTransferRequest(vendor_id="com.example", message_id=message_id)
                assert (await here.csms.call(request)).status == "UnknownVendorId"

    run(scenario(), limit=3600)


def test_a_day_at_the_station_needs_no_vendor_message() -> None:
    """P01.FR.01, P02.FR.02: DataTransfer is for what OCPP has no message for, and the station has no such thing."""

    async def scenario() -> None:
        async with site() as here:
            await charge(here)
            await here.hand.fault(1, 1, "GroundFailure")
            await asyncio.sleep(600)
            await here.hand.clear(1, 1)
            await here.hand.unplug(1)
            await asyncio.sleep(86_400)
            assert ended(here)
            assert here.csms.of(wire.DataTransferRequest) == []

    run(scenario(), limit=2 * 86_400)


def test_logs_go_at_least_over_http() -> None:
    """N01.FR.14: the transport that every CSMS is most likely to have."""

    async def scenario() -> None:
        async with site() as here:
            component, variable = wire.Component(name="OCPPCommCtrlr"), wire.Variable(name="FileTransferProtocols")
            data = wire.GetVariableData(component=component, variable=variable)
            response = await here.csms.call(wire.GetVariablesRequest(get_variable_data=(data,)))
            listed = (response.get_variable_result[0].attribute_value or "").split(",")
            assert {"HTTP", "HTTPS"} & set(listed)

    run(scenario(), limit=3600)


def test_customer_information_that_cannot_be_given_is_rejected() -> None:
    """N09.FR.03: neither to be told nor to be forgotten is nothing to do; nor is a customer whom nobody names."""

    async def scenario() -> None:
        async with site() as here:
            token = wire.IdToken(id_token=CARD, type=wire.IdTokenEnum.ISO14443)
            for report, clear, named in ((False, False, token), (True, False, None)):
                request = wire.CustomerInformationRequest(request_id=1, report=report, clear=clear, id_token=named)
                assert (await here.csms.call(request)).status in ("Rejected", "Invalid")

    run(scenario(), limit=3600)
