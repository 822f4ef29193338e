"""StatusNotification: what was reported last is true, whatever the link does meanwhile."""

import asyncio

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.runtime.site import site


def test_a_report_that_was_lost_with_its_link_is_made_again() -> None:
    """The cable is plugged in, the link goes while the report travels: after the outage the CSMS knows of it."""

    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await asyncio.sleep(0.002)
            await here.hand.cut_network()
            await asyncio.sleep(5)
            assert here.csms.statuses[1, 1] == "Available"
            await here.hand.restore_network()
            await here.csms.until(lambda: here.csms.statuses[1, 1] == "Occupied")

    run(live(), limit=3600)


def test_after_a_short_outage_only_changes_are_reported() -> None:
    """OfflineThreshold: the outage was shorter (B04.FR.02)."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "OfflineThreshold", "600") == "Accepted"
            await here.hand.cut_network()
            await here.hand.plug(2)
            await asyncio.sleep(100)
            await here.hand.restore_network()
            await asyncio.sleep(300)
            told = here.csms.of(wire.StatusNotificationRequest)
            assert [(one.evse_id, one.connector_status.value) for one in told] == [(2, "Occupied")]

    run(live(), limit=3600)


def test_after_a_long_outage_every_connector_is_reported() -> None:
    """OfflineThreshold: the outage was longer (B04.FR.01)."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "OfflineThreshold", "60") == "Accepted"
            await here.hand.cut_network()
            await here.hand.plug(2)
            await asyncio.sleep(100)
            await here.hand.restore_network()
            await asyncio.sleep(300)
            told = here.csms.of(wire.StatusNotificationRequest)
            assert [(one.evse_id, one.connector_status.value) for one in told] == [(1, "Available"), (2, "Occupied")]

    run(live(), limit=3600)


def test_with_queue_all_messages_every_change_is_delivered_in_order() -> None:
    """Each change while offline is queued, among the events of its transaction, and nothing is reported twice."""

    async def live() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "QueueAllMessages", "true") == "Accepted"
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(1)
            await here.hand.cut_network()
            here.csms.received.clear()
            await here.hand.plug(1)
            await asyncio.sleep(20)
            await here.hand.unplug(1)
            await asyncio.sleep(100)
            await here.hand.restore_network()
            await asyncio.sleep(300)
            told = [
                request.connector_status.value
                if isinstance(request, wire.StatusNotificationRequest)
                else request.event_type.value
                for request in here.csms.received
                if isinstance(request, wire.StatusNotificationRequest | wire.TransactionEventRequest)
            ]
            assert [one for one in told if one != "Updated"] == ["Started", "Occupied", "Ended", "Available"]

    run(live(), limit=3600)


def test_a_scheduled_unavailability_is_told_once() -> None:
    """The cable goes and the EVSE turns Unavailable in one step: one change, one StatusNotification (G03.FR.05)."""

    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await here.hand.present("04A1B2C3")
            await here.csms.until(
                lambda: any(e.transaction_info.charging_state == "Charging" for e in here.csms.events)
            )
            response = await here.csms.call(
                wire.ChangeAvailabilityRequest(
                    operational_status=wire.OperationalStatusEnum.Inoperative, evse=wire.EVSE(id=1)
                )
            )
            assert response.status is wire.ChangeAvailabilityStatusEnum.Scheduled
            here.csms.received.clear()
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            reports = here.csms.of(wire.StatusNotificationRequest)
            assert [(one.evse_id, one.connector_status.value) for one in reports] == [(1, "Unavailable")]

    run(live(), limit=600)
