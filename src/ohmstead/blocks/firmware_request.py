"""What can be said of an UpdateFirmwareRequest before its file is here (L01)."""

from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from ohmstead.blocks.context import Access, World
from ohmstead.blocks.work import Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import SecurityEvent
from ohmstead.model.firmware import TOO_LATE, FirmwareJob
from ohmstead.ports.files import FileRefused, bounded, checked, wrong_retries
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import InstallCertificateUseEnum, UpdateFirmwareRequest, UpdateFirmwareStatusEnum

FARTHEST = timedelta(days=366)
"""How far ahead an update may be scheduled: while it waits a product without C-60 takes no other one."""
Refusal: TypeAlias = tuple[UpdateFirmwareStatusEnum, str, str]
"""Status, reason code and text."""


class UpdateRequests:
    """Judges requests for an update."""

    def __init__(self, work: Work, device: DeviceModel, access: Access, world: World) -> None:
        self._work = work
        self._device = device
        self._access = access
        self._world = world

    def refusal(self, request: UpdateFirmwareRequest, job: FirmwareJob | None, *, full: bool) -> Refusal | None:
        """Return why a request is not accepted, None if it is (L01.FR.22, L01.FR.27).

        Args:
            request: the request.
            job: the update before it.
            full: statuses of earlier updates fill the room that there is for them.
        """
        rejected = UpdateFirmwareStatusEnum.Rejected
        firmware = request.firmware
        if not firmware.signing_certificate or not firmware.signature:
            return rejected, "MissingParam", "firmware is taken with certificate and signature only"
        wrong = wrong_retries(request.retries, request.retry_interval) or self.never(
            firmware.retrieve_date_time, firmware.install_date_time
        )
        if wrong is not None:
            return rejected, "InvalidValue", wrong
        try:
            checked(firmware.location, self._device.ocpp_comm.file_transfer_protocols)
        except FileRefused as refused:
            return rejected, "InvalidURL", refused.detail
        if full:
            return rejected, "Unspecified", "the CSMS has not taken the statuses of earlier updates yet"
        if (
            job is not None
            and not job.over
            and (job.status in TOO_LATE or not self._world.product.has(Feature.FIRMWARE_UPDATE_CANCELED))
        ):
            return rejected, "FwUpdateInProgress", "an update is in progress"
        roots = self._access.trust.of(InstallCertificateUseEnum.ManufacturerRootCertificate)
        pems = [root.pem for root in roots]
        fault = self._world.signatures.fault(firmware.signing_certificate, pems, self._world.clock.now())
        if fault is not None:
            self._work.announce(SecurityEvent("InvalidFirmwareSigningCertificate", fault[:255]))
            return UpdateFirmwareStatusEnum.InvalidCertificate, "InvalidCertificate", fault
        return None

    def never(self, *moments: datetime | None) -> str | None:
        """Say which moment is too far ahead to be waited for; None: none is."""
        latest = self._world.clock.now() + FARTHEST
        for moment in moments:
            if moment is not None and moment > latest:
                return f"{moment.isoformat()} is more than {FARTHEST.days} days ahead"
        return None


def within_bounds(job: FirmwareJob) -> FirmwareJob:
    """Return a stored job so that it ends one day, also if an earlier version accepted more retries."""
    retries, interval = bounded(job.retries, job.interval)
    return msgspec.structs.replace(job, retries=retries, interval=interval)
