"""A firmware update, one step after the other (L01)."""

from datetime import datetime
from enum import StrEnum

import msgspec

from ohmstead.wire.messages import FirmwareStatusEnum as Status


class UpdateStep(StrEnum):
    """What can happen to an update."""

    Wait = "Wait"
    """It is too early, or a transaction runs."""
    Begin = "Begin"
    """The download begins, or goes on."""
    Pause = "Pause"
    """A transaction has started, and this product does not download meanwhile."""
    Arrived = "Arrived"
    """The whole file is here."""
    GaveUp = "GaveUp"
    """Every attempt to get the file has failed, its time cannot come, or the station itself cannot go on."""
    Signed = "Signed"
    Forged = "Forged"
    """The signature is not that of the certificate's key over this file."""
    Install = "Install"
    """The installation begins."""
    Damaged = "Damaged"
    """What is in the file is no firmware for this product."""
    Failed = "Failed"
    """It could not be installed, or the new firmware did not work and the old one is back."""
    Activate = "Activate"
    """It is in its slot; the station reboots into it."""
    Proven = "Proven"
    """The new firmware has booted and the CSMS has accepted it, or it has taken over without a reboot."""


UPDATE: dict[Status, dict[UpdateStep, Status]] = {
    Status.Idle: {
        UpdateStep.Wait: Status.DownloadScheduled,
        UpdateStep.Begin: Status.Downloading,
        UpdateStep.GaveUp: Status.DownloadFailed,
    },
    Status.DownloadScheduled: {UpdateStep.Begin: Status.Downloading, UpdateStep.GaveUp: Status.DownloadFailed},
    Status.Downloading: {
        UpdateStep.Arrived: Status.Downloaded,
        UpdateStep.Pause: Status.DownloadPaused,
        UpdateStep.GaveUp: Status.DownloadFailed,
    },
    Status.DownloadPaused: {UpdateStep.Begin: Status.Downloading, UpdateStep.GaveUp: Status.DownloadFailed},
    Status.Downloaded: {
        UpdateStep.Signed: Status.SignatureVerified,
        UpdateStep.Forged: Status.InvalidSignature,
        UpdateStep.GaveUp: Status.DownloadFailed,
    },
    Status.SignatureVerified: {
        UpdateStep.Wait: Status.InstallScheduled,
        UpdateStep.Install: Status.Installing,
        UpdateStep.Failed: Status.InstallationFailed,
    },
    Status.InstallScheduled: {UpdateStep.Install: Status.Installing, UpdateStep.Failed: Status.InstallationFailed},
    Status.Installing: {
        UpdateStep.Activate: Status.InstallRebooting,
        UpdateStep.Proven: Status.Installed,
        UpdateStep.Damaged: Status.InstallVerificationFailed,
        UpdateStep.Failed: Status.InstallationFailed,
    },
    Status.InstallRebooting: {UpdateStep.Proven: Status.Installed, UpdateStep.Failed: Status.InstallationFailed},
    Status.Installed: {},
    Status.DownloadFailed: {},
    Status.InvalidSignature: {},
    Status.InstallVerificationFailed: {},
    Status.InstallationFailed: {},
}
"""From a status by what happens to the next one; a status without any is an end."""

SCHEDULED = frozenset({Status.DownloadScheduled, Status.InstallScheduled})
"""Here an update waits for its moment."""

TOO_LATE = frozenset({Status.Installing, Status.InstallRebooting})
"""Here an update cannot be cancelled any more (L01.FR.27)."""


class FirmwareJob(msgspec.Struct, frozen=True, kw_only=True):
    """An update that was accepted; it stays when it has ended, for its last status."""

    request_id: int
    location: str
    retrieve_at: datetime
    install_at: datetime | None
    certificate: str
    signature: str
    retries: int | None
    interval: int
    failed: int = 0
    """Attempts to download that failed."""
    waited: bool = False
    """It had to wait for transactions to end (L01.FR.07)."""
    status: Status = Status.Idle

    @property
    def over(self) -> bool:
        """Say whether nothing will happen to it any more."""
        return not UPDATE[self.status]

    def after(self, step: UpdateStep) -> "FirmwareJob":
        """Return the job one step on. Raises KeyError for a step that cannot happen here."""
        return msgspec.structs.replace(self, status=UPDATE[self.status][step])
