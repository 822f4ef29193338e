"""Block L, firmware: download, check, install into the free slot, reboot into it, and tell every step (L01)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

import msgspec

from ohmstead.blocks.context import Access, Charging, Csms, Registration, Send, World
from ohmstead.blocks.firmware_file import FirmwareFile
from ohmstead.blocks.firmware_request import UpdateRequests, within_bounds
from ohmstead.blocks.firmware_trial import CONFIRM, FirmwareTrial
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.standstill import Standstill
from ohmstead.blocks.status_notifier import StatusNotifier
from ohmstead.blocks.work import Lifetime, Task, Work
from ohmstead.model.device import ChargingStation, DeviceModel, changed
from ohmstead.model.events import (
    Accepted,
    ClockCorrected,
    FactsChanged,
    Online,
    SecurityEvent,
    SessionMoved,
    SettingChanged,
)
from ohmstead.model.firmware import SCHEDULED, UPDATE, FirmwareJob, UpdateStep
from ohmstead.model.obstacles import Pending, Why
from ohmstead.ports.calls import Answer, Cause
from ohmstead.ports.files import (
    FileRefused,
    Reason,
    TransferFailed,
    interval_of,
    last_attempt,
    shown,
)
from ohmstead.ports.firmware import Image, ImageBroken, NotInstalled
from ohmstead.ports.store import Put
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import (
    EVSE,
    BootReasonEnum,
    FirmwareStatusNotificationRequest,
    MessageTriggerEnum,
    StatusInfo,
    UpdateFirmwareRequest,
    UpdateFirmwareResponse,
    UpdateFirmwareStatusEnum,
)
from ohmstead.wire.messages import FirmwareStatusEnum as Status
from ohmstead.wire.rows import from_row, to_row

KIND = "firmware_job"
DELIVERY = 10.0
"""Seconds that a station without a connection waits for one before the reboot; its messages wait in the store."""

_log = logging.getLogger(__name__)


class LFirmware:
    """Carries out one update at a time; a job survives the power and its own reboot."""

    def __init__(
        self, work: Work, charging: Charging, csms: Csms, device: DeviceModel, access: Access, world: World
    ) -> None:
        self._work = work
        self._csms = csms
        self._device = device
        self._world = world
        row = world.store.get(KIND, "")
        self._job = None if row is None else within_bounds(from_row(row, FirmwareJob))
        self._task: Task | None = None
        self._standstill = Standstill(work, charging, world)
        self._file = FirmwareFile(device, access, world, self._standstill)
        self._leaving = False
        """The station is about to reboot into a new firmware."""
        self._trial = FirmwareTrial(work, csms, world, self._conclude)
        self._requests = UpdateRequests(work, device, access, world)
        self._linked = asyncio.Event()
        self._notifier = StatusNotifier[Status](work, csms, world, "firmware_status", _notification)
        self._stages: dict[Status, Callable[[FirmwareJob], Awaitable[None]]] = {
            Status.Idle: self._await_download,
            Status.DownloadScheduled: self._await_download,
            Status.Downloading: self._download,
            Status.DownloadPaused: self._await_download,
            Status.Downloaded: self._verify,
            Status.SignatureVerified: self._await_install,
            Status.InstallScheduled: self._await_install,
            Status.Installing: self._install,
            Status.InstallRebooting: self._activate,
        }
        csms.triggers[MessageTriggerEnum.FirmwareStatusNotification] = self._trigger_firmware_status
        charging.pending.append(lambda: [Pending(why=Why.Firmware)] if self._closed() else [])

    # From run to run

    def start(self) -> None:
        """A firmware on trial has some time to prove itself; a machine's is switched to, or back."""
        self._trial.start(expected=self._rebooting())

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """The CSMS knows who runs; what was told late is told now."""
        self._conclude()
        self._work.after(self._notifier.resume)
        self._work.after(self._wake)

    def _conclude(self) -> None:
        """The firmware that was to be proven is, or the old one is back (L01.FR.28, L01.FR.31, L01.FR.32)."""
        if not self._trial.settled or self._csms.registration is not Registration.Accepted:
            return
        proven = self._trial.prove()
        if self._rebooting():
            if proven:
                self._proven()
            else:
                self._step(UpdateStep.Failed)

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """Tell what could not be told meanwhile."""
        self._work.after(self._notifier.resume)
        self._work.after(self._linked.set)

    @hears(ClockCorrected)
    def when_clock_corrected(self, _corrected: ClockCorrected) -> None:
        """What waits for its moment looks again whether that can be waited for: it may be years away now."""
        job = self._job
        if self._task is not None and job is not None and job.status in SCHEDULED:
            self._task.cancel()
            self._task = None
            self._work.after(self._wake)

    def _rebooting(self) -> bool:
        return self._job is not None and self._job.status is Status.InstallRebooting

    # The request

    @serves(UpdateFirmwareRequest)
    def on_update_firmware(self, request: UpdateFirmwareRequest) -> Answer:
        """Check what can be checked before the file is here, accept, and go to work afterwards (L01.FR.21)."""
        refusal = self._requests.refusal(request, self._job, full=self._notifier.full)
        if refusal is not None:
            status, code, text = refusal
            info = StatusInfo(reason_code=code, additional_info=text[:512])
            return Answer(UpdateFirmwareResponse(status=status, status_info=info))
        busy = self._job is not None and not self._job.over
        if self._task is not None:
            self._task.cancel()
            self._task = None
        firmware = request.firmware
        self._keep(
            FirmwareJob(
                request_id=request.request_id,
                location=firmware.location,
                retrieve_at=firmware.retrieve_date_time,
                install_at=firmware.install_date_time,
                certificate=firmware.signing_certificate or "",
                signature=firmware.signature or "",
                retries=request.retries,
                interval=interval_of(request.retry_interval),
            )
        )
        self._work.after(self._file.discard)
        status = UpdateFirmwareStatusEnum.AcceptedCanceled if busy else UpdateFirmwareStatusEnum.Accepted
        return Answer(UpdateFirmwareResponse(status=status), then=self._wake)

    # The work

    def _wake(self) -> None:
        running = self._task is not None and not self._task.done()
        if self._due() is not None and not running:
            self._task = self._work.spawn("firmware update", self._carry_on, Lifetime.Job, self._broke_off)

    def _due(self) -> FirmwareJob | None:
        """Return the job if there is something to do; after the reboot there is not, but to be accepted."""
        job = self._job
        if job is None or job.status not in self._stages or (self._rebooting() and not self._leaving):
            return None
        return job

    async def _carry_on(self) -> None:
        """Go on from wherever the job stands until it ends, or the station reboots."""
        while (job := self._due()) is not None:
            await self._stages[job.status](job)

    def _broke_off(self) -> None:
        """A mistake of ours keeps the update from going on; the CSMS hears that it has failed."""
        if self._job is not None:
            steps = [step for step in (UpdateStep.GaveUp, UpdateStep.Failed) if step in UPDATE[self._job.status]]
            if steps and not self._rebooting():
                self._fail(steps[0])
            elif self._rebooting() and self._world.firmware is not None:
                self._trial.back()

    async def _await_download(self, job: FirmwareJob) -> None:
        """Wait for retrieveDateTime, and for transactions where the product cannot do both (L01.FR.13, AQ-7)."""
        never = self._requests.never(job.retrieve_at)
        if never is not None and job.status is not Status.DownloadPaused:
            # The clock was set back, or an earlier version accepted it; it must not stand in the way of later updates.
            _log.error("the firmware is not downloaded: %s", never)
            self._fail(UpdateStep.GaveUp)
            return
        alone = not self._world.product.has(Feature.FIRMWARE_DOWNLOADED_DURING_TRANSACTION)
        if job.status is Status.Idle and self._standstill.too_early(job.retrieve_at, alone):
            self._step(UpdateStep.Wait)
        await self._until(job.retrieve_at, alone)
        self._step(UpdateStep.Begin)

    async def _download(self, job: FirmwareJob) -> None:
        """Do one attempt; the next one goes on where it broke off (L01.FR.30)."""
        try:
            if not await self._file.fetched(job):
                self._step(UpdateStep.Pause)
                return
        except (FileRefused, TransferFailed) as failure:
            _log.warning("firmware from %s: %s", shown(job.location), failure)
            await self._failed(job, failure.reason)
            return
        self._step(UpdateStep.Arrived)

    async def _failed(self, job: FirmwareJob, reason: Reason) -> None:
        if last_attempt(job.retries, job.failed, reason):
            self._fail(UpdateStep.GaveUp)
            return
        with self._work.unit():
            self._keep(msgspec.structs.replace(job, failed=job.failed + 1))
        await asyncio.sleep(job.interval)

    async def _verify(self, job: FirmwareJob) -> None:
        """Check the signature over the whole file (L01.FR.03, L01.FR.04)."""
        try:
            signed = await self._world.signatures.signed(job.certificate, job.signature, self._file.chunks())
        except TransferFailed as failure:
            _log.error("the downloaded firmware cannot be read: %s", failure)
            self._fail(UpdateStep.GaveUp)
            return
        if signed:
            self._step(UpdateStep.Signed)
        else:
            with self._work.unit():
                self._work.announce(SecurityEvent("InvalidFirmwareSignature"))
                self._fail(UpdateStep.Forged)

    async def _await_install(self, job: FirmwareJob) -> None:
        """Wait for installDateTime, and for transactions where the product cannot do both (L01.FR.06, L01.FR.16)."""
        never = self._requests.never(job.install_at)
        if never is not None:
            _log.error("the firmware is not installed: %s", never)
            self._fail(UpdateStep.Failed)
            return
        alone = not self._world.product.has(Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION)
        if job.status is Status.SignatureVerified and self._standstill.too_early(job.install_at, alone):
            self._step(UpdateStep.Wait)
        await self._until(job.install_at, alone)
        self._step(UpdateStep.Install)

    async def _install(self, _job: FirmwareJob) -> None:
        """Write the image into the free slot, and reboot into it once nobody charges (L01.FR.29, L01.FR.33).

        A product that installs beside transactions does without the reboot while one runs, but for a machine that is
        switched to another firmware.
        """
        try:
            image = await self._file.staged()
        except (ImageBroken, NotInstalled, TransferFailed) as failure:
            _log.error("the firmware cannot be installed: %s", failure)
            self._fail(UpdateStep.Damaged if isinstance(failure, ImageBroken) else UpdateStep.Failed)
            return
        beside = self._world.product.has(Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION) and self._world.firmware is None
        if self._standstill.charging and beside:
            await self._switch(image)
            return
        await self._standstill.until(None, alone=True)
        with self._work.unit():
            self._trial.choose(image)
            self._leaving = True
            self._step(UpdateStep.Activate)
            self._work.after(self._file.discard)

    async def _activate(self, _job: FirmwareJob) -> None:
        """Let the last messages reach the CSMS, and reboot into the new firmware."""
        await self._notifier.delivered(DELIVERY)
        await self._csms.drained(DELIVERY)
        try:
            await self._trial.switch_machine()
        except NotInstalled as failure:
            await self._take_back(failure)
            return
        self._leaving = False
        self._world.reboot(BootReasonEnum.FirmwareUpdate)

    async def _take_back(self, failure: NotInstalled) -> None:
        """The machine does not come up with the new firmware: the old one runs on, without a reboot."""
        _log.error("the new firmware does not run: %s", failure)
        with self._work.unit():
            self._trial.drop()
        await self._trial.switch_machine()
        self._leaving = False
        self._fail(UpdateStep.Failed)

    async def _switch(self, image: Image) -> None:
        """Go on with the new firmware without a reboot, over a new connection (L01.FR.28, TC_L_16).

        The next boot tries it as any other: until the CSMS has accepted it, the old one is there to come back.
        """
        with self._work.unit():
            self._trial.choose(image)
        await self._notifier.delivered(DELIVERY)
        self._linked.clear()
        self._csms.reconnect("new firmware")
        with suppress(TimeoutError):
            async with asyncio.timeout(CONFIRM):
                await self._linked.wait()
        with self._work.unit():
            self._proven()
            self._work.after(self._file.discard)

    def _proven(self) -> None:
        """The new firmware is the one that runs (L01.FR.28, L01.FR.31)."""
        self._step(UpdateStep.Proven)
        self._work.announce(SecurityEvent("FirmwareUpdated"))

    # Steps and waiting

    async def _until(self, moment: datetime | None, alone: bool) -> None:
        """Wait for a moment and for transactions; that these had to end is remembered (L01.FR.07)."""
        if await self._standstill.until(moment, alone) and self._job is not None:
            with self._work.unit():
                self._keep(msgspec.structs.replace(self._job, waited=True))

    def _step(self, step: UpdateStep) -> None:
        """Take a step and tell the CSMS (L01.FR.01, L01.FR.10)."""
        if self._job is None:
            return
        with self._work.unit():
            job = self._keep(self._job.after(step))
            self._notifier.tell(job.status, job.request_id)
            self._work.announce(SettingChanged(f"firmware update {job.request_id}: {job.status}"))
            self._work.announce(FactsChanged())

    def _fail(self, step: UpdateStep) -> None:
        """Take a step that ends the update; the file is of no use any more."""
        with self._work.unit():
            self._step(step)
            self._work.after(self._file.discard)

    def _keep(self, job: FirmwareJob) -> FirmwareJob:
        previous = self._job
        self._work.undo(lambda: setattr(self, "_job", previous))
        self._job = job
        self._work.write(Put(KIND, "", to_row(job)))
        return job

    @hears(SessionMoved)
    def when_session_moved(self, _moved: SessionMoved) -> None:
        """Look again whether somebody charges."""
        self._standstill.look()

    def _closed(self) -> bool:
        """Say whether free EVSEs stay free (L01.FR.07): while transactions are waited for, and while it is installed.

        Waiting closes them only where new sessions are not allowed meanwhile (C-20), and then until it is installed.
        """
        installing = self._job is not None and self._job.status is Status.Installing
        if self._leaving or (installing and not self._world.product.has(Feature.FIRMWARE_INSTALLED_DURING_TRANSACTION)):
            return True
        waits = self._standstill.awaited or (self._job is not None and self._job.waited and not self._job.over)
        return waits and not self._device.charging_station.allow_new_sessions_pending_firmware_update

    @changed(ChargingStation.allow_new_sessions_pending_firmware_update)
    def rearm_new_sessions(self) -> None:
        """The setting counts at once."""
        self._work.announce(FactsChanged())

    def _trigger_firmware_status(self, _evse: EVSE | None) -> Send:
        """Say the last status, or Idle without a requestId (F06.FR.16, L01.FR.25, L01.FR.26)."""

        def send() -> None:
            job = self._job
            idle = job is None or job.status in (Status.Idle, Status.Installed)
            now = FirmwareStatusNotificationRequest(status=Status.Idle)
            if job is not None and not idle:
                now = _notification(job.status, job.request_id)
            self._csms.calls.send(now, Cause.Asked)

        return send


def _notification(status: str, request_id: int) -> FirmwareStatusNotificationRequest:
    return FirmwareStatusNotificationRequest(status=Status(status), request_id=request_id)
