"""Block N, GetLog: the diagnostics and the security log go to a file server (N01)."""

import asyncio
import logging
import re
from datetime import datetime

import msgspec

from ohmstead.blocks.context import Access, Charging, Csms, Send, World
from ohmstead.blocks.hooks import hears, serves
from ohmstead.blocks.log_files import diagnostics, is_known, security_log
from ohmstead.blocks.machine_lines import machine_lines
from ohmstead.blocks.status_notifier import StatusNotifier
from ohmstead.blocks.work import Lifetime, Task, Work
from ohmstead.model.device import DeviceModel
from ohmstead.model.events import Accepted, Online
from ohmstead.ports.calls import Answer, Cause
from ohmstead.ports.files import (
    FileRefused,
    Reason,
    TransferFailed,
    TransferTerms,
    bounded,
    checked,
    interval_of,
    last_attempt,
    shown,
    wrong_retries,
)
from ohmstead.ports.machine_log import MachineLog
from ohmstead.ports.store import Delete, Put
from ohmstead.product.feature_table import Feature
from ohmstead.wire.messages import (
    EVSE,
    GetLogRequest,
    GetLogResponse,
    LogEnum,
    LogStatusEnum,
    LogStatusNotificationRequest,
    MessageTriggerEnum,
    StatusInfo,
    UploadLogStatusEnum,
)
from ohmstead.wire.rows import from_row, to_row

KIND = "log_job"
FAILURES = {
    Reason.BadMessage: UploadLogStatusEnum.BadMessage,
    Reason.Denied: UploadLogStatusEnum.PermissionDenied,
    Reason.Unsupported: UploadLogStatusEnum.NotSupportedOperation,
}
"""What a failure is called; all others are UploadFailure."""

_log = logging.getLogger(__name__)


class LogJob(msgspec.Struct, frozen=True, kw_only=True):
    """An upload that was accepted and has not ended."""

    request_id: int
    log_type: LogEnum
    location: str
    filename: str
    oldest: datetime | None
    latest: datetime | None
    retries: int | None
    interval: int
    attempts: int = 0
    """Attempts that failed."""


class NLogs:
    """Uploads one log at a time; a job survives the power."""

    def __init__(
        self, work: Work, charging: Charging, csms: Csms, device: DeviceModel, access: Access, world: World
    ) -> None:
        self._work = work
        self._charging = charging
        self._csms = csms
        self._device = device
        self._access = access
        self._world = world
        row = world.store.get(KIND, "")
        self._job = None if row is None else _within_bounds(from_row(row, LogJob))
        self._task: Task | None = None
        self._notifier = StatusNotifier[UploadLogStatusEnum](work, csms, world, "log_status", _notification)
        csms.triggers[MessageTriggerEnum.LogStatusNotification] = self._trigger_log_status

    @hears(Accepted)
    def when_accepted(self, _accepted: Accepted) -> None:
        """Take up what a reboot interrupted."""
        self._work.after(self._notifier.resume)
        self._work.after(self._wake)

    @hears(Online)
    def when_online(self, _online: Online) -> None:
        """Tell what could not be told meanwhile."""
        self._work.after(self._notifier.resume)

    @serves(GetLogRequest)
    def on_get_log(self, request: GetLogRequest) -> Answer:
        """Accept, and upload afterwards (N01.FR.01, N01.FR.05, N01.FR.12)."""
        busy = self._job is not None
        if busy and not self._world.product.has(Feature.LOG_UPLOAD_CANCELED):
            return _rejected("Unspecified", "another log is being uploaded")
        wrong = wrong_retries(request.retries, request.retry_interval)
        if wrong is not None:
            return _rejected("InvalidValue", wrong)
        if self._notifier.full:
            return _rejected("Unspecified", "the CSMS has not taken the statuses of earlier logs yet")
        try:
            checked(request.log.remote_location, self._protocols())
        except FileRefused as refused:
            return _rejected("InvalidURL", refused.detail)
        asked = request.log
        known = is_known(self._world, request.log_type, asked.oldest_timestamp, asked.latest_timestamp)
        if not known and self._machine(request.log_type) is None:
            return _rejected("NotFound", "there is nothing of that time")
        if busy:
            self._cancel()
        job = self._keep(self._job_of(request))
        status = LogStatusEnum.AcceptedCanceled if busy else LogStatusEnum.Accepted
        return Answer(GetLogResponse(status=status, filename=job.filename), then=self._wake)

    def _job_of(self, request: GetLogRequest) -> LogJob:
        identity = re.sub(r"[^A-Za-z0-9._-]", "_", self._world.identity)
        return LogJob(
            request_id=request.request_id,
            log_type=request.log_type,
            location=request.log.remote_location,
            filename=f"{identity}-{request.log_type}-{self._world.clock.now():%Y%m%dT%H%M%SZ}.log",
            oldest=request.log.oldest_timestamp,
            latest=request.log.latest_timestamp,
            retries=request.retries,
            interval=interval_of(request.retry_interval),
        )

    def _protocols(self) -> tuple[str, ...]:
        return self._device.ocpp_comm.file_transfer_protocols

    def _content(self, kind: LogEnum, oldest: datetime | None, latest: datetime | None) -> list[bytes]:
        if kind is LogEnum.SecurityLog:
            return security_log(self._world, oldest, latest)
        return diagnostics(self._charging, self._csms, self._device, self._world, oldest, latest)

    def _machine(self, kind: LogEnum) -> MachineLog | None:
        """Return the machine's own log, which belongs to the diagnostics; what is in it is found by reading it."""
        return self._world.log if kind is LogEnum.DiagnosticsLog else None

    def _keep(self, job: LogJob) -> LogJob:
        previous = self._job
        self._work.undo(lambda: setattr(self, "_job", previous))
        self._job = job
        self._work.write(Put(KIND, "", to_row(job)))
        return job

    def _cancel(self) -> None:
        """End the running upload (N01.FR.20)."""
        if self._job is not None:
            self._notifier.tell(UploadLogStatusEnum.AcceptedCanceled, self._job.request_id)
        if self._task is not None:
            self._task.cancel()
            self._task = None

    # The upload

    def _wake(self) -> None:
        running = self._task is not None and not self._task.done()
        if self._job is not None and not running:
            self._task = self._work.spawn("log upload", self._upload, Lifetime.Job, self._broke_off)

    async def _upload(self) -> None:
        """Try until it works or enough attempts have failed; Uploading is told once an attempt (N01.FR.08)."""
        while self._job is not None:
            job = self._job
            with self._work.unit():
                self._notifier.tell(UploadLogStatusEnum.Uploading, job.request_id)
            outcome = await self._attempt(job)
            with self._work.unit():
                self._settle(job, outcome)
            if self._job is not None:
                await asyncio.sleep(job.interval)

    def _broke_off(self) -> None:
        """A mistake of ours keeps the log from being uploaded; the CSMS hears that it has failed."""
        if self._job is not None:
            self._end(self._job, UploadLogStatusEnum.UploadFailure)

    async def _attempt(self, job: LogJob) -> Reason | None:
        """Return why the attempt failed, or None."""
        content = self._content(job.log_type, job.oldest, job.latest)
        machine = self._machine(job.log_type)
        if machine is not None:
            content += await machine_lines(machine, job.oldest, job.latest)
        terms = TransferTerms(protocols=self._protocols(), roots=self._access.trust.csms_roots(fallback=False))
        try:
            await self._world.files.upload(job.location, job.filename, content, terms)
        except (FileRefused, TransferFailed) as failure:
            _log.warning("log upload to %s: %s", shown(job.location), failure)
            return failure.reason
        return None

    def _settle(self, job: LogJob, reason: Reason | None) -> None:
        if reason is not None and not last_attempt(job.retries, job.attempts, reason):
            self._keep(msgspec.structs.replace(job, attempts=job.attempts + 1))
            return
        status = UploadLogStatusEnum.Uploaded
        if reason is not None:
            status = FAILURES.get(reason, UploadLogStatusEnum.UploadFailure)
        self._end(job, status)

    def _end(self, job: LogJob, status: UploadLogStatusEnum) -> None:
        self._notifier.tell(status, job.request_id)
        self._work.undo(lambda: setattr(self, "_job", job))
        self._job = None
        self._work.write(Delete(KIND, ""))

    def _trigger_log_status(self, _evse: EVSE | None) -> Send:
        """Say Uploading with the requestId, or Idle without one (F06.FR.14, F06.FR.15, N01.FR.13)."""

        def send() -> None:
            job = self._job
            idle = LogStatusNotificationRequest(status=UploadLogStatusEnum.Idle)
            uploading = UploadLogStatusEnum.Uploading
            self._csms.calls.send(idle if job is None else _notification(uploading, job.request_id), Cause.Asked)

        return send


def _notification(status: str, request_id: int) -> LogStatusNotificationRequest:
    return LogStatusNotificationRequest(status=UploadLogStatusEnum(status), request_id=request_id)


def _rejected(code: str, text: str) -> Answer:
    info = StatusInfo(reason_code=code, additional_info=text)
    return Answer(GetLogResponse(status=LogStatusEnum.Rejected, status_info=info))


def _within_bounds(job: LogJob) -> LogJob:
    """Return a stored job so that it ends one day, also if an earlier version accepted more retries."""
    retries, interval = bounded(job.retries, job.interval)
    return msgspec.structs.replace(job, retries=retries, interval=interval)
