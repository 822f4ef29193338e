"""Block N, GetLog: over the wire of a whole site, in virtual time, with file servers in memory (N01, A04)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest

from ohmstead.edge.files_memory import Behavior
from ohmstead.edge.virtual_time import run
from ohmstead.model.security_log import SecurityLogEntry, broken
from ohmstead.ports.files import Reason
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.runtime.site import START, Site, site

PLACE = "https://files.example/logs/"


def play(scene: Callable[[Site], Awaitable[None]], product: str = "sec1000-240y") -> None:
    """Run a scene at a site whose file server takes uploads."""

    async def life() -> None:
        async with site(product=load(product)) as here:
            here.servers.places.add(PLACE)
            await scene(here)

    run(life(), limit=36_000)


async def ask(
    here: Site,
    request_id: int = 1,
    *,
    kind: wire.LogEnum = wire.LogEnum.DiagnosticsLog,
    log: wire.LogParameters | None = None,
    retries: int | None = None,
    interval: int | None = None,
) -> wire.GetLogResponse:
    """Send GetLog."""
    return await here.csms.call(
        wire.GetLogRequest(
            log=log or wire.LogParameters(remote_location=PLACE),
            log_type=kind,
            request_id=request_id,
            retries=retries,
            retry_interval=interval,
        )
    )


def told(here: Site) -> list[tuple[str, int | None]]:
    """Return the LogStatusNotifications received."""
    return [(n.status.value, n.request_id) for n in here.csms.of(wire.LogStatusNotificationRequest)]


@pytest.mark.parametrize("kind", list(wire.LogEnum))
def test_a_log_is_uploaded_and_every_status_carries_the_request_id(kind: wire.LogEnum) -> None:
    """N01.FR.01, N01.FR.07 to N01.FR.09, TC_N_25, TC_N_35."""

    async def scene(here: Site) -> None:
        response = await ask(here, 7, kind=kind)
        assert response.status is wire.LogStatusEnum.Accepted
        await here.csms.until(lambda: len(told(here)) == 2)
        assert told(here) == [("Uploading", 7), ("Uploaded", 7)]
        [(url, content)] = here.servers.uploads
        assert url == PLACE + (response.filename or "")
        assert content

    play(scene)


def test_diagnostics_say_how_the_station_stands_and_what_happened_but_no_token() -> None:
    """N01.FR.04: connectors, variables, and the journal of a charge."""

    async def scene(here: Site) -> None:
        await here.hand.plug(1)
        await here.hand.present("04A1B2C3D4")
        await here.csms.until(lambda: len(here.csms.events) >= 2)
        await ask(here)
        await here.csms.until(lambda: len(told(here)) == 2)
        text = here.servers.uploads[0][1].decode()
        assert "connector 1.1: Occupied" in text
        assert "HeartbeatInterval" in text
        assert "Started" in text
        assert "04A1B2C3D4" not in text
        assert "correct-horse" not in text

    play(scene)


def test_the_security_log_is_an_unbroken_chain_over_reboots() -> None:
    """A04.FR.04, N01.FR.03."""

    async def scene(here: Site) -> None:
        await here.hand.reboot()
        await here.csms.until(lambda: len(here.csms.of(wire.StatusNotificationRequest)) >= 2)
        await ask(here, kind=wire.LogEnum.SecurityLog)
        await here.csms.until(lambda: len(told(here)) == 2)
        log = [msgspec.json.decode(line, type=SecurityLogEntry) for line in here.servers.uploads[0][1].splitlines()]
        assert [entry.type for entry in log] == ["StartupOfTheDevice", "ResetOrReboot"]
        assert broken(log) is None
        assert broken([log[0], msgspec.structs.replace(log[1], type="StartupOfTheDevice")]) == 2

    play(scene)


def test_only_what_happened_in_the_asked_time_is_uploaded() -> None:
    """oldestTimestamp and latestTimestamp; nothing of that time: Rejected (N01.FR.05)."""

    async def scene(here: Site) -> None:
        await asyncio.sleep(100)
        await here.hand.reboot()
        await here.csms.until(lambda: len(here.csms.of(wire.StatusNotificationRequest)) >= 2)
        later = wire.LogParameters(remote_location=PLACE, oldest_timestamp=START + timedelta(seconds=50))
        await ask(here, kind=wire.LogEnum.SecurityLog, log=later)
        await here.csms.until(lambda: len(told(here)) == 2)
        assert b"StartupOfTheDevice" not in here.servers.uploads[0][1]
        assert b"ResetOrReboot" in here.servers.uploads[0][1]
        before = wire.LogParameters(remote_location=PLACE, latest_timestamp=START - timedelta(days=1))
        for kind in wire.LogEnum:
            assert (await ask(here, 2, kind=kind, log=before)).status is wire.LogStatusEnum.Rejected

    play(scene)


def test_many_attempts_at_once_neither_spin_nor_fill_the_store() -> None:
    """Without an interval and without a network: an attempt a second, and one Uploading that waits for the link."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(latency=1.0))
        assert (await ask(here, retries=1_000_000, interval=0)).status is wire.LogStatusEnum.Accepted
        here.network.cut()
        await asyncio.sleep(60)
        here.network.restore()
        await here.csms.until(lambda: ("Uploaded", 1) in told(here))
        assert told(here) in ([("Uploading", 1), ("Uploaded", 1)], [("Uploading", 1)] * 2 + [("Uploaded", 1)])

    play(scene)


def test_four_attempts_lie_an_interval_apart_and_the_failure_is_told_once() -> None:
    """TC_N_26: retries=3 makes four attempts."""

    async def scene(here: Site) -> None:
        times: list[float] = []
        here.csms.answers[wire.LogStatusNotificationRequest] = lambda _: times.append(asyncio.get_running_loop().time())
        gone = wire.LogParameters(remote_location="https://files.example/no/such/place/")
        await ask(here, log=gone, retries=3, interval=20)
        await here.csms.until(lambda: len(told(here)) == 5)
        assert [status for status, _ in told(here)] == ["Uploading"] * 4 + ["UploadFailure"]
        assert times[-1] - times[0] == pytest.approx(60, abs=0.2)

    play(scene)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Reason.Denied, "PermissionDenied"),
        (Reason.BadMessage, "BadMessage"),
        (Reason.Unsupported, "NotSupportedOperation"),
        (Reason.Untrusted, "UploadFailure"),
    ],
)
def test_a_failure_is_called_by_its_name(reason: Reason, status: str) -> None:
    """N01.FR.10."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(refuse=reason))
        await ask(here)
        await here.csms.until(lambda: len(told(here)) == 2)
        assert told(here)[-1] == (status, 1)

    play(scene)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "sftp://files.example/logs/", "https:///logs/", "not a url", "http://[::1/x"]
)
def test_a_url_that_is_none_is_rejected(url: str) -> None:
    """ORS-24: only the product's protocols, only hosts."""

    async def scene(here: Site) -> None:
        response = await ask(here, log=wire.LogParameters(remote_location=url))
        assert response.status is wire.LogStatusEnum.Rejected
        assert here.servers.transfers == []

    play(scene)


def test_a_second_request_is_rejected_where_an_upload_cannot_be_cancelled() -> None:
    """C-57 = No."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(hold=True))
        await ask(here, 1)
        assert (await ask(here, 2)).status is wire.LogStatusEnum.Rejected
        here.servers.behave(Behavior())
        await here.csms.until(lambda: len(told(here)) == 2)
        assert told(here) == [("Uploading", 1), ("Uploaded", 1)]

    play(scene)


def test_a_second_request_cancels_the_first_where_that_is_supported() -> None:
    """C-57 = Yes: N01.FR.12, N01.FR.20, TC_N_36."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(hold=True))
        await ask(here, 1)
        await asyncio.sleep(1)
        assert (await ask(here, 2)).status is wire.LogStatusEnum.AcceptedCanceled
        here.servers.behave(Behavior())
        await here.csms.until(lambda: len(told(here)) == 4)
        assert told(here) == [("Uploading", 1), ("AcceptedCanceled", 1), ("Uploading", 2), ("Uploaded", 2)]
        assert len(here.servers.uploads) == 1

    play(scene, "flagship")


def test_a_trigger_says_uploading_or_idle() -> None:
    """F06.FR.14, F06.FR.15, TC_F_15, TC_F_16."""

    async def scene(here: Site) -> None:
        trigger = wire.TriggerMessageRequest(requested_message=wire.MessageTriggerEnum.LogStatusNotification)
        here.servers.behave(Behavior(hold=True))
        assert (await here.csms.call(trigger)).status is wire.TriggerMessageStatusEnum.Accepted
        await here.csms.until(lambda: len(told(here)) == 1)
        await ask(here, 5)
        await here.csms.until(lambda: len(told(here)) == 2)
        await here.csms.call(trigger)
        await here.csms.until(lambda: len(told(here)) == 3)
        assert told(here) == [("Idle", None), ("Uploading", 5), ("Uploading", 5)]

    play(scene)


def test_an_accepted_upload_survives_a_power_cut() -> None:
    """Decided case 13: the job row commits before the response."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(hold=True))
        await ask(here, 9)
        await here.hand.cut_power()
        here.servers.behave(Behavior())
        await here.hand.restore_power()
        await here.csms.until(lambda: ("Uploaded", 9) in told(here))
        assert len(here.servers.uploads) == 1

    play(scene)


def test_a_status_that_found_no_link_is_told_once_it_is_back() -> None:
    """N01.FR.09, with the link lost while the file travels."""

    async def scene(here: Site) -> None:
        here.servers.behave(Behavior(rate=1000.0))
        await ask(here, 4)
        await here.csms.until(lambda: len(told(here)) == 1)
        assert here.csms.rpc is not None
        here.listener.links[0].drop()
        await here.csms.until(lambda: len(told(here)) == 2)
        assert told(here) == [("Uploading", 4), ("Uploaded", 4)]

    play(scene)
