"""Block L."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from ohmstead.blocks import l_firmware
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.lab.readings.l_firmware import (
    ACTIVATED_LATER,
    DOWNLOAD_UNTOLD,
    DOWNLOADING_AGAIN,
    INSTALLED_FIRST,
    PLACE_LEFT_BEFORE_INSTALLING,
    REBOOT_AHEAD,
    SCHEDULE_UNTOLD,
    UNTRUSTED_SIGNER,
)
from ohmstead.model.firmware import FirmwareJob, UpdateStep
from ohmstead.model.obstacles import Standing
from ohmstead.ports.firmware import Image
from ohmstead.wire.messages import ConnectorStatusEnum, UpdateFirmwareStatusEnum
from ohmstead.wire.messages import FirmwareStatusEnum as Status
from tests.lab.mutation import replaced, set_to
from tests.lab.shown import Shown
from tests.lab.wrongs import answered

Stage = Callable[..., Awaitable[None]]
Take = Callable[[LFirmware, UpdateStep], None]


@contextmanager
def _all(*wrongs: AbstractContextManager[None]) -> Iterator[None]:
    with ExitStack() as stack:
        for wrong in wrongs:
            stack.enter_context(wrong)
        yield


def _left_open(right: Callable[..., ConnectorStatusEnum], self: Standing, evse_id: int, connector_id: int) -> object:
    status = right(self, evse_id, connector_id)
    first = (evse_id, connector_id) == (1, 1)
    return ConnectorStatusEnum.Available if first and status is ConnectorStatusEnum.Unavailable else status


def _told_as(said: dict[UpdateStep, Status | None]) -> Callable[..., None]:
    """Some steps are told as another status, or not at all."""

    def wrong(right: Take, self: LFirmware, step: UpdateStep) -> None:
        if step not in said or self._job is None:
            right(self, step)
            return
        with self._work.unit():
            job, status = self._keep(self._job.after(step)), said[step]
            if status is not None:
                self._notifier.tell(status, job.request_id)

    return wrong


def _tell(self: LFirmware, job: FirmwareJob, status: Status) -> None:
    with self._work.unit():
        self._notifier.tell(status, job.request_id)


async def _beside_transactions(_right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    await self._standstill.until(job.install_at, alone=False)
    self._step(UpdateStep.Install)


async def _announces(right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    """The reboot is told when the image is in its slot, though it has to wait."""
    await asyncio.sleep(5)
    _tell(self, job, Status.InstallRebooting)
    await right(self, job)


async def _says_again(right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    if job.failed:
        _tell(self, job, Status.Downloading)
    await right(self, job)


def _third(_retries: int | None, failed: int, _reason: object) -> bool:
    return failed == 2


async def _waits_and_reboots(_right: Callable[..., Awaitable[None]], self: LFirmware, image: Image) -> None:
    await self._standstill.until(None, alone=True)
    with self._work.unit():
        self._trial.choose(image)
        self._leaving = True
        self._step(UpdateStep.Activate)


SILENT = _told_as({UpdateStep.Wait: None})
AHEAD = _told_as({UpdateStep.Activate: None})
AT_ONCE = _told_as({UpdateStep.Activate: Status.Installed, UpdateStep.Proven: None})
_FIRST = [
    Shown(
        reading=INSTALLED_FIRST,
        case=case,
        mutate=lambda: replaced(LFirmware, "_step", AT_ONCE),
        fails="tool",
        product=product,
    )
    for case, product in (
        ("TC_L_01_CS", "sec1000-240y"),
        ("TC_L_02_CS", "sec1000-240y"),
        ("TC_L_03_CS", "sec1000-240y"),
        ("TC_L_10_CS", "flagship"),
        ("TC_L_11_CS", "sec1000-240y"),
        ("TC_L_14_CS", "sec1000-240y"),
        ("TC_L_15_CS", "sec1000-240y"),
        ("TC_L_12_CS", "dc-pair"),
        ("TC_L_13_CS", "ac-sockets"),
    )
]
_SILENT = [
    Shown(
        reading=SCHEDULE_UNTOLD,
        case=case,
        mutate=lambda: replaced(LFirmware, "_step", SILENT),
        fails="tool",
    )
    for case in ("TC_L_14_CS", "TC_L_15_CS")
]
SHOWN = (
    Shown(
        reading=PLACE_LEFT_BEFORE_INSTALLING,
        case="TC_L_15_CS",
        mutate=lambda: replaced(Standing, "connector_status", _left_open),
        fails="specification",
    ),
    *_FIRST,
    *_SILENT,
    Shown(
        reading=DOWNLOAD_UNTOLD,
        case="TC_L_13_CS",
        mutate=lambda: replaced(LFirmware, "_step", SILENT),
        fails="specification",
        product="dc-pair",
    ),
    Shown(
        reading=ACTIVATED_LATER,
        case="TC_L_16_CS",
        mutate=lambda: replaced(LFirmware, "_switch", _waits_and_reboots),
        fails="tool",
        product="ac-single",
    ),
    Shown(
        reading=REBOOT_AHEAD,
        case="TC_L_15_CS",
        mutate=lambda: _all(
            replaced(LFirmware, "_await_install", _beside_transactions),
            replaced(LFirmware, "_install", _announces),
            replaced(LFirmware, "_step", AHEAD),
        ),
        fails="tool",
    ),
    Shown(
        reading=UNTRUSTED_SIGNER,
        case="TC_L_05_CS",
        mutate=answered(LFirmware, "on_update_firmware", status=UpdateFirmwareStatusEnum.RevokedCertificate),
        fails="specification",
    ),
    Shown(
        reading=DOWNLOADING_AGAIN,
        case="TC_L_07_CS",
        mutate=lambda: _all(
            replaced(LFirmware, "_download", _says_again),
            set_to(l_firmware, "last_attempt", _third),
        ),
        fails="tool",
    ),
)
