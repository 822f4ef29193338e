"""Signed numbers of the wire that become durations and counts: below zero, and beyond any life (B02, L01, N01)."""

import asyncio
import itertools

import pytest

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.edge.virtual_time import run
from ohmstead.model.firmware import FirmwareJob
from ohmstead.ports.store import Put
from ohmstead.wire import messages as wire
from ohmstead.wire.rows import to_row
from tests.blocks import test_l_firmware as firmware
from tests.blocks import test_n_logs as logs
from tests.runtime.site import START, Site, site

MOST = 2**31 - 1


@pytest.mark.parametrize(("interval", "seconds"), [(-5, 30), (-(2**31), 30), (0, 30), (45, 45), (MOST, 86_400)])
@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_the_next_boot_comes_after_the_interval_neither_at_once_nor_never(
    status: str, interval: int, seconds: float
) -> None:
    """B02.FR.04, B02.FR.07, B03.FR.05: a negative interval counts as 0, which leaves the choice to the station."""

    async def main() -> None:
        async with site() as here:
            answers = iter([status, status])
            times: list[float] = []

            def answer(_request: object) -> wire.BootNotificationResponse:
                times.append(asyncio.get_running_loop().time())
                return wire.BootNotificationResponse(
                    current_time=here.clock.now(),
                    interval=interval,
                    status=wire.RegistrationStatusEnum(next(answers, "Accepted")),
                )

            here.csms.answers[wire.BootNotificationRequest] = answer
            await here.hand.reboot()
            await here.csms.until(lambda: len(times) == 3, 1_000_000)
            assert [after - before for before, after in itertools.pairwise(times)] == pytest.approx(
                [seconds, seconds], abs=1
            )

    run(main(), limit=2_000_000)


@pytest.mark.parametrize(
    ("retries", "interval", "accepted"),
    [(-1, 10, False), (3, -1, False), (MOST, MOST, False), (MOST, 1, False), (None, MOST, False), (0, 0, True)],
)
def test_retries_that_cannot_be_meant_are_rejected_with_a_reason(
    retries: int | None, interval: int, accepted: bool
) -> None:
    async def update(here: Site) -> None:
        firmware_answer = await firmware.update(here, 1, retries=retries, interval=interval)
        log_answer = await logs.ask(here, 1, retries=retries, interval=interval)
        for answer in (firmware_answer, log_answer):
            assert (answer.status == "Accepted") is accepted
            if not accepted:
                assert answer.status_info is not None
                assert "retr" in (answer.status_info.additional_info or "")
        assert (await firmware.update(here, 2)).status == ("Rejected" if accepted else "Accepted")

    firmware.play(update)


def test_jobs_that_an_earlier_version_accepted_for_ever_end() -> None:
    """Neither GetLog nor UpdateFirmware is blocked for 68 years on a product without C-57 and C-60."""
    log = {
        "request_id": 1,
        "log_type": "DiagnosticsLog",
        "location": logs.PLACE,
        "filename": "a.log",
        "oldest": None,
        "latest": None,
        "retries": MOST,
        "interval": MOST,
        "attempts": 98,
    }
    update = FirmwareJob(
        request_id=5,
        location=firmware.PLACE,
        retrieve_at=START,
        install_at=None,
        certificate="",
        signature="",
        retries=MOST,
        interval=MOST,
        failed=98,
    )

    async def main() -> None:
        store = MemoryStore()
        store.commit([Put("firmware_job", "", to_row(update)), Put("log_job", "", to_row(log))])
        async with site(store=store) as here:
            await here.csms.until(
                lambda: (
                    "UploadFailure" in [status for status, _ in logs.told(here)]
                    and "DownloadFailed" in firmware.told(here)
                ),
                2 * 86_400,
            )

    run(main(), limit=2_000_000)


@pytest.mark.parametrize("value", [-(2**31), -1, 0, MOST])
def test_a_message_timeout_that_cannot_be_meant_is_rejected(value: int) -> None:
    async def main() -> None:
        async with site() as here:
            data = wire.NetworkConnectionProfile(
                ocpp_version=wire.OCPPVersionEnum.OCPP20,
                ocpp_transport=wire.OCPPTransportEnum.JSON,
                ocpp_csms_url="wss://other.example/ocpp",
                message_timeout=value,
                security_profile=2,
                ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
            )
            answer = await here.csms.call(wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=data))
            assert answer.status is wire.SetNetworkProfileStatusEnum.Rejected
            assert answer.status_info is not None
            assert "messageTimeout" in (answer.status_info.additional_info or "")

    run(main())


WAITS = [
    ("OCPPCommCtrlr", "RetryBackOffWaitMinimum"),
    ("OCPPCommCtrlr", "RetryBackOffRandomRange"),
    ("OCPPCommCtrlr", "RetryBackOffRepeatTimes"),
    ("OCPPCommCtrlr", "NetworkProfileConnectionAttempts"),
    ("OCPPCommCtrlr", "ResetRetries"),
]


@pytest.mark.parametrize(("component", "variable"), WAITS)
@pytest.mark.parametrize("value", [str(MOST), "-1"])
def test_settings_that_would_keep_a_station_away_for_years_are_rejected(
    component: str, variable: str, value: str
) -> None:
    async def main() -> None:
        async with site() as here:
            assert await here.set(component, variable, value) is wire.SetVariableStatusEnum.Rejected

    run(main())


def test_however_often_it_is_doubled_no_wait_grows_beyond_a_day() -> None:
    """Beside its random part."""

    async def main() -> None:
        async with site() as here:
            for variable, value in (("RetryBackOffWaitMinimum", "86400"), ("RetryBackOffRepeatTimes", "100")):
                assert await here.set("OCPPCommCtrlr", variable, value) is wire.SetVariableStatusEnum.Accepted
            await here.hand.cut_network()
            await asyncio.sleep(90_000)
            await here.hand.restore_network()
            await here.csms.until(lambda: here.csms.rpc is not None, 90_000)

    run(main(), limit=4_000_000)
