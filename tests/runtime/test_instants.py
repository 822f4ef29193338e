"""Instants that cannot be now, or never come: whatever the CSMS says, the station keeps its clock and its duties."""

import asyncio
import logging
from datetime import datetime, timedelta

import msgspec
import pytest

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.model.firmware import FirmwareJob
from ohmstead.ports.store import Put
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from ohmstead.wire.rows import to_row
from tests.blocks import test_l_firmware as firmware
from tests.blocks import test_n_logs as logs
from tests.runtime.site import START, Site, site

EXTREMES = [
    "0001-01-01T00:00:00+01:00",
    "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2024-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
]
TOO_LATE = EXTREMES[-3:]
"""They never come."""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def kept(here: Site) -> bool:
    """Say whether the station's clock is where nobody has touched it."""
    return timedelta() <= here.clock.now() - START < timedelta(hours=3)


async def charges(here: Site) -> None:
    """A card and a cable, and energy flows."""
    here.csms.received.clear()
    await here.hand.present("04A1B2C3")
    await here.csms.until(lambda: bool(here.csms.of(wire.AuthorizeRequest)), 60)
    await asyncio.sleep(1)
    await here.hand.plug(1)
    await here.csms.until(lambda: any(e.transaction_info.charging_state == "Charging" for e in here.csms.events), 60)


@pytest.mark.parametrize("text", EXTREMES)
def test_a_boot_is_accepted_and_its_interval_counts_whatever_time_it_tells(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with site() as here:
            here.csms.answers[wire.BootNotificationRequest] = lambda _: wire.BootNotificationResponse(
                current_time=moment(text), interval=77, status=wire.RegistrationStatusEnum.Accepted
            )
            await here.hand.reboot()
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
            await asyncio.sleep(30)
            assert kept(here)
            await charges(here)
            await here.csms.until(lambda: bool(here.csms.of(wire.HeartbeatRequest)), 80)

    run(main())
    assert "cannot be now" in caplog.text
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("text", EXTREMES)
def test_a_heartbeat_may_tell_any_time(text: str) -> None:
    async def main() -> None:
        async with site() as here:
            here.csms.answers[wire.HeartbeatRequest] = lambda _: wire.HeartbeatResponse(current_time=moment(text))
            await here.csms.until(lambda: len(here.csms.of(wire.HeartbeatRequest)) >= 3, 2000)
            assert kept(here)
            await charges(here)

    run(main())


@pytest.mark.parametrize("text", ["2037-01-19T03:14:08Z", "2025-12-31T23:00:00Z"])
def test_what_can_be_now_is_taken(text: str) -> None:
    async def main() -> None:
        async with site() as here:
            here.csms.answers[wire.HeartbeatRequest] = lambda _: wire.HeartbeatResponse(current_time=moment(text))
            await here.csms.until(lambda: bool(here.csms.of(wire.HeartbeatRequest)))
            await asyncio.sleep(1)
            assert abs(here.clock.now() - moment(text)) < timedelta(seconds=2)

    run(main())


@pytest.mark.parametrize("field", ["retrieve", "install"])
@pytest.mark.parametrize("text", EXTREMES)
def test_an_update_that_can_never_be_carried_out_is_rejected_and_blocks_none(text: str, field: str) -> None:
    """L01.FR.13, L01.FR.16: a time in the past is over, one that never comes is refused with a reason."""

    async def scene(here: Site) -> None:
        others = {"retrieve": START, "install": None} | {field: moment(text)}
        answer = await firmware.update(here, 1, retrieve=others["retrieve"] or START, install=others["install"])
        if text in TOO_LATE:
            assert answer.status is wire.UpdateFirmwareStatusEnum.Rejected
            assert answer.status_info is not None
            assert "ahead" in (answer.status_info.additional_info or "")
            assert (await firmware.update(here, 2)).status is wire.UpdateFirmwareStatusEnum.Accepted
        else:
            assert answer.status is wire.UpdateFirmwareStatusEnum.Accepted
        await firmware.ends(here, "Installed")

    firmware.play(scene)


@pytest.mark.parametrize("status", ["Idle", "DownloadScheduled", "SignatureVerified", "InstallScheduled"])
@pytest.mark.parametrize("text", TOO_LATE)
def test_an_update_that_an_earlier_version_accepted_for_never_ends_and_is_told(text: str, status: str) -> None:
    """Also on a product without C-60, which takes no other update meanwhile, and after any crash."""
    job = FirmwareJob(
        request_id=5,
        location=firmware.PLACE,
        retrieve_at=moment(text),
        install_at=moment(text),
        certificate="",
        signature="",
        retries=None,
        interval=10,
        status=wire.FirmwareStatusEnum(status),
    )

    async def main() -> None:
        store = MemoryStore()
        store.commit([Put("firmware_job", "", to_row(job))])
        async with site(store=store) as here:
            await asyncio.sleep(5)
            response = await here.csms.call(
                wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.FirmwareStatusNotification)
            )
            assert response.status is wire.TriggerMessageStatusEnum.Accepted
            await here.csms.until(lambda: bool(firmware.told(here)))
            download = status in ("Idle", "DownloadScheduled")
            assert firmware.told(here)[-1] == ("DownloadFailed" if download else "InstallationFailed")

    run(main())


@pytest.mark.parametrize("text", EXTREMES)
def test_a_log_of_any_time_is_uploaded_or_rejected(text: str) -> None:
    async def scene(here: Site) -> None:
        for which in ("oldest_timestamp", "latest_timestamp"):
            log = msgspec.structs.replace(wire.LogParameters(remote_location=logs.PLACE), **{which: moment(text)})
            answer = await logs.ask(here, 1, log=log)
            future = moment(text) > START
            assert answer.status is (
                wire.LogStatusEnum.Accepted if future is (which == "latest_timestamp") else wire.LogStatusEnum.Rejected
            )
            await asyncio.sleep(60)

    logs.play(scene)


@pytest.mark.parametrize("text", EXTREMES)
def test_a_token_may_expire_at_any_time(text: str) -> None:
    """C10.FR.08: in the past it counts no more, in the future it does; it can be told of and goes through a reboot."""

    async def main() -> None:
        async with site(product=load("flagship")) as here:
            info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, cache_expiry_date_time=moment(text))
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            here.csms.answers[wire.TransactionEventRequest] = lambda _: wire.TransactionEventResponse()
            here.csms.answers[wire.NotifyCustomerInformationRequest] = lambda _: (
                wire.NotifyCustomerInformationResponse()
            )
            await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(200)
            await here.hand.reboot()
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
            await asyncio.sleep(20)
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(5)
            asked = len(here.csms.of(wire.AuthorizeRequest))
            assert asked == (1 if moment(text) > START else 2)
            answer = await here.csms.call(
                wire.CustomerInformationRequest(
                    request_id=1,
                    report=True,
                    clear=False,
                    id_token=wire.IdToken(id_token="04A1B2C3", type=wire.IdTokenEnum.ISO14443),
                )
            )
            assert answer.status is wire.CustomerInformationStatusEnum.Accepted
            await here.csms.until(lambda: bool(here.csms.of(wire.NotifyCustomerInformationRequest)))

    run(main())


def test_customer_information_prints_a_validity_in_utc() -> None:
    async def main() -> None:
        async with site(product=load("flagship")) as here:
            info = wire.IdTokenInfo(
                status=wire.AuthorizationStatusEnum.Accepted, cache_expiry_date_time=moment("2027-06-01T01:30:00+05:45")
            )
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            here.csms.answers[wire.NotifyCustomerInformationRequest] = lambda _: (
                wire.NotifyCustomerInformationResponse()
            )
            await here.hand.present("04A1B2C3")
            await asyncio.sleep(200)
            await here.csms.call(
                wire.CustomerInformationRequest(
                    request_id=1,
                    report=True,
                    clear=False,
                    id_token=wire.IdToken(id_token="04A1B2C3", type=wire.IdTokenEnum.ISO14443),
                )
            )
            await here.csms.until(lambda: bool(here.csms.of(wire.NotifyCustomerInformationRequest)))
            said = "".join(n.data for n in here.csms.of(wire.NotifyCustomerInformationRequest))
            assert "until 2027-05-31T19:45:00Z" in said

    run(main())


@pytest.mark.parametrize(("text", "status"), [*((text, "Rejected") for text in TOO_LATE), (EXTREMES[2], "Accepted")])
def test_a_transition_that_never_comes_is_rejected(text: str, status: str) -> None:
    async def main() -> None:
        async with site() as here:
            answer = await here.set("ClockCtrlr", "NextTimeOffsetTransitionDateTime", text)
            assert answer is wire.SetVariableStatusEnum(status)

    run(main())


@pytest.fixture(autouse=True)
def nothing_fails_inside(caplog: pytest.LogCaptureFixture) -> object:
    """No traceback is logged, whatever is told."""
    caplog.set_level(logging.INFO)
    yield
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
