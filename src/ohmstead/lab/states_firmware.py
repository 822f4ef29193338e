"""Secure firmware updates: the request, the statuses, and the ways from a verified image to the installed one (L01).

A station may reboot before it installs, before it activates, both or not at all, and while its boot loader is at work
it may be silent (L01.FR.23, L01.FR.32). What has to be the same on every way is checked here.
"""

from datetime import datetime, timedelta

from ohmstead.lab.bench import Firmware, FirmwareKind
from ohmstead.lab.checks import one_of
from ohmstead.lab.tester import Tester
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import FirmwareStatusEnum as Status

AGO = timedelta(hours=2)
INSTALLATION = 300.0
"""Seconds that a step of the installation may take."""
INSTALLED = ("Installed",)
BROKEN = ("InstallVerificationFailed", "InstallationFailed")


async def offered(t: Tester, kind: FirmwareKind = FirmwareKind.Good) -> Firmware:
    """An image lies on the file server, and the station trusts the root of good signers."""
    image = t.firmware(kind)
    root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    request = wire.InstallCertificateRequest(certificate_type=root, certificate=image.root)
    await t.call(request, step="root of the signers", status="Accepted")
    return image


def update(
    t: Tester,
    image: Firmware,
    *,
    location: str | None = None,
    retrieve: datetime | None = None,
    install: datetime | None = None,
    signed: bool = True,
) -> wire.UpdateFirmwareRequest:
    """Return the request for an image; both moments are two hours ago unless given."""
    ago = (t.clock.now() - AGO).replace(microsecond=0)
    firmware = wire.Firmware(
        location=location or image.url,
        retrieve_date_time=retrieve or ago,
        install_date_time=install or ago,
        signing_certificate=image.certificate if signed else None,
        signature=image.signature if signed else None,
    )
    return wire.UpdateFirmwareRequest(request_id=t.next_id(), firmware=firmware)


async def told(t: Tester, step: int | str, *statuses: str) -> wire.FirmwareStatusNotificationRequest:
    """Wait for the next status of the update; the general rules look at its requestId (L01.FR.10, L01.FR.20)."""
    return await t.expect(step, wire.FirmwareStatusNotificationRequest, within=INSTALLATION, status=one_of(*statuses))


async def verified(t: Tester, request: wire.UpdateFirmwareRequest, *, step: int = 2) -> None:
    """The update is accepted, and the image is downloaded and found to be signed as it should.

    Args:
        t: the tester.
        request: the update.
        step: of the response; the statuses are the next but one each.
    """
    await t.call(request, step=step, status="Accepted")
    await told(t, step + 1, "Downloading")
    await told(t, step + 3, "Downloaded")
    await told(t, step + 5, "SignatureVerified")


def _ways(end: str) -> tuple[tuple[str, ...], ...]:
    return (
        ("Installing", end),
        ("Installing", "InstallRebooting", end),
        ("InstallRebooting", "Installing", end),
        ("InstallRebooting", "Installing", "InstallRebooting", end),
        ("InstallRebooting", end),
    )


async def installed(
    t: Tester,
    image: Firmware,
    *,
    step: int,
    installing: bool = False,
    not_before: datetime | None = None,
) -> None:
    """The image is installed and activated: statuses, boot, connectors and the security event.

    Args:
        t: the tester.
        image: its version has to be the one that boots.
        step: of Installing in the text of the case.
        installing: Installing has been told already.
        not_before: the moment before which nothing may happen.
    """
    last = await _way(t, step, INSTALLED, installing=installing, not_before=not_before)
    boot = await _activated(t, step, last)
    if boot is not None:
        version = boot.charging_station.firmware_version
        t.require(step, version == image.version, "BootNotificationRequest.firmwareVersion", image.version, version)
    closed = await _closed(t)
    if closed or boot is not None:
        await t.expect_statuses(step + 4, "Available")
    await t.expect(step + 8, wire.SecurityEventNotificationRequest, type="FirmwareUpdated")


async def failed(t: Tester, *, step: int) -> None:
    """The installation fails, and the station goes on with what it has.

    Args:
        t: the tester.
        step: of Installing in the text of the case.
    """
    await _way(t, step, BROKEN)
    while await t.maybe(wire.BootNotificationRequest, within=0, reason="FirmwareUpdate"):
        t.note("rebooted for a firmware that did not work")
    if await _closed(t):
        await t.expect_statuses(step + 2, "Available")


async def _way(
    t: Tester, step: int, ends: tuple[str, ...], *, installing: bool = False, not_before: datetime | None = None
) -> wire.FirmwareStatusNotificationRequest:
    """Follow the statuses to the end; each has to be on one of the ways. Returns the last one."""
    t.rules.disturbed = True
    seen: tuple[str, ...] = ("Installing",) if installing else ()
    ways = [way for end in ends for way in _ways(end)]
    links = len(t.endpoint().handshakes)
    while True:
        following = {way[len(seen)] for way in ways if way[: len(seen)] == seen and len(way) > len(seen)}
        message = await told(t, step, *sorted(following))
        if not_before is not None and not seen:
            check_moment(t, step, message, not_before)
        seen = (*seen, message.status.value)
        if message.status.value in ends:
            break
    if message.status is Status.Installed:
        anew = len(t.endpoint().handshakes) > links
        t.require(step + 3, anew, "connection", "a new one before Installed", "the same one")
    return message


def check_moment(t: Tester, step: int | str, message: wire.FirmwareStatusNotificationRequest, moment: datetime) -> None:
    """A status that has to wait for a moment comes then, and no earlier."""
    early = (moment - t.arrived(message).wall).total_seconds()
    name = f"moment of {message.status.value}"
    t.require(step, early <= t.bench.tolerance, name, f"not before {moment.isoformat()}", f"{early:.1f} s early")
    patience = t.bench.patience
    t.require(step, -early <= patience, name, f"within {patience:g} s of {moment.isoformat()}", f"{-early:.1f} s late")


async def _activated(
    t: Tester, step: int, last: wire.FirmwareStatusNotificationRequest
) -> wire.BootNotificationRequest | None:
    """Return the last BootNotification before Installed; one that announces its reboot has to boot (L01.FR.32)."""
    announced = [
        one
        for one in t.received(wire.FirmwareStatusNotificationRequest)
        if one.status is Status.InstallRebooting and one.request_id == last.request_id
    ]
    boot = await t.maybe(wire.BootNotificationRequest, within=0)
    if boot is None and announced:
        boot = await t.expect(step + 2, wire.BootNotificationRequest)
    another = await t.maybe(wire.BootNotificationRequest, within=0) if boot is not None else None
    for one in filter(None, (boot, another)):
        reason = one.reason
        wanted = wire.BootReasonEnum.FirmwareUpdate
        t.require(step + 2, reason is wanted, "BootNotificationRequest.reason", wanted.value, reason.value)
        before = t.arrived(one).at <= t.arrived(last).at
        t.require(step + 2, before, "BootNotificationRequest", "before Installed", "after it")
    return another or boot


async def _closed(t: Tester) -> bool:
    """Say whether connectors were told to be Unavailable meanwhile, which they may."""
    closed = False
    while await t.maybe_status("Unavailable", within=0):
        closed = True
    return closed
