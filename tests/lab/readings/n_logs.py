"""Block N: logs."""

from collections.abc import Callable

import msgspec

from ohmstead.blocks.n_logs import LogJob, NLogs
from ohmstead.lab.readings.n_logs import CANCELLED_FIRST, LOG_NAMED, RETRY_INTERVAL
from ohmstead.ports.calls import Answer
from ohmstead.wire.messages import GetLogRequest, GetLogResponse, LogEnum, UploadLogStatusEnum
from tests.lab.mutation import replaced
from tests.lab.shown import Shown


def _security_unnamed(right: Callable[..., Answer], self: NLogs, request: GetLogRequest) -> Answer:
    answer = right(self, request)
    if request.log_type is not LogEnum.SecurityLog or not isinstance(answer.response, GetLogResponse):
        return answer
    return Answer(msgspec.structs.replace(answer.response, filename=None), answer.then)


def _takes_its_time(right: Callable[..., LogJob], self: NLogs, request: GetLogRequest) -> LogJob:
    job = right(self, request)
    return msgspec.structs.replace(job, interval=job.interval + 3)


def _ends_later(right: Callable[[NLogs], None], self: NLogs) -> None:
    """The upload that was cancelled says so when it has come to its end."""
    job, self._job = self._job, None
    right(self)
    assert job is not None
    self._work.later(0.3, lambda: self._notifier.tell(UploadLogStatusEnum.AcceptedCanceled, job.request_id))


SHOWN = (
    Shown(
        reading=LOG_NAMED,
        case="TC_N_35_CS",
        mutate=lambda: replaced(NLogs, "on_get_log", _security_unnamed),
        fails="specification",
    ),
    Shown(
        reading=RETRY_INTERVAL,
        case="TC_N_26_CS",
        mutate=lambda: replaced(NLogs, "_job_of", _takes_its_time),
        fails="tool",
    ),
    Shown(
        reading=CANCELLED_FIRST,
        case="TC_N_36_CS",
        mutate=lambda: replaced(NLogs, "_cancel", _ends_later),
        fails="tool",
        product="flagship",
    ),
)
