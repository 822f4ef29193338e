"""Block L: firmware updates of stations that do all of it, or nothing of it, while a transaction runs."""

from ohmstead.lab.cases import states, states_firmware, states_stopping
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.l_update import ALLOW, SIGNED, leave
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.l_firmware import ACTIVATED_LATER, DOWNLOAD_UNTOLD, INSTALLED_FIRST
from ohmstead.lab.rig import FirmwareImage
from ohmstead.wire import messages as wire

WAITS = ("L01.FR.01", "L01.FR.06", "L01.FR.07", "L01.FR.10", "L01.FR.13", "L01.FR.20")


# Neither downloaded nor installed while a transaction runs


async def _not_yet(t: Tester, step: int) -> None:
    await t.expect_none(step, wire.FirmwareStatusNotificationRequest, 3 * t.settle)
    t.require(step, not t.files.attempts, "file server: downloads", "none while a transaction runs", "one")


async def _alone_at_last(t: Tester, image: FirmwareImage, evse_id: int, links: int) -> None:
    """The last EV has left, and the whole update follows."""
    await states_firmware.told(t, 8, "Downloading")
    await states_firmware.told(t, 10, "Downloaded")
    await states_firmware.told(t, 12, "SignatureVerified")
    await states_firmware.installed(
        t, image, steps=states_firmware.InstallSteps(17, 19, 20, 21, 25), links=links, left=evse_id
    )


@case(
    "TC_L_12_CS",
    "New sessions are allowed while a download waits for transactions to end",
    requirements=WAITS,
    readings=(INSTALLED_FIRST,),
    settings={ALLOW: "true"},
    begin=states.energy_transfer_started,
    last=True,
)
async def open_while_it_waits(t: Tester) -> None:
    """A second transaction starts at another EVSE; the download begins when both have ended."""
    image, links = await states_firmware.offered(t), len(t.endpoint().handshakes)
    await t.call(states_firmware.update(t, image), step=2, status="Accepted")
    await states_firmware.told(t, 3, "DownloadScheduled")
    await states.energy_transfer_started(t, t.config.evse_id2, token=t.config.valid2)
    await states_stopping.parking_bay_unoccupied(t)
    await _not_yet(t, 6)
    await leave(t, t.config.evse_id2, t.config.valid2)
    await _alone_at_last(t, image, t.config.evse_id2, links)


@case(
    "TC_L_13_CS",
    "No new sessions while a download waits for a transaction to end",
    requirements=WAITS,
    readings=(DOWNLOAD_UNTOLD, INSTALLED_FIRST),
    settings={ALLOW: "false"},
    begin=states.energy_transfer_started,
    last=True,
)
async def closed_while_it_waits(t: Tester) -> None:
    """Every free connector turns Unavailable at once; the download begins when the transaction has ended."""
    image, links = await states_firmware.offered(t), len(t.endpoint().handshakes)
    await t.call(states_firmware.update(t, image), step=2, status="Accepted")
    kind = wire.FirmwareStatusNotificationRequest
    told = await t.maybe(kind, within=t.patience, status="DownloadScheduled")
    may = differs(DOWNLOAD_UNTOLD, specification="DownloadScheduled", tool=one_of("DownloadScheduled", None))
    t.compare(3, "FirmwareStatusNotificationRequest.status", None if told is None else told.status, may)
    for evse in t.product.evses:
        if evse.id != t.config.evse_id:
            await t.expect_statuses(5, "Unavailable", evse_id=evse.id)
    await _not_yet(t, 6)
    await leave(t, t.config.evse_id, t.config.valid)
    await _alone_at_last(t, image, t.config.evse_id, links)


# All of it while a transaction runs


@case(
    "TC_L_16_CS",
    "Firmware is installed and active while a transaction runs",
    requirements=(*SIGNED, "L01.FR.28", "L01.FR.31", "L01.FR.33"),
    readings=(ACTIVATED_LATER, INSTALLED_FIRST),
    begin=states.energy_transfer_started,
    last=True,
)
async def beside_a_transaction(t: Tester) -> None:
    """The station comes back over a new connection and tells Installed, and the transaction has gone on."""
    image, links = await states_firmware.offered(t), len(t.endpoint().handshakes)
    await states_firmware.verified(t, states_firmware.update(t, image), steps=(2, 3, 5, 7))
    await states_firmware.told(t, 9, "Installing")
    if await _comes_back(t, links):
        await states_firmware.told(t, 12, "Installed")
        await t.expect(14, wire.SecurityEventNotificationRequest, type="FirmwareUpdated")
        await t.expect_none(14, wire.BootNotificationRequest, t.settle)
        await states_stopping.stop_authorized(t)
    else:
        evse_id = t.config.evse_id
        await leave(t, evse_id, t.config.valid)
        await states_firmware.installed(
            t,
            image,
            steps=states_firmware.InstallSteps(9, 11, 12, 13, 17),
            seen=("Installing",),
            links=links,
            left=evse_id,
        )


async def _comes_back(t: Tester, links: int) -> bool:
    """Say whether a new connection is made while the EV charges; a station that has to reboot waits (L01.FR.33)."""
    patience = max(60.0, t.patience)
    await t.endpoint().wait_disconnected(patience)
    back = len(t.endpoint().handshakes) > links or not await t.endpoint().wait_connected(0)
    now, later = "while the transaction runs", "after its end"
    wanted = differs(ACTIVATED_LATER, specification=one_of(now, later), tool=now)
    t.compare(11, "WebSocket connection: a new one", now if back else later, wanted)
    return back
