"""TriggerMessage and its evse: what does not matter for a message is ignored, and the message is sent (F06.FR.03)."""

import asyncio
from itertools import product

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import Site, site

Trigger = wire.MessageTriggerEnum
WITHOUT_EVSE: dict[wire.MessageTriggerEnum, type[Request[Response]]] = {
    Trigger.Heartbeat: wire.HeartbeatRequest,
    Trigger.LogStatusNotification: wire.LogStatusNotificationRequest,
    Trigger.FirmwareStatusNotification: wire.FirmwareStatusNotificationRequest,
    Trigger.SignChargingStationCertificate: wire.SignCertificateRequest,
}
EVSES = (
    None,
    wire.EVSE(id=0),
    wire.EVSE(id=1),
    wire.EVSE(id=1, connector_id=1),
    wire.EVSE(id=1, connector_id=9),
    wire.EVSE(id=9),
    wire.EVSE(id=9, connector_id=9),
    wire.EVSE(id=-1),
)


async def ask(here: Site, message: wire.MessageTriggerEnum, evse: wire.EVSE | None) -> wire.TriggerMessageResponse:
    """Trigger a message."""
    here.csms.received.clear()
    request = wire.TriggerMessageRequest(requested_message=message, evse=evse)
    response = await here.csms.call(request)
    await asyncio.sleep(2)
    return response


@pytest.mark.parametrize(("message", "evse"), list(product(WITHOUT_EVSE, EVSES)))
def test_an_evse_that_does_not_matter_is_ignored(message: wire.MessageTriggerEnum, evse: wire.EVSE | None) -> None:
    async def live() -> None:
        async with site() as here:
            here.csms.answers[wire.SignCertificateRequest] = lambda _request: wire.SignCertificateResponse(
                status=wire.GenericStatusEnum.Accepted
            )
            assert (await ask(here, message, evse)).status is wire.TriggerMessageStatusEnum.Accepted
            assert here.csms.of(WITHOUT_EVSE[message])

    run(live(), limit=3600)


@pytest.mark.parametrize("evse", EVSES)
def test_a_boot_that_was_accepted_is_rejected_for_that(evse: wire.EVSE | None) -> None:
    """F06.FR.17, and not because of an EVSE that does not exist."""

    async def live() -> None:
        async with site() as here:
            response = await ask(here, Trigger.BootNotification, evse)
            assert response.status is wire.TriggerMessageStatusEnum.Rejected
            assert response.status_info is not None
            assert "accepted already" in (response.status_info.additional_info or "")

    run(live(), limit=3600)


@pytest.mark.parametrize("evse", [wire.EVSE(id=9), wire.EVSE(id=9, connector_id=1), wire.EVSE(id=-1)])
@pytest.mark.parametrize("message", [Trigger.MeterValues, Trigger.TransactionEvent, Trigger.StatusNotification])
def test_an_evse_that_matters_and_does_not_exist_is_rejected(message: wire.MessageTriggerEnum, evse: wire.EVSE) -> None:
    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(20)
            response = await ask(here, message, evse)
            assert response.status is wire.TriggerMessageStatusEnum.Rejected
            assert response.status_info is not None
            assert response.status_info.additional_info
            assert here.csms.received == []

    run(live(), limit=3600)


@pytest.mark.parametrize("connector", [None, 1, 9])
@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (Trigger.MeterValues, wire.MeterValuesRequest),
        (Trigger.TransactionEvent, wire.TransactionEventRequest),
    ],
)
def test_a_connector_that_does_not_matter_is_ignored(
    message: wire.MessageTriggerEnum,
    kind: type[wire.MeterValuesRequest | wire.TransactionEventRequest],
    connector: int | None,
) -> None:
    """Meters and transactions belong to an EVSE."""

    async def live() -> None:
        async with site() as here:
            await here.hand.plug(1)
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(20)
            response = await ask(here, message, wire.EVSE(id=1, connector_id=connector))
            assert response.status is wire.TriggerMessageStatusEnum.Accepted
            assert len(here.csms.of(kind)) == 1

    run(live(), limit=3600)


def test_what_is_not_implemented_stays_so_whatever_the_evse() -> None:
    """F06.FR.08."""

    async def live() -> None:
        async with site(product=load("sec1000-240y")) as here:
            for message, evse in product((Trigger.SignCombinedCertificate, Trigger.SignV2GCertificate), EVSES):
                assert (await ask(here, message, evse)).status is wire.TriggerMessageStatusEnum.NotImplemented

    run(live(), limit=3600)
