"""The logs and firmware updates that the CSMS asked one station for, and how far they are (N01, L01)."""

from collections import deque
from datetime import datetime
from typing import Literal

import msgspec

from ohmstead.ports.bench import CsmsFileJob
from ohmstead.wire import messages as m
from ohmstead.wire.base import Request, Response

MOST = 20
"""Of one station that are remembered."""


class FileJobs:
    """Those of one station; a restart of the CSMS forgets them."""

    def __init__(self, station: str) -> None:
        self._station = station
        self._jobs: deque[CsmsFileJob] = deque(maxlen=MOST)

    def all(self) -> tuple[CsmsFileJob, ...]:
        """Return them, oldest first."""
        return tuple(self._jobs)

    def clear(self) -> None:
        """Forget them."""
        self._jobs.clear()

    def asked(self, request: Request[Response], response: Response, now: datetime) -> None:
        """Remember a GetLog or an UpdateFirmware with its answer; any other request is none of these."""
        if isinstance(request, m.GetLogRequest) and isinstance(response, m.GetLogResponse):
            job = CsmsFileJob(
                station=self._station,
                action="GetLog",
                request_id=request.request_id,
                asked_at=now,
                answer=response.status,
                log_type=request.log_type,
                filename=response.filename,
            )
        elif isinstance(request, m.UpdateFirmwareRequest) and isinstance(response, m.UpdateFirmwareResponse):
            job = CsmsFileJob(
                station=self._station,
                action="UpdateFirmware",
                request_id=request.request_id,
                asked_at=now,
                answer=response.status,
            )
        else:
            return
        self._jobs.append(job)

    def told(self, action: Literal["GetLog", "UpdateFirmware"], request_id: int | None, status: str) -> None:
        """Keep what the station says of the newest job with that requestId."""
        for at in reversed(range(len(self._jobs))):
            job = self._jobs[at]
            if (job.action, job.request_id) == (action, request_id):
                self._jobs[at] = msgspec.structs.replace(job, status=status)
                return
