"""The external rig on a station that is not ours: what it passes, what it fails, and why each failure is its own."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from ohmstead.cli.lab.prompt import PromptHand
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.external_campaign import ExternalCampaign
from ohmstead.lab.rigs.hand import HttpHand
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.results import Results, ResultsHead
from ohmstead.lab.verdict import Result
from ohmstead.ports.hand import Arrive, Fault
from ohmstead.product.load import load
from tests.peers.stranger import Stranger, serving, stranger

PRODUCT = str(Path(__file__).with_name("stranger.toml"))
PASSWORD = "a-password-of-its-own"
KNOWN = (
    {
        "B_01": "Booted.7: SecurityEventNotificationRequest: wanted one with type StartupOfTheDevice "
        "or ResetOrReboot within 8 s, got none",
        "B_06": "",
        "E_03": "",
        "F_20": "",
    },
    {
        "C_02": "",
        "F_26": "TriggerMessageResponse.status: wanted Rejected, got Accepted",
        "G_01": "",
        "P_01": "",
    },
    {
        "B_12": "GetBaseReportResponse: wanted a CALLRESULT with status Accepted, got CALLERROR NotImplemented",
        "F_08": "",
        "F_11": "",
        "G_05": "",
    },
    {
        "B_21": "ResetResponse.status: wanted Scheduled, got Accepted",
        "F_01": "",
        "G_06": "",
    },
    {
        "E_30": "GetTransactionStatusResponse: wanted a CALLRESULT with ongoingIndicator true and "
        "messagesInQueue false, got CALLERROR NotImplemented",
        "F_09": "",
    },
    {
        "F_13": "",
        "G_11": "ChangeAvailabilityResponse.status: wanted Scheduled, got Accepted",
    },
)
"""Verdicts of stations side by side: case -> what its failure says; empty: it passes."""


class Person:
    """A person who does what the terminal says, or answers something else."""

    def __init__(self, *answers: str) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def ask(self, question: str) -> str:
        """Keep the question."""
        self.asked.append(question)
        return self._answers.pop(0) if self._answers else ""


def _rig(folder: Path, hand: HttpHand | PromptHand, listen: str = "ws://127.0.0.1:0") -> ExternalRig:
    return ExternalRig(
        load(PRODUCT),
        ListenAddress.parse(listen),
        hand,
        Provisioning(password=PASSWORD, security_profile=1),
        folder,
        tolerance=0.6,
        patience=8.0,
    )


async def _campaign(folder: Path, names: list[str], results: Results) -> dict[str, Result]:
    """Run cases on a stranger of its own."""
    async with AsyncExitStack() as stack:
        station = Stranger(PASSWORD)
        hand = HttpHand(await stack.enter_async_context(serving(station)))
        stack.push_async_callback(hand.close)
        rig = _rig(folder, hand)
        await rig.listen()
        stack.push_async_callback(rig.close)
        await stack.enter_async_context(stranger(station, rig.url))
        found = dict(station.variables)
        guest = ExternalCampaign(rig, load(PRODUCT), LabConfig(), results, None)
        await guest.run([load_cases()[f"TC_{name}_CS"] for name in names])
        assert station.variables == found
        assert station.operative
        assert not station.plugged
        assert station.transaction_id is None
    return results.done


def test_verdicts_on_a_stranger(tmp_path: Path) -> None:
    """Each failure is one of the stranger's own; afterwards it is as it was found."""

    async def all_of_them() -> list[dict[str, Result]]:
        return await asyncio.gather(
            *(
                _campaign(tmp_path / str(number), list(known), Results(None, ResultsHead(product="strange-one")))
                for number, known in enumerate(KNOWN)
            )
        )

    done = asyncio.run(all_of_them())
    for known, results in zip(KNOWN, done, strict=True):
        for name, reason in known.items():
            result = results[f"TC_{name}_CS"]
            assert result.verdict == ("FAIL" if reason else "PASS"), (name, result.reason)
            assert reason in result.reason, name


def test_results_are_gone_on_with(tmp_path: Path) -> None:
    """What is in the file is not run again, save what was cut short while it was written."""
    path, head = tmp_path / "results.jsonl", ResultsHead(product="strange-one")
    asyncio.run(_campaign(tmp_path / "lab", ["F_20"], Results(path, head)))
    lines = path.read_bytes().splitlines()
    assert len(lines) == 2
    with path.open("ab") as file:
        file.write(lines[1][:40])
    again = Results(path, head)
    assert again.settled("TC_F_20_CS")
    assert not again.settled("TC_P_01_CS")
    asyncio.run(_campaign(tmp_path / "lab", ["F_20", "P_01"], again))
    assert len(path.read_bytes().splitlines()) == 3


def test_a_person_is_asked_for_what_the_adapter_cannot_do() -> None:
    """One prompt, with the place in it."""

    async def ask() -> list[str]:
        person = Person()
        async with serving(Stranger(PASSWORD)) as url:
            hand = HttpHand(url, PromptHand(person))
            await hand.perform(Arrive(1))
            await hand.perform(Fault(1, 2, "GroundFailure"))
            await hand.close()
        return person.asked

    asked = asyncio.run(ask())
    assert len(asked) == 1
    assert "connector 2" in asked[0]
    assert "GroundFailure" in asked[0]
