"""Each of the twenty bugs is a failure of some case, and the failure says what is wrong."""

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.external_campaign import ExternalCampaign
from ohmstead.lab.rigs.hand import LeasableHand
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.results import Results, ResultsHead
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.hand import Action, HandRefused
from ohmstead.product.load import load
from tests.first_hour.bugs import BUGS, drawn
from tests.first_hour.station import UnknownStation

PRODUCT = load(Path(__file__).with_name("unknown.toml"))
PASSWORD = "a-password-of-its-own"
NOTICED = {
    "boot-reason": ("B_01", "BootNotificationRequest.reason", "Unknown"),
    "no-status": ("G_01", "StatusNotificationRequest.connectorStatus", "none"),
    "never-occupied": ("G_01", "StatusNotificationRequest.connectorStatus", "Available"),
    "seq-no-stands": ("E_03", "TransactionEventRequest.seqNo", "0"),
    "no-charging": ("E_03", "TransactionEventRequest", "none"),
    "remote-trigger": ("F_01", "TransactionEventRequest.triggerReason", "Authorized"),
    "no-remote-start-id": ("F_01", "TransactionEventRequest.transactionInfo.remoteStartId", ""),
    "invalid-charges": ("C_02", "TransactionEventRequest", "Started"),
    "stopped-reason": ("F_08", "TransactionEventRequest.transactionInfo.stoppedReason", "Local"),
    "no-last-meter": ("J_10", "TransactionEventRequest.meterValue", ""),
    "sets-read-only": ("B_39", "setVariableResult.attributeStatus", "Accepted"),
    "knows-all-variables": ("B_33", "getVariableResult.attributeStatus", "Accepted"),
    "report-without-end": ("B_12", "NotifyReportRequest", "none"),
    "reset-at-once": ("B_21", "ResetResponse.status", "Accepted"),
    "away-at-once": ("G_11", "ChangeAvailabilityResponse.status", "Accepted"),
    "trigger-unheeded": ("F_20", "HeartbeatRequest", "none"),
    "stops-unknown": ("F_09", "RequestStopTransactionResponse.status", "Accepted"),
    "forgets-offline": ("E_40", "TransactionEventRequest", "none"),
    "waits-for-ever": ("E_05", "", ""),
    "local-time": ("G_03", "StatusNotification", "no offset from UTC"),
}
"""Bug -> a case that notices it, and what its reason says: message and field, and what came."""
BATCHES = [sorted(BUGS)[at : at + 5] for at in range(0, len(BUGS), 5)]


class BenchHand(LeasableHand):
    """The bench of a station in this process."""

    def __init__(self, station: UnknownStation) -> None:
        self._station = station

    async def perform(self, action: Action) -> None:
        """Do it there; nothing watches a parking bay."""
        if isinstance(action, self.needless):
            return
        fields = {name: getattr(action, name) for name in action.__struct_fields__}
        problem = await self._station.act(action.name, fields)
        if problem:
            raise HandRefused(problem)


async def _judged(folder: Path, name: str, *bugs: str) -> Result:
    """Run a case on a station with bugs."""
    async with AsyncExitStack() as stack:
        station = UnknownStation(PASSWORD, bugs=frozenset(bugs))
        place = ListenAddress.parse("ws://127.0.0.1:0")
        provisioning = Provisioning(password=PASSWORD, security_profile=1)
        rig = ExternalRig(PRODUCT, place, BenchHand(station), provisioning, folder, tolerance=0.6, patience=8.0)
        await rig.listen()
        stack.push_async_callback(rig.close)
        task = asyncio.create_task(station.run(rig.url))
        results = Results(None, ResultsHead(product=PRODUCT.name))
        try:
            await ExternalCampaign(rig, PRODUCT, LabConfig(), results, None).run([load_cases()[f"TC_{name}_CS"]])
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return results.done[f"TC_{name}_CS"]


async def _all(folder: Path, batch: list[str], *, wrong: bool) -> list[Result]:
    return await asyncio.gather(*(_judged(folder / bug, NOTICED[bug][0], *([bug] if wrong else [])) for bug in batch))


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch[0])
def test_each_bug_is_noticed_and_said(tmp_path: Path, batch: list[str]) -> None:
    for bug, result in zip(batch, asyncio.run(_all(tmp_path, batch, wrong=True)), strict=True):
        _, field, got = NOTICED[bug]
        assert result.verdict is Verdict.FAIL, (bug, result.verdict, result.reason)
        assert result.finding is not None
        assert [word for word in field.split(".") if word not in result.reason] == [], (bug, result.reason)
        assert got in result.finding.got, (bug, result.reason)


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch[0])
def test_the_station_without_bugs_passes_there(tmp_path: Path, batch: list[str]) -> None:
    for bug, result in zip(batch, asyncio.run(_all(tmp_path, batch, wrong=False)), strict=True):
        assert result.verdict is Verdict.PASS, (bug, result.reason)


def test_a_seed_draws_five_of_twenty() -> None:
    assert len(BUGS) == 20
    assert NOTICED.keys() == BUGS.keys()
    assert drawn(7) == drawn(7)
    assert len(drawn(7)) == 5
    assert frozenset().union(*map(drawn, range(60))) == BUGS.keys()
