"""Block L: secure firmware updates that come to nothing, and what the station says of it."""

from ohmstead.lab.cases import states_firmware
from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.l_firmware import DOWNLOADING_AGAIN, UNTRUSTED_SIGNER
from ohmstead.lab.rig import FirmwareKind
from ohmstead.wire import messages as wire

STATUSES = ("L01.FR.01", "L01.FR.10", "L01.FR.20")
TIME = 8.0
"""Seconds in which a station that goes on, though it should not, would have been noticed."""


async def _ended(t: Tester, step: int) -> None:
    """The update is over: no further status comes, and no reboot."""
    await t.expect_none(step, wire.FirmwareStatusNotificationRequest, TIME)
    t.require(step, t.endpoint().connected, "WebSocket connection", "kept", "lost")


@case(
    "TC_L_05_CS",
    "The signing certificate is not to be trusted",
    requirements=(*STATUSES, "L01.FR.02", "L01.FR.21", "L01.FR.22"),
    readings=(UNTRUSTED_SIGNER,),
)
async def invalid_certificate(t: Tester) -> None:
    """It comes from a root that nobody has installed: refused before anything is downloaded, and told."""
    image = await states_firmware.offered(t, FirmwareKind.UntrustedSigner)
    either = one_of("InvalidCertificate", "RevokedCertificate")
    refusal = differs(UNTRUSTED_SIGNER, specification="InvalidCertificate", tool=either)
    await t.call(states_firmware.update(t, image), step=2, status=refusal)
    await t.expect(3, wire.SecurityEventNotificationRequest, type="InvalidFirmwareSigningCertificate")
    await _ended(t, 4)
    t.require(4, not t.files.attempts, "file server: downloads", "none", "one")


@case("TC_L_06_CS", "The signature is that of another file", requirements=(*STATUSES, "L01.FR.03", "L01.FR.04"))
async def invalid_signature(t: Tester) -> None:
    """It is downloaded and then found out; status and security event may come in any order (errata 6.2.83)."""
    image = await states_firmware.offered(t, FirmwareKind.BadSignature)
    await t.call(states_firmware.update(t, image), step=2, status="Accepted")
    await states_firmware.told(t, 3, "Downloading")
    await states_firmware.told(t, 5, "Downloaded")
    await states_firmware.told(t, 7, "InvalidSignature")
    await t.expect(9, wire.SecurityEventNotificationRequest, type="InvalidFirmwareSignature")
    await _ended(t, 10)


@case(
    "TC_L_07_CS",
    "There is no such file",
    requirements=(*STATUSES, "L01.FR.30"),
    readings=(DOWNLOADING_AGAIN,),
)
async def download_failed(t: Tester) -> None:
    """Downloading may be told for every attempt, or not at all; in the end it is DownloadFailed."""
    image = await states_firmware.offered(t)
    request = states_firmware.update(t, image, location=f"{image.url}_does_not_exist")
    await t.call(request, step=2, status="Accepted")
    deadline, attempts = t.now() + states_firmware.INSTALLATION, 0
    while (await states_firmware.told(t, 5, "Downloading", "DownloadFailed")).status == "Downloading":
        attempts += 1
        t.require(5, t.now() < deadline, "FirmwareStatusNotificationRequest.status", "DownloadFailed", "Downloading")
    once = differs(DOWNLOADING_AGAIN, specification=ANYTHING, tool=one_of(0, 1))
    t.compare(3, "FirmwareStatusNotificationRequest.status: times that it is Downloading", attempts, once)
    await _ended(t, 6)


@case(
    "TC_L_08_CS",
    "The image is signed, but cannot be installed",
    requirements=(*STATUSES, "L01.FR.12", "L01.FR.29"),
)
async def verification_failed(t: Tester) -> None:
    """It is told, and the station goes on with the firmware that it has."""
    image = await states_firmware.offered(t, FirmwareKind.BrokenAtInstall)
    await states_firmware.verified(t, states_firmware.update(t, image), steps=(2, 3, 5, 7))
    await states_firmware.failed(t, step=12, back=14)
    await _ended(t, 17)


@case("TC_L_18_CS", "An update without certificate and signature", requirements=("L01.FR.11", "L01.FR.12"))
async def unsigned(t: Tester) -> None:
    """A station that updates securely takes nothing else."""
    image = await states_firmware.offered(t)
    request = states_firmware.update(t, image, signed=False)
    await t.call(request, step=2, status=one_of("Rejected", "InvalidCertificate"))
    await _ended(t, 2)
