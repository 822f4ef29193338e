"""Block L: secure firmware updates that succeed, at once, later, or while a transaction runs."""

from datetime import datetime, timedelta

from ohmstead.lab.cases import states, states_firmware, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.config import LabToken
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.l_firmware import (
    INSTALLED_FIRST,
    PLACE_LEFT_BEFORE_INSTALLING,
    REBOOT_AHEAD,
    SCHEDULE_UNTOLD,
)
from ohmstead.wire import messages as wire

ALLOW = "ChargingStation.AllowNewSessionsPendingFirmwareUpdate"
SIGNED = (
    "L01.FR.01",
    "L01.FR.04",
    "L01.FR.05",
    "L01.FR.09",
    "L01.FR.10",
    "L01.FR.12",
    "L01.FR.20",
    "L01.FR.21",
    "L01.FR.23",
)
ACTIVATED = ("L01.FR.15", "L01.FR.28", "L01.FR.31", "L01.FR.32")


def _later(t: Tester) -> datetime:
    """A moment to wait for, far beyond every tolerance."""
    offset = max(10.0, 4 * t.rig.tolerance) + 4 * t.delay
    return t.clock.now().replace(microsecond=0) + timedelta(seconds=offset)


@case(
    "TC_L_01_CS",
    "Firmware is installed at once",
    requirements=(*SIGNED, *ACTIVATED),
    readings=(INSTALLED_FIRST,),
    last=True,
)
async def installed(t: Tester) -> None:
    """Downloaded, verified, installed, and the new version is the one that runs."""
    image = await states_firmware.offered(t)
    await states_firmware.verified(t, states_firmware.update(t, image), steps=(2, 3, 5, 7))
    await states_firmware.installed(t, image, steps=states_firmware.InstallSteps(12, 14, 15, 16, 20))


@case(
    "TC_L_02_CS",
    "Firmware is installed at the moment that was asked for",
    requirements=(*SIGNED, "L01.FR.16", *ACTIVATED),
    readings=(INSTALLED_FIRST,),
    last=True,
)
async def install_scheduled(t: Tester) -> None:
    """Downloaded and verified at once; then InstallScheduled, and nothing before installDateTime."""
    image = await states_firmware.offered(t)
    moment = _later(t)
    await states_firmware.verified(t, states_firmware.update(t, image, install=moment), steps=(2, 3, 5, 7))
    await states_firmware.told(t, 9, "InstallScheduled")
    await states_firmware.installed(t, image, steps=states_firmware.InstallSteps(14, 16, 17, 18, 22), not_before=moment)


@case(
    "TC_L_03_CS",
    "Firmware is downloaded at the moment that was asked for",
    requirements=(*SIGNED, "L01.FR.13", *ACTIVATED),
    readings=(INSTALLED_FIRST,),
    last=True,
)
async def download_scheduled(t: Tester) -> None:
    """DownloadScheduled, and nobody asks the file server before retrieveDateTime."""
    image = await states_firmware.offered(t)
    moment = _later(t)
    await t.call(states_firmware.update(t, image, retrieve=moment), step=2, status="Accepted")
    await states_firmware.told(t, 3, "DownloadScheduled")
    await t.elapse(t.settle)
    t.require(3, not t.files.attempts, "file server: downloads", "none before retrieveDateTime", "one")
    downloading = await states_firmware.told(t, 5, "Downloading")
    states_firmware.check_moment(t, 5, downloading, moment)
    await states_firmware.told(t, 7, "Downloaded")
    await states_firmware.told(t, 9, "SignatureVerified")
    await states_firmware.installed(t, image, steps=states_firmware.InstallSteps(14, 16, 17, 18, 22))


@case(
    "TC_L_11_CS",
    "Another update while one is being downloaded that cannot be cancelled",
    requirements=(*SIGNED, "L01.FR.27", *ACTIVATED),
    readings=(INSTALLED_FIRST,),
    last=True,
)
async def not_cancelled(t: Tester) -> None:
    """The second request is Rejected, and the first update goes on under its own requestId."""
    image = await states_firmware.offered(t)
    t.files.hold(True)
    await t.call(states_firmware.update(t, image), step=2, status="Accepted")
    await states_firmware.told(t, 3, "Downloading")
    await t.call(states_firmware.update(t, image), step=6, status="Rejected")
    t.files.hold(False)
    await states_firmware.told(t, 7, "Downloaded")
    await states_firmware.told(t, 9, "SignatureVerified")
    await states_firmware.installed(t, image, steps=states_firmware.InstallSteps(14, 16, 17, 18, 22))


@case(
    "TC_L_10_CS",
    "Another update cancels the one that is being downloaded",
    requirements=(*SIGNED, "L01.FR.24", *ACTIVATED),
    readings=(INSTALLED_FIRST,),
    last=True,
)
async def cancelled(t: Tester) -> None:
    """The second update runs to its end; the first may be told to have failed (errata 6.2.82)."""
    image = await states_firmware.offered(t)
    t.files.hold(True)
    first = states_firmware.update(t, image)
    await t.call(first, step=2, status="Accepted")
    await states_firmware.told(t, 3, "Downloading")
    await t.call(states_firmware.update(t, image), step=6, status="AcceptedCanceled")
    over = one_of("DownloadFailed", "InstallationFailed")
    t.allow(wire.FirmwareStatusNotificationRequest, request_id=first.request_id, status=over)
    t.files.hold(False)
    await states_firmware.told(t, 7, "Downloading")
    await states_firmware.told(t, 9, "Downloaded")
    await states_firmware.told(t, 11, "SignatureVerified")
    await states_firmware.installed(t, image, steps=states_firmware.InstallSteps(16, 18, 19, 20, 24))


# While a transaction runs


async def _ready(t: Tester) -> bool:
    """Wait for InstallScheduled or Installing, and say whether it was the latter.

    A station that installs beside a transaction may not activate before it has ended, so it gets time to try.
    """
    told = one_of("InstallScheduled", "Installing")
    kind = wire.FirmwareStatusNotificationRequest
    message = await t.maybe(kind, within=t.patience, status=told)
    got = None if message is None else message.status
    silent = differs(SCHEDULE_UNTOLD, specification=one_of("InstallScheduled", "Installing", None), tool=told)
    t.compare(9, "FirmwareStatusNotificationRequest.status", got, silent)
    return got == "Installing"


async def _seen(t: Tester, installing: bool) -> tuple[str, ...]:
    """What is told while transactions still run, from Installing on; the reboot has to wait for their end."""
    if not installing:
        return ()
    await t.elapse(30)
    ahead = await t.maybe(wire.FirmwareStatusNotificationRequest, within=0, status="InstallRebooting")
    none = differs(REBOOT_AHEAD, specification=one_of("InstallRebooting", None), tool=None)
    t.compare(
        12,
        "FirmwareStatusNotificationRequest.status: while a transaction runs",
        None if ahead is None else ahead.status,
        none,
    )
    return ("Installing",) if ahead is None else ("Installing", "InstallRebooting")


EITHER = one_of("Available", "Unavailable")
"""Of a place that is left: the station may close it at once, for the update begins."""


async def leave(t: Tester, evse_id: int, token: LabToken, status: object = EITHER) -> None:
    """The session ends and the place is left."""
    await states_stopping.stop_authorized(t, evse_id, token=token)
    await states_stopping.unplug(t, evse_id, status=status)
    await t.hand.leave(evse_id)
    await states_stopping.check_left(t, evse_id)


@case(
    "TC_L_14_CS",
    "New sessions are allowed while firmware waits for transactions to end",
    requirements=("L01.FR.01", "L01.FR.06", "L01.FR.07", "L01.FR.10", "L01.FR.20", "L01.FR.33", "L01.FR.34"),
    readings=(INSTALLED_FIRST, SCHEDULE_UNTOLD, REBOOT_AHEAD),
    settings={ALLOW: "true"},
    begin=states.energy_transfer_started,
    last=True,
)
async def sessions_allowed(t: Tester) -> None:
    """A second transaction starts at the other EVSE; the new firmware is active only when both have ended."""
    image = await states_firmware.offered(t)
    await states_firmware.verified(t, states_firmware.update(t, image), steps=(2, 3, 5, 7))
    links, installing = len(t.endpoint().handshakes), await _ready(t)
    await states.energy_transfer_started(t, t.config.evse_id2, token=t.config.valid2)
    seen = await _seen(t, installing)
    await states_stopping.parking_bay_unoccupied(t)
    await t.expect_none(12, wire.FirmwareStatusNotificationRequest, 3 * t.settle)
    await leave(t, t.config.evse_id2, t.config.valid2)
    await states_firmware.installed(
        t, image, steps=states_firmware.InstallSteps(17, 19, 20, 21, 25), seen=seen, links=links, left=t.config.evse_id2
    )


@case(
    "TC_L_15_CS",
    "No new sessions while firmware waits for a transaction to end",
    requirements=("L01.FR.01", "L01.FR.06", "L01.FR.07", "L01.FR.10", "L01.FR.20", "L01.FR.33", "L01.FR.34"),
    readings=(PLACE_LEFT_BEFORE_INSTALLING, INSTALLED_FIRST, SCHEDULE_UNTOLD, REBOOT_AHEAD),
    settings={ALLOW: "false"},
    begin=states.energy_transfer_started,
    last=True,
)
async def sessions_closed(t: Tester) -> None:
    """Every free connector turns Unavailable at once; the one that charges does not, until it has been left."""
    image = await states_firmware.offered(t)
    await states_firmware.verified(t, states_firmware.update(t, image), steps=(2, 3, 5, 7))
    links, installing = len(t.endpoint().handshakes), await _ready(t)
    for evse in t.product.evses:
        if evse.id != t.config.evse_id:
            await t.expect_statuses(11, "Unavailable", evse_id=evse.id)
    seen = await _seen(t, installing)
    await t.expect_none(12, wire.FirmwareStatusNotificationRequest, 3 * t.settle)
    closed = differs(PLACE_LEFT_BEFORE_INSTALLING, specification="Unavailable", tool=EITHER)
    await leave(t, t.config.evse_id, t.config.valid, EITHER if installing else closed)
    await states_firmware.installed(
        t, image, steps=states_firmware.InstallSteps(17, 19, 20, 21, 25), seen=seen, links=links, left=t.config.evse_id
    )
