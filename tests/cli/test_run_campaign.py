"""Campaigns as child processes: real ones, followed line by line, that leave nothing behind."""

# ruff: noqa: TID251 - these processes run in real time

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.cli.run.campaign import ChildCampaigns
from ohmstead.cli.run.campaign_child import Child
from ohmstead.edge.clock import LoopClock
from ohmstead.ports.campaign import BenchName, CampaignOrder, CampaignRefused, CampaignView, NoResult, UnknownCases
from tests.e2e.running import running
from tests.lab.child_station import reference_product, take_no_files

PATIENCE = 60.0


def live(product: Path | str, scene: Callable[[ChildCampaigns], Awaitable[None]]) -> None:
    """Play a scene with campaigns, and end them."""

    async def play() -> None:
        campaigns = ChildCampaigns(("--product", str(product)), LoopClock())
        try:
            async with asyncio.timeout(PATIENCE):
                await scene(campaigns)
        finally:
            await campaigns.close()

    asyncio.run(play())


async def over(campaigns: ChildCampaigns) -> CampaignView:
    """Wait for the end of what runs."""
    while (view := campaigns.view()).state == "running":
        await campaigns.wait_changed(view.version)
    return view


def test_who_clicks_twice_starts_and_stops_once() -> None:
    """Two windows, and one that starts while the campaign before is being stopped: one sentence each."""

    async def clicks(campaigns: ChildCampaigns) -> None:
        first, second = await asyncio.gather(
            campaigns.start(CampaignOrder(block="E")), campaigns.start(CampaignOrder()), return_exceptions=True
        )
        assert isinstance(first, CampaignView)
        assert str(second) == "a campaign is being started already"
        with pytest.raises(CampaignRefused, match="is running already"):
            await campaigns.start(CampaignOrder())
        stops = [asyncio.create_task(campaigns.stop()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(CampaignRefused, match="is being stopped; a new one"):
            await campaigns.start(CampaignOrder())
        assert [(await one).state for one in stops] == ["stopped", "stopped"]
        assert (await campaigns.start(CampaignOrder(cases=("P_01",)))).number == 2
        assert (await over(campaigns)).state == "finished"

    live("sec1000-240y", clicks)


def test_what_is_stopped_while_it_is_being_started_does_not_begin() -> None:
    async def clicks(campaigns: ChildCampaigns) -> None:
        starting = asyncio.create_task(campaigns.start(CampaignOrder()))
        await asyncio.sleep(0)
        assert (await campaigns.stop()).state == "none"
        with pytest.raises(CampaignRefused, match="it was stopped before it began"):
            await starting
        assert campaigns.view().state == "none"

    live("sec1000-240y", clicks)


@pytest.fixture(autouse=True)
def stations_lie_below_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of a station under test, and so its command line, tells which test it belongs to."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def processes(*words: str) -> list[int]:
    """Return the processes whose command line and environment together have all these words."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            line = told.replace(b"\0", b" ").decode("utf-8", "replace")
            if all(word in line for word in words):
                found.append(int(entry.name))
    return found


def stations(folder: Path) -> list[int]:
    """Return the process that stations are forked from, and the stations."""
    return processes(str(folder), "ohmstead.cli.run.forker")


def wait_none(*words: str) -> None:
    """Wait until no such process is left."""
    deadline = time.monotonic() + PATIENCE
    while left := processes(*words):
        assert time.monotonic() < deadline, f"left behind: {left}"
        time.sleep(0.05)


def test_results_come_with_their_wire_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One passes, one fails, one does not apply; what is asked for afterwards is all there."""

    async def scene(campaigns: ChildCampaigns) -> None:
        begun = await campaigns.start(CampaignOrder(cases=("G_01", "TC_F_16_CS", "L_10")))
        assert (begun.state, begun.total, begun.applicable, begun.bench) == ("running", 3, 2, "memory")
        view = await over(campaigns)
        assert (view.state, view.error) == ("finished", "")
        assert view.counts == {"NOT APPLICABLE": 1, "PASS": 1, "FAIL": 1}
        failed = campaigns.result("TC_F_16_CS")
        assert failed.finding is not None
        assert (failed.finding.field, failed.finding.got) == ("GetLogResponse.status", "Rejected")
        assert "Rejected" in failed.log[-1].text
        assert campaigns.result("TC_G_01_CS").requirements
        with pytest.raises(NoResult):
            campaigns.result("TC_G_02_CS")

    take_no_files(tmp_path, monkeypatch)
    live(reference_product(tmp_path), scene)


def test_cases_that_nobody_has_written_start_nothing() -> None:
    """And the campaign before stays to be looked at."""

    async def scene(campaigns: ChildCampaigns) -> None:
        with pytest.raises(UnknownCases, match="not implemented: TC_Z_99_CS"):
            await campaigns.start(CampaignOrder(cases=("Z_99",)))
        assert campaigns.view().state == "none"

    live("sec1000-240y", scene)


def test_a_stopped_campaign_leaves_no_process_behind(tmp_path: Path) -> None:
    """On the wire there are stations: they end with it. Meanwhile nobody starts a second one."""
    product = reference_product(tmp_path)

    async def scene(campaigns: ChildCampaigns) -> None:
        await campaigns.start(CampaignOrder(bench="wire", block="G"))
        with pytest.raises(CampaignRefused, match="running already"):
            await campaigns.start(CampaignOrder())
        while len(stations(tmp_path)) < 2:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
        assert os.getpriority(os.PRIO_PROCESS, processes(str(tmp_path), "--lines")[0]) == 10
        stopped = await campaigns.stop()
        assert (stopped.state, stopped.error, stopped.running) == ("stopped", "", ())
        wait_none(str(tmp_path))

    live(product, scene)


LARGE = "import sys, time; held = bytearray(b'1' * (256 << 20)); print('ready', flush=True); time.sleep(600)"
"""Takes some time to die: its memory is given back."""
LEAVES_IT = f"""
import sys
from subprocess import DEVNULL, PIPE, Popen
left = Popen([sys.executable, "-c", {LARGE!r}, sys.argv[1]], stdout=PIPE, stderr=DEVNULL)
left.stdout.readline()
"""


def test_what_was_killed_is_gone_when_the_end_is_told(tmp_path: Path) -> None:
    """Whatever the child leaves behind, and however long that takes to die."""

    async def leave() -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", LEAVES_IT, str(tmp_path), stdout=PIPE, stderr=PIPE, start_new_session=True
        )
        await Child(process).ended()
        wait_none(str(tmp_path))

    asyncio.run(leave())


@pytest.mark.parametrize("bench", ["memory", "wire"])
def test_a_campaign_that_dies_is_broken(bench: BenchName, tmp_path: Path) -> None:
    """Killed from outside: it says so, though the workers that it leaves behind hold its pipes."""
    product = reference_product(tmp_path)

    async def scene(campaigns: ChildCampaigns) -> None:
        await campaigns.start(CampaignOrder(bench=bench, block="A"))
        while not campaigns.view().running:
            await campaigns.wait_changed(campaigns.view().version)
        os.kill(processes(str(tmp_path), "--lines")[0], signal.SIGKILL)
        view = await over(campaigns)
        assert (view.state, view.error) == ("broken", "the lab's process ended with -9")
        wait_none(str(tmp_path))

    live(product, scene)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_station_that_ends_takes_its_campaign_along(number: signal.Signals, tmp_path: Path) -> None:
    """In good order at once; after kill -9 with the next line that nobody reads."""
    product = reference_product(tmp_path)
    with running("--product", str(product), "--data", str(tmp_path / "data")) as station:
        station.ask("campaign", bench="wire", block="G")
        station.until("a station under test", lambda: len(stations(tmp_path)) > 1)
        if number == signal.SIGTERM:
            station.stop()
            wait_none(str(tmp_path))
        else:
            station.kill()
            wait_none(str(tmp_path))


def test_lines_are_what_they_say(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Head, begun, result and end; the result whole but for its evidence."""
    assert execute(["lab", "run", "--lines", "G_01", "L_10"]) == 0
    head, none, began, result, end = map(json.loads, capsysbinary.readouterr().out.splitlines())
    assert head["head"] == {"product": "sec1000-240y", "bench": "memory", "total": 2, "cases": ["TC_G_01_CS"]}
    assert none["result"]["verdict"] == "NOT APPLICABLE"
    assert began["began"] == "TC_G_01_CS"
    assert result["result"]["log"]
    assert result["result"]["evidence"] == ""
    assert end == {"end": {"counts": {"NOT APPLICABLE": 1, "PASS": 1}}}
