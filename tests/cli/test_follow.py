"""A campaign on somebody else's station is shown by the file that it keeps, as it grows."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.cli.run.follow import FollowedCampaign
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.virtual_time import run
from ohmstead.lab.rigs.results import Results, ResultsHead
from ohmstead.lab.verdict import Finding, LogEntry, Result, Verdict
from ohmstead.ports.campaign import CampaignOrder, CampaignRefused

HEAD = ResultsHead(product="mine", url="wss://127.0.0.1:9000")
FAILED = Result(
    id="TC_G_03_CS",
    title="An EVSE becomes Inoperative",
    verdict=Verdict.FAIL,
    reason="step 2: ChangeAvailabilityResponse.status: wanted Accepted, got Rejected",
    finding=Finding(step="2", field="ChangeAvailabilityResponse.status", wanted="Accepted", got="Rejected"),
    requirements=("G03.FR.02",),
    log=(
        LogEntry(at=1.0, way=">", text='[2,"1","ChangeAvailability",{"operationalStatus":"Inoperative"}]'),
        LogEntry(at=1.1, way="<", text='[3,"1",{"status":"Rejected"}]'),
    ),
)
PASSED = Result(id="TC_G_04_CS", title="Operative", verdict=Verdict.PASS)


def follow(path: Path, *steps: Callable[[FollowedCampaign], object]) -> None:
    """Follow a file, and look after each step."""

    async def scenario() -> None:
        campaign = FollowedCampaign(path, LoopClock())
        for step in steps:
            campaign.show(campaign.added())
            step(campaign)
        await campaign.close()

    run(scenario())


def test_results_come_one_by_one(tmp_path: Path) -> None:
    """While the campaign runs, and with its explanation."""
    path = tmp_path / "mine.jsonl"
    results = Results(path, HEAD)

    def nothing_yet(campaign: FollowedCampaign) -> None:
        view = campaign.view()
        assert (view.product, view.bench, view.state, view.cases) == ("mine", "external", "running", ())
        results.add(FAILED)

    def one(campaign: FollowedCampaign) -> None:
        assert campaign.view().counts == {"FAIL": 1}
        why = campaign.result(FAILED.id).explanation
        assert why is not None
        assert why.right == '[3,"1",{"status":"Accepted"}]'
        results.add(PASSED)

    def two(campaign: FollowedCampaign) -> None:
        view = campaign.view()
        assert [case.id for case in view.cases] == [FAILED.id, PASSED.id]
        assert view.applicable == 2

    follow(path, nothing_yet, one, two)


def test_a_case_that_was_run_again_has_its_new_result(tmp_path: Path) -> None:
    """The campaign counts as another one, so that the page forgets the old one."""
    path = tmp_path / "mine.jsonl"
    results = Results(path, HEAD)
    results.add(FAILED)
    numbers = []

    def before(campaign: FollowedCampaign) -> None:
        numbers.append(campaign.view().number)
        results.add(Result(id=FAILED.id, verdict=Verdict.PASS))

    def after(campaign: FollowedCampaign) -> None:
        numbers.append(campaign.view().number)
        assert campaign.view().counts == {"PASS": 1}

    follow(path, before, after)
    assert numbers[0] < numbers[1]


def test_a_file_that_nobody_writes_is_a_campaign_that_is_over(tmp_path: Path) -> None:
    """Its process has ended, and its lock with it."""
    path = tmp_path / "mine.jsonl"
    results = Results(path, HEAD)
    results.add(PASSED)
    results.close()
    follow(path, lambda campaign: campaign.view().state == "finished" or pytest.fail(campaign.view().state))


def test_what_is_no_result_is_passed_over(tmp_path: Path) -> None:
    """A line that was cut short waits for its end."""
    path = tmp_path / "mine.jsonl"
    Results(path, HEAD).add(PASSED)
    with path.open("ab") as file:
        file.write(b'{"strange": true}\n{"id": "TC_')
    follow(path, lambda campaign: len(campaign.view().cases) == 1 or pytest.fail("another result"))


def test_a_campaign_that_is_followed_is_not_started_or_stopped_here(tmp_path: Path) -> None:
    """It says where it is."""

    async def scenario() -> None:
        campaign = FollowedCampaign(tmp_path / "mine.jsonl", LoopClock())
        with pytest.raises(CampaignRefused, match="run at its terminal"):
            await campaign.start(CampaignOrder())
        with pytest.raises(CampaignRefused, match="Ctrl-C at its terminal"):
            await campaign.stop()
        assert campaign.view().state == "none"
        await campaign.close()

    asyncio.run(scenario())


def test_follow_goes_with_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to show it on otherwise."""
    assert execute(["run", "--no-api", "--follow", "mine.jsonl"]) == 2
    assert "--follow goes with the page" in capsys.readouterr().err
