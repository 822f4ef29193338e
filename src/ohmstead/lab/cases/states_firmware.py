"""Secure firmware updates: the request, the statuses, and the ways from a verified image to the installed one (L01).

A station may reboot before it installs, before it activates, both or not at all, and while its boot loader is at work
it may be silent (L01.FR.23, L01.FR.32). What has to be the same on every way is checked here.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from ohmstead.lab.cases.checks import differs, one_of
from ohmstead.lab.cases.rules import CANCELLED
from ohmstead.lab.cases.states_station import ANYTHING
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.cases.value_words import words_of
from ohmstead.lab.readings.l_firmware import INSTALLED_FIRST
from ohmstead.lab.rig import FirmwareImage, FirmwareKind
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import FirmwareStatusEnum as Status

AGO = timedelta(hours=2)
INSTALLATION = 300.0
"""Seconds that a step of the installation may take."""
INSTALLED = ("Installed",)
BROKEN = ("InstallVerificationFailed", "InstallationFailed")


async def offered(t: Tester, kind: FirmwareKind = FirmwareKind.Good) -> FirmwareImage:
    """An image lies on the file server, and the station trusts the root of good signers."""
    image = t.firmware(kind)
    root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
    request = wire.InstallCertificateRequest(certificate_type=root, certificate=image.root)
    await t.call(request, step="root of the signers", status="Accepted")
    return image


def update(
    t: Tester,
    image: FirmwareImage,
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
    """Wait for the next status of the update; the general rules look at its requestId (L01.FR.10, L01.FR.20).

    Passes over what is still told of an update that was cancelled.
    """

    def counts(message: wire.FirmwareStatusNotificationRequest) -> bool:
        return message.request_id not in t.rules.cancelled or message.status not in CANCELLED

    kind = wire.FirmwareStatusNotificationRequest
    return await t.expect(step, kind, within=INSTALLATION, where=counts, status=one_of(*statuses))


class InstallSteps(NamedTuple):
    """The numbers that the text of a case has for an installation, so that each stands in the function of the case."""

    installing: int
    boots: int
    """BootNotification, where the station reboots."""
    link: int
    """The connection, which is the same until Installed or a new one."""
    statuses: int
    """Of the connectors, Available again."""
    event: int
    """SecurityEventNotification: FirmwareUpdated."""


async def verified(t: Tester, request: wire.UpdateFirmwareRequest, *, steps: tuple[int, int, int, int]) -> None:
    """The update is accepted, and the image is downloaded and found to be signed as it should.

    Args:
        t: the tester.
        request: the update.
        steps: of the response, Downloading, Downloaded and SignatureVerified.
    """
    accepted, downloading, downloaded, signed = steps
    await t.call(request, step=accepted, status="Accepted")
    await told(t, downloading, "Downloading")
    await told(t, downloaded, "Downloaded")
    await told(t, signed, "SignatureVerified")


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
    image: FirmwareImage,
    *,
    steps: InstallSteps,
    seen: tuple[str, ...] = (),
    not_before: datetime | None = None,
    links: int | None = None,
    left: int | None = None,
) -> None:
    """The image is installed and activated: statuses, boot, connectors and the security event.

    Args:
        t: the tester.
        image: its version has to be the one that boots.
        steps: in the text of the case.
        seen: what has been told already, from Installing on.
        not_before: the moment before which nothing may happen.
        links: connections that had been made before anything could be installed; None: those until now.
        left: an EVSE that was left while the station may have rebooted already.
    """
    began, links = t.now(), len(t.endpoint().handshakes) if links is None else links
    last = await _way(t, steps.installing, INSTALLED, seen=seen, not_before=not_before)
    boots = await _activated(t, steps, last, links)
    if boots:
        version = boots[-1].charging_station.firmware_version
        t.require(
            steps.installing,
            version == image.version,
            "BootNotificationRequest.firmwareVersion",
            image.version,
            version,
        )
    closed = await _closed(t)
    meanwhile = left if boots and t.arrived(boots[0]).at < began else None
    if closed or boots:
        for evse in (one.id for one in t.product.evses if one.id != meanwhile):
            await t.expect_statuses(steps.statuses, "Available", evse_id=evse)
    if meanwhile is not None:
        await _check_left(t, steps.statuses, meanwhile)
    await _told_again(t, boots)
    await t.expect(steps.event, wire.SecurityEventNotificationRequest, type="FirmwareUpdated")


async def _check_left(t: Tester, step: int, evse_id: int) -> None:
    """The boot has met the cable, or its Available was taken for that of the cable: what counts is the last status."""
    while await t.maybe_status(one_of("Occupied", "Available"), evse_id=evse_id):
        pass
    told = t.statuses(evse_id)
    got = told[-1].status if told else "Available"
    t.require(
        step,
        got == "Available",
        f"StatusNotificationRequest.connectorStatus: the last one of EVSE {evse_id}",
        "Available",
        got,
    )


async def failed(t: Tester, *, step: int, back: int) -> None:
    """The installation fails, and the station goes on with what it has.

    Args:
        t: the tester.
        step: of Installing in the text of the case.
        back: of the connectors, Available again.
    """
    await _way(t, step, BROKEN)
    boots = await _boots(t)
    if boots:
        t.note("rebooted for a firmware that did not work")
        reason, wanted = boots[0].reason, wire.BootReasonEnum.FirmwareUpdate
        t.require(step, reason is wanted, "BootNotificationRequest.reason", wanted.value, reason.value)
    closed = await _closed(t)
    if closed or boots:
        await _opens(t, back)
    await _told_again(t, boots)


async def _opens(t: Tester, step: int) -> None:
    """Every connector is Available again, or none: a station may be out of service after an update that failed."""
    places = [(evse.id, connector.id) for evse in t.product.evses for connector in evse.connectors]
    patience = t.patience
    back = [await t.maybe_status("Available", evse_id=one[0], connector_id=one[1], within=patience) for one in places]
    t.require(
        step,
        all(back) or not any(back),
        "StatusNotificationRequest.connectorStatus: connectors that are Available again",
        len(back),
        sum(back),
    )
    if not any(back):
        t.note("out of service after an update that failed")


async def _way(
    t: Tester, step: int, ends: tuple[str, ...], *, seen: tuple[str, ...] = (), not_before: datetime | None = None
) -> wire.FirmwareStatusNotificationRequest:
    """Follow the statuses to the end; each has to be on one of the ways. Returns the last one."""
    t.rules.disturbed = True
    ways = [way for end in ends for way in _ways(end)]
    while True:
        following = {way[len(seen)] for way in ways if way[: len(seen)] == seen and len(way) > len(seen)}
        message = await told(t, step, *sorted(following))
        if not_before is not None and not seen:
            check_moment(t, step, message, not_before)
        seen = (*seen, message.status.value)
        if message.status.value in ends:
            return message


def check_moment(t: Tester, step: int | str, message: wire.FirmwareStatusNotificationRequest, moment: datetime) -> None:
    """A status that has to wait for a moment comes then, and no earlier."""
    early = (moment - t.arrived(message).wall).total_seconds()
    name = f"FirmwareStatusNotificationRequest.status: moment of {message.status.value}"
    t.require(step, early <= t.rig.tolerance, name, f"not before {words_of(moment)}", f"{early:.1f} s early")
    patience = t.patience
    t.require(step, -early <= patience, name, f"within {patience:g} s of {words_of(moment)}", f"{-early:.1f} s late")


async def _activated(
    t: Tester, steps: InstallSteps, last: wire.FirmwareStatusNotificationRequest, links: int
) -> list[wire.BootNotificationRequest]:
    """Return every BootNotification; a station that announces its reboot has to boot (L01.FR.32).

    Args:
        t: the tester.
        steps: in the text of the case.
        last: Installed.
        links: connections that had been made before the installation.
    """
    link = t.endpoint()
    boots = await _boots(t)
    anew = len(link.handshakes) > links
    leaves = await link.wait_disconnected(t.settle if anew else t.patience)
    if leaves or not anew:
        first = differs(INSTALLED_FIRST, specification=ANYTHING, tool="a new one before Installed")
        t.compare(steps.link, "WebSocket connection", "the same one until Installed", first)
    if leaves:
        boots.append(await t.expect(steps.boots, wire.BootNotificationRequest, within=INSTALLATION))
    if not boots and _announced(t, last):
        boots = [await t.expect(steps.boots, wire.BootNotificationRequest)]
    for one in boots:
        reason, wanted = one.reason, wire.BootReasonEnum.FirmwareUpdate
        t.require(steps.boots, reason is wanted, "BootNotificationRequest.reason", wanted.value, reason.value)
    return boots


def _announced(t: Tester, last: wire.FirmwareStatusNotificationRequest) -> bool:
    return any(
        one.status is Status.InstallRebooting and one.request_id == last.request_id
        for one in t.received(wire.FirmwareStatusNotificationRequest)
    )


async def _boots(t: Tester) -> list[wire.BootNotificationRequest]:
    """The boots so far; there may be one before the installation and one after it."""
    boots = []
    while (boot := await t.maybe(wire.BootNotificationRequest, within=0)) is not None:
        boots.append(boot)
    return boots


async def _told_again(t: Tester, boots: list[wire.BootNotificationRequest]) -> None:
    """Each boot is followed by the status of every connector (B01.FR.05)."""
    while len(boots) > 1 and await t.maybe_status("Available"):
        pass


async def _closed(t: Tester) -> bool:
    """Say whether connectors were told to be Unavailable meanwhile, which they may."""
    closed = False
    while await t.maybe_status("Unavailable", within=0):
        closed = True
    return closed
