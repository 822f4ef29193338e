"""Block N: logs go to a file server."""

import math
from collections.abc import Callable

from ohmstead.lab.cases.case import case
from ohmstead.lab.cases.checks import PRESENT, Wanted, between, differs, one_of
from ohmstead.lab.cases.tester import Tester
from ohmstead.lab.readings.n_logs import CANCELLED_FIRST, LOG_NAMED, RETRY_INTERVAL
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import LogEnum, UploadLogStatusEnum

UPLOAD = ("N01.FR.01", "N01.FR.02", "N01.FR.07", "N01.FR.08", "N01.FR.13")
CANCELLED = ("N01.FR.09", "N01.FR.12", "N01.FR.20")
RETRIES = 3
FAILURES = frozenset(
    {
        UploadLogStatusEnum.UploadFailure,
        UploadLogStatusEnum.BadMessage,
        UploadLogStatusEnum.PermissionDenied,
        UploadLogStatusEnum.NotSupportedOperation,
    }
)
IN_ORDER, REVERSED = "in this order", "the other way round"
NAMED = Wanted("a name", lambda value: isinstance(value, str) and bool(value))


async def _uploaded(t: Tester, kind: LogEnum, filename: object) -> None:
    """Ask for a log, and see it through: accepted, Uploading, Uploaded, and there it is."""
    request_id = t.next_id()
    log = wire.LogParameters(remote_location=t.files.place("logs"))
    request = wire.GetLogRequest(log_type=kind, request_id=request_id, log=log)
    await t.call(request, step=2, status="Accepted", filename=filename)
    for step, status in ((3, "Uploading"), (5, "Uploaded")):
        await t.expect(step, wire.LogStatusNotificationRequest, status=status, request_id=request_id)
    t.require(5, len(t.files.uploads) == 1, "file server: files uploaded", 1, len(t.files.uploads))
    _, content = t.files.uploads[0]
    t.require(5, bool(content), "file server: log file", "one with something in it", "an empty one")


@case("TC_N_25_CS", "The diagnostics log is uploaded", requirements=(*UPLOAD, "N01.FR.04", "N01.FR.09"))
async def diagnostics(t: Tester) -> None:
    """The response names the file."""
    await _uploaded(t, LogEnum.DiagnosticsLog, NAMED)


@case(
    "TC_N_35_CS",
    "The security log is uploaded",
    requirements=(*UPLOAD, "N01.FR.03", "N01.FR.09"),
    readings=(LOG_NAMED,),
)
async def security(t: Tester) -> None:
    """The station has booted, so there is something in it."""
    named = differs(LOG_NAMED, specification=NAMED, tool=one_of(PRESENT, None))
    await _uploaded(t, LogEnum.SecurityLog, named)


@case(
    "TC_N_36_CS",
    "Another log cancels the one that is being uploaded",
    requirements=(*UPLOAD, *CANCELLED),
    readings=(CANCELLED_FIRST,),
)
async def cancelled(t: Tester) -> None:
    """The first is told to be cancelled, before or after the second response (errata 6.2.97)."""
    log = wire.LogParameters(remote_location=t.files.place("logs"))
    first, second = (
        wire.GetLogRequest(log_type=LogEnum.DiagnosticsLog, request_id=t.next_id(), log=log) for _ in range(2)
    )
    t.files.hold(True)
    await t.call(first, step=2, status="Accepted")
    told = wire.LogStatusNotificationRequest
    await t.expect(3, told, status="Uploading", request_id=first.request_id)
    await t.call(second, step=6, status="AcceptedCanceled")
    t.files.hold(False)
    ended = await t.expect(7, told, where=_of(first), status="AcceptedCanceled")
    begun = await t.expect(9, told, where=_of(second), status="Uploading")
    seen = t.received(told)
    order = IN_ORDER if seen.index(ended) < seen.index(begun) else REVERSED
    wanted = differs(CANCELLED_FIRST, specification=one_of(IN_ORDER, REVERSED), tool=IN_ORDER)
    t.compare(9, "LogStatusNotificationRequest.requestId: end of the first and beginning of the second", order, wanted)
    await t.expect(11, told, status="Uploaded", request_id=second.request_id)


def _of(request: wire.GetLogRequest) -> Callable[[wire.LogStatusNotificationRequest], bool]:
    return lambda told: told.request_id == request.request_id


@case(
    "TC_N_26_CS",
    "An upload fails for good",
    requirements=(*UPLOAD, "N01.FR.04", "N01.FR.10"),
    readings=(RETRY_INTERVAL,),
)
async def upload_failed(t: Tester) -> None:
    """There is no such place on the server: three retries make four attempts, an interval apart (errata 6.2.93).

    Uploading and the failure are told once each, or with every attempt.
    """
    interval = max(4, math.ceil(4 * t.rig.tolerance + 4 * t.delay))
    request_id = t.next_id()
    location = t.files.place("logs").removesuffix("logs/") + "nowhere/"
    request = wire.GetLogRequest(
        log_type=LogEnum.DiagnosticsLog,
        request_id=request_id,
        log=wire.LogParameters(remote_location=location),
        retries=RETRIES,
        retry_interval=interval,
    )
    await t.call(request, step=2, status="Accepted")
    first = await t.expect(3, wire.LogStatusNotificationRequest, status="Uploading", request_id=request_id)
    told = [first, *await _all_told(t, request_id, location, interval)]
    _check_counts(t, told)
    span = round(t.arrived(told[-1]).at - t.arrived(first).at, 2)
    least, most = RETRIES * interval - t.rig.tolerance, RETRIES * interval + t.rig.tolerance + t.delay
    wanted = differs(RETRY_INTERVAL, specification=_at_least(least), tool=between(least, most))
    t.compare(5, "LogStatusNotificationRequest: seconds to the last failure", span, wanted)
    attempts = _attempts(t, location)
    t.require(5, attempts == RETRIES + 1, "file server: attempts to upload", RETRIES + 1, attempts)


def _at_least(seconds: float) -> Wanted:
    return Wanted(f"{seconds:g} or more", lambda value: isinstance(value, float) and value >= seconds)


async def _all_told(
    t: Tester, request_id: int, location: str, interval: int
) -> list[wire.LogStatusNotificationRequest]:
    """Wait for the last attempt, which a station may put off, and for two intervals more; return what was told."""
    deadline = t.now() + 3 * RETRIES * interval
    while _attempts(t, location) <= RETRIES and t.now() < deadline:
        await t.elapse(1)
    await t.elapse(2 * interval)
    told = []
    while message := await t.maybe(wire.LogStatusNotificationRequest, within=0, request_id=request_id):
        told.append(message)
    return told


def _attempts(t: Tester, location: str) -> int:
    return sum(url.startswith(location) for url in t.files.attempts)


def _check_counts(t: Tester, told: list[wire.LogStatusNotificationRequest]) -> None:
    uploading = sum(message.status is UploadLogStatusEnum.Uploading for message in told)
    failures = sum(message.status in FAILURES for message in told)
    counts = (1, RETRIES + 1)
    field = "LogStatusNotificationRequest.status"
    t.require(3, uploading in counts, field, "Uploading 1 or 4 times", f"{uploading} times")
    t.require(5, failures in counts, field, "a failure 1 or 4 times", f"{failures} times")
    t.require(5, uploading + failures == len(told), field, "Uploading and failures only", _statuses(told))
    t.require(5, told[-1].status in FAILURES, field, "a failure at the end", _statuses(told))


def _statuses(told: list[wire.LogStatusNotificationRequest]) -> str:
    return ", ".join(message.status.value for message in told)
