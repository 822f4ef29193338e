"""A case asks for what its texts ask for: stations that it has to pass though they are unlike ours, and lax ones."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import msgspec
import pytest

from ohmstead.blocks import firmware_file
from ohmstead.blocks.b_variables import BVariables
from ohmstead.blocks.l_firmware import LFirmware
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rigs.memory import run_in_memory
from ohmstead.lab.verdict import Verdict
from ohmstead.model import session
from ohmstead.model.device import reports
from ohmstead.model.events import Accepted
from ohmstead.model.firmware import FirmwareJob, UpdateStep
from ohmstead.model.session import Session, TransactionStep
from ohmstead.ports import firmware
from ohmstead.ports.calls import Cause
from ohmstead.ports.firmware import Image
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from ohmstead.wire.messages import (
    BootReasonEnum,
    FirmwareStatusEnum,
    IdToken,
    IdTokenEnum,
    ReasonEnum,
    SetVariableStatusEnum,
)
from tests.lab.mutation import replaced, set_to

Stage = Callable[..., Awaitable[None]]
Steps = Callable[..., tuple[Session, TransactionStep]]
Wrong = Callable[[], AbstractContextManager[None]]


def _verdict(case: str, mutate: Wrong) -> tuple[Verdict, str]:
    product = "flagship" if case == "TC_L_10_CS" else "sec1000-240y"
    result = run_in_memory(load_cases()[case], load(product), LabConfig(), mutate=mutate)
    return result.verdict, result.reason


def _all(*wrongs: Wrong) -> Wrong:
    @contextmanager
    def together() -> Iterator[None]:
        with ExitStack() as stack:
            for wrong in wrongs:
                stack.enter_context(wrong())
            yield

    return together


# Unlike ours, and right


def _slow_report(right: Callable[..., None], self: BVariables, request_id: int, entries: object) -> None:
    """The report is made at once; its parts take their time."""
    del right
    now = self._world.clock.now()
    calls = self._backlog._csms.calls

    async def send() -> None:
        parts = reports.parts(entries)  # type: ignore[arg-type]
        for seq_no, part in enumerate(parts):
            await asyncio.sleep(1)
            notify = wire.NotifyReportRequest(
                request_id=request_id, generated_at=now, seq_no=seq_no, report_data=part, tbc=seq_no < len(parts) - 1
            )
            calls.send(notify, Cause.Asked)

    self._work.spawn("report", send)


def _says_nothing_of_persistence(right: Callable[..., wire.ReportData], *arguments: object) -> wire.ReportData:
    entry = right(*arguments)
    attributes = tuple(msgspec.structs.replace(one, persistent=None) for one in entry.variable_attribute)
    return msgspec.structs.replace(entry, variable_attribute=attributes)


def _wants_a_moment_to_come(
    right: Callable[..., wire.SetVariablesResponse], self: BVariables, request: wire.SetVariablesRequest
) -> wire.SetVariablesResponse:
    response = right(self, request)
    results = tuple(
        msgspec.structs.replace(one, attribute_status=SetVariableStatusEnum.Rejected)
        if one.variable.name == "NextTimeOffsetTransitionDateTime"
        else one
        for one in response.set_variable_result
    )
    return msgspec.structs.replace(response, set_variable_result=results)


def _token_of_reset(right: Steps, *arguments: object) -> object:
    following, step = right(*arguments)
    if step.stopped_reason is ReasonEnum.ImmediateReset:
        token = IdToken(id_token="04A1B2C3D4E5F6", type=IdTokenEnum.ISO14443)
        step = msgspec.structs.replace(step, id_token=token)
    return following, step


def _small_letters(right: Steps, *arguments: object) -> object:
    following, step = right(*arguments)
    if step.id_token is not None:
        token = msgspec.structs.replace(step.id_token, id_token=step.id_token.id_token.lower())
        step = msgspec.structs.replace(step, id_token=token)
    return following, step


# Firmware


def _tell(self: LFirmware, status: FirmwareStatusEnum, request_id: int) -> None:
    with self._work.unit():
        self._notifier.tell(status, request_id)


async def _beside_transactions(_right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    """It installs at once, and reboots with the last transaction, whose cable is still in."""
    await self._standstill.until(job.install_at, alone=False)
    self._step(UpdateStep.Install)


async def _cancelled_late(right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    _tell(self, FirmwareStatusEnum.DownloadFailed, job.request_id - 1)
    await right(self, job)


async def _reboots_before(_right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    with self._work.unit():
        self._keep(job.after(UpdateStep.Install))
        self._notifier.tell(FirmwareStatusEnum.InstallRebooting, job.request_id)
    await self._notifier.delivered(10)
    with self._work.unit():
        self._world.reboot(BootReasonEnum.FirmwareUpdate)
    await asyncio.sleep(60)


async def _installs_then(right: Stage, self: LFirmware, job: FirmwareJob) -> None:
    _tell(self, FirmwareStatusEnum.Installing, job.request_id)
    await right(self, job)


def _comes_back(right: Callable[[LFirmware, Accepted], None], self: LFirmware, accepted: Accepted) -> None:
    """The new firmware did not work: after the reboot the old one is there."""
    self._trial.running = False
    right(self, accepted)


async def _opened(chunks: AsyncIterable[bytes]) -> Image:
    found = firmware._header(b"".join([chunk async for chunk in chunks]))
    assert found is not None
    return found[0]


def _out_of_service(right: Callable[[LFirmware], bool], self: LFirmware) -> bool:
    broken = self._job is not None and self._job.status is FirmwareStatusEnum.InstallVerificationFailed
    return broken or right(self)


def _open(*_arguments: object) -> bool:
    """Connectors stay Available while firmware is installed."""
    return False


TWO_REBOOTS = _all(
    lambda: replaced(LFirmware, "_closed", _open),
    lambda: replaced(LFirmware, "_await_install", _reboots_before),
    lambda: replaced(LFirmware, "_install", _installs_then),
)
FALLS_BACK = _all(
    lambda: replaced(LFirmware, "_closed", _open),
    lambda: set_to(firmware_file, "opened", _opened),
    lambda: replaced(LFirmware, "when_accepted", _comes_back),
)
RIGHT: dict[str, tuple[str, Wrong]] = {
    "report-made-at-once": ("TC_B_13_CS", lambda: replaced(BVariables, "_send", _slow_report)),
    "persistence-left-out": ("TC_B_53_CS", lambda: replaced(reports, "entry_of", _says_nothing_of_persistence)),
    "moment-to-come": ("TC_B_11_CS", lambda: replaced(BVariables, "on_set_variables", _wants_a_moment_to_come)),
    "token-of-evse-reset": ("TC_B_27_CS", lambda: replaced(session, "_step", _token_of_reset)),
    "reboot-beside-cable": ("TC_L_15_CS", lambda: replaced(LFirmware, "_await_install", _beside_transactions)),
    "cancelled-told-late": ("TC_L_10_CS", lambda: replaced(LFirmware, "_verify", _cancelled_late)),
    "two-reboots": ("TC_L_01_CS", TWO_REBOOTS),
    "falls-back": ("TC_L_08_CS", FALLS_BACK),
    "out-of-service": ("TC_L_08_CS", lambda: replaced(LFirmware, "_closed", _out_of_service)),
    "token-in-small-letters": ("TC_K_38_CS", lambda: replaced(session, "_step", _small_letters)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_passes(name: str) -> None:
    """Part 2 lets it be, and so does the text of the case."""
    assert _verdict(*RIGHT[name]) == (Verdict.PASS, "")


# Lax


def _without_type(method: str, results: str) -> Wrong:
    """attributeType is left out of what is Accepted (B05.FR.03, B05.FR.12, B06.FR.03)."""

    def wrong(right: Callable[..., msgspec.Struct], *arguments: object) -> object:
        response = right(*arguments)
        bare = tuple(msgspec.structs.replace(one, attribute_type=None) for one in getattr(response, results))
        return msgspec.structs.replace(response, **{results: bare})

    return lambda: replaced(BVariables, method, wrong)


LAX: dict[str, tuple[str, Wrong]] = {
    "read-without-type": ("TC_B_06_CS", _without_type("on_get_variables", "get_variable_result")),
    "set-without-type": ("TC_B_09_CS", _without_type("on_set_variables", "set_variable_result")),
}


@pytest.mark.parametrize("name", LAX)
def test_fails(name: str) -> None:
    """Both texts ask for more."""
    assert _verdict(*LAX[name])[0] is Verdict.FAIL
