"""Mutants of block L: firmware updates."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import datetime

from ohmstead.blocks import firmware_file, l_firmware
from ohmstead.blocks.firmware_request import Refusal, UpdateRequests
from ohmstead.blocks.firmware_trial import FirmwareTrial
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.blocks.standstill import Standstill
from ohmstead.edge.signatures import X509Signatures
from ohmstead.model.firmware import FirmwareJob, UpdateStep
from ohmstead.ports import firmware
from ohmstead.ports.firmware import Image, ImageBroken
from ohmstead.wire.messages import FirmwareStatusNotificationRequest, UpdateFirmwareRequest
from tests.lab.mutation import Mutant, replaced, set_to


def _nothing(_right: object, *_arguments: object) -> None:
    """Nothing is done."""


def _another_id(
    right: Callable[[str, int], FirmwareStatusNotificationRequest], status: str, request_id: int
) -> FirmwareStatusNotificationRequest:
    return right(status, request_id + 1)


def _never_waits(_right: object, *_arguments: object) -> bool:
    return False


async def _at_any_moment(
    right: Callable[..., Awaitable[bool]], self: Standstill, _moment: datetime | None, alone: bool
) -> bool:
    return await right(self, None, alone)


async def _beside_transactions(
    right: Callable[..., Awaitable[bool]], self: Standstill, moment: datetime | None, alone: bool
) -> bool:
    del alone
    await asyncio.sleep(1)  # Else a download that somebody interrupts would begin anew without end.
    return await right(self, moment, False)


def _without_fault(_right: object, *_arguments: object) -> None:
    """Every certificate will do."""


def _signed(_right: object, *_arguments: object) -> bool:
    return True


def _not_refused(code: str) -> Callable[..., Refusal | None]:
    def wrong(
        right: Callable[..., Refusal | None],
        self: UpdateRequests,
        request: UpdateFirmwareRequest,
        job: FirmwareJob | None,
        *,
        full: bool,
    ) -> Refusal | None:
        refusal = right(self, request, job, full=full)
        return None if refusal is not None and refusal[1] == code else refusal

    return wrong


def _never_the_last(*_arguments: object) -> bool:
    return False


async def _header_only(chunks: AsyncIterable[bytes]) -> Image:
    found = firmware._header(b"".join([chunk async for chunk in chunks]))
    if found is None:
        raise ImageBroken("it has no header")
    return found[0]


def _silent_about(*silent: UpdateStep) -> Callable[..., None]:
    def wrong(right: Callable[..., None], self: LFirmware, step: UpdateStep) -> None:
        if step not in silent:
            right(self, step)
        elif self._job is not None:
            with self._work.unit():
                self._keep(self._job.after(step))

    return wrong


def _closes_anyway(right: Callable[[LFirmware], bool], self: LFirmware) -> bool:
    return right(self) or self._standstill.awaited


def _stays_open(_right: object, _self: LFirmware) -> bool:
    return False


MUTANTS = (
    Mutant(
        "firmware-request-id",
        "A firmware status carries another requestId.",
        lambda: replaced(l_firmware, "_notification", _another_id),
        "L",
    ),
    Mutant(
        "firmware-not-activated",
        "The station reboots, but not into the new firmware.",
        lambda: replaced(FirmwareTrial, "_put_slots", _nothing),
        "L",
    ),
    Mutant(
        "firmware-not-scheduled",
        "A moment or a transaction that has to be waited for is not told, though waited for.",
        lambda: replaced(Standstill, "too_early", _never_waits),
        "L",
    ),
    Mutant(
        "firmware-moments-ignored",
        "Download and installation are told to be scheduled, and begin at once.",
        lambda: replaced(Standstill, "until", _at_any_moment),
        "L",
    ),
    Mutant(
        "firmware-beside-transactions",
        "Firmware is installed and activated while a transaction runs.",
        lambda: replaced(Standstill, "until", _beside_transactions),
        "L",
    ),
    Mutant(
        "firmware-any-signer",
        "Every signing certificate is trusted.",
        lambda: replaced(X509Signatures, "fault", _without_fault),
        "L",
    ),
    Mutant(
        "firmware-signature-unchecked",
        "Every signature will do.",
        lambda: replaced(X509Signatures, "signed", _signed),
        "L",
    ),
    Mutant(
        "firmware-unsigned-accepted",
        "Firmware without certificate and signature is accepted.",
        lambda: replaced(UpdateRequests, "refusal", _not_refused("MissingParam")),
        "L",
    ),
    Mutant(
        "firmware-download-never-given-up",
        "A download that fails is tried for ever.",
        lambda: set_to(l_firmware, "last_attempt", _never_the_last),
        "L",
    ),
    Mutant(
        "firmware-checksum-unchecked",
        "An image is installed whatever its checksum says.",
        lambda: set_to(firmware_file, "opened", _header_only),
        "L",
    ),
    Mutant(
        "firmware-second-update-accepted",
        "A second update cancels the first, which this product cannot.",
        lambda: replaced(UpdateRequests, "refusal", _not_refused("FwUpdateInProgress")),
        "L",
    ),
    Mutant(
        "firmware-downloaded-untold",
        "Downloaded is not told.",
        lambda: replaced(LFirmware, "_step", _silent_about(UpdateStep.Arrived)),
        "L",
    ),
    Mutant(
        "firmware-installed-untold",
        "Installed is not told.",
        lambda: replaced(LFirmware, "_step", _silent_about(UpdateStep.Proven)),
        "L",
    ),
    Mutant(
        "firmware-closes-anyway",
        "Free EVSEs close while transactions are waited for, though new sessions are allowed.",
        lambda: replaced(LFirmware, "_closed", _closes_anyway),
        "L",
    ),
    Mutant(
        "firmware-stays-open",
        "Free EVSEs stay free, though new sessions are not allowed.",
        lambda: replaced(LFirmware, "_closed", _stays_open),
        "L",
    ),
)
