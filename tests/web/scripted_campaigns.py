"""Campaigns as a test wants them: an honest `ports.campaign.Campaigns` whose results are written beforehand."""

import asyncio

import msgspec

from ohmstead.ports.campaign import (
    CampaignOrder,
    CampaignRefused,
    CampaignView,
    CaseDispute,
    CaseExplanation,
    CaseFinding,
    CaseFrame,
    CaseFrameLine,
    CaseLine,
    CaseRequirement,
    CaseRow,
    CaseView,
    NoResult,
    RunningCase,
    UnknownCases,
)

KNOWN = ("TC_G_01_CS", "TC_G_02_CS", "TC_G_03_CS")
FAILED = CaseView(
    id="TC_G_02_CS",
    title="A connector whose cable is taken out is Available",
    verdict="FAIL",
    reason="step 2: StatusNotificationRequest.connectorStatus: wanted Available, got Occupied",
    seconds=3.25,
    finding=CaseFinding(
        step="2", field="StatusNotificationRequest.connectorStatus", wanted="Available", got="Occupied"
    ),
    explanation=CaseExplanation(
        step="Step 2 of TC_G_02_CS: after unplugging (at 1.000 s) the lab looks at connectorStatus.",
        message="StatusNotificationRequest",
        field="connectorStatus",
        wanted="Available",
        got="Occupied",
        right='[2,"7","StatusNotification",{"connectorStatus":"Available","evseId":1,"connectorId":1}]',
        requirements=(CaseRequirement(id="G01.FR.01", text="A connector always has one of the statuses."),),
        frames=(
            CaseFrame(at=1.0, way=".", title="hand: unplug(1)"),
            CaseFrame(
                at=1.1,
                way="<",
                title="StatusNotificationRequest",
                marked=True,
                lines=(
                    CaseFrameLine(text="{"),
                    CaseFrameLine(text='  "connectorStatus": "Occupied",', marked=True),
                    CaseFrameLine(text='  "evseId": 1'),
                    CaseFrameLine(text="}"),
                ),
            ),
        ),
    ),
    requirements=("G01.FR.01",),
    notes=("AuthCtrlr.LocalPreAuthorize is not implemented: skipped",),
    disputed=(
        CaseDispute(
            reading="status-after-unplug",
            step="2",
            field="StatusNotificationRequest.connectorStatus",
            specification="Occupied",
            tool="Available",
            got="Occupied",
            fails="tool",
        ),
    ),
    log=(
        CaseLine(at=0.0, way=".", text="the station gets its power", endpoint=0),
        CaseLine(at=0.5, way=".", text="TC_G_02_CS begins", endpoint=0),
        CaseLine(at=1.0, way=".", text="hand: unplug(1)", endpoint=0),
        CaseLine(
            at=1.1,
            way="<",
            text='[2,"7","StatusNotification",{"timestamp":"2026-03-02T08:30:12Z","connectorStatus":"Occupied",'
            '"evseId":1,"connectorId":1}]',
        ),
        CaseLine(at=1.1, way=">", text='[3,"7",{}]'),
    ),
)


class ScriptedCampaigns:
    """Runs until a test says what came out."""

    def __init__(self) -> None:
        self._view = CampaignView(version=1)
        self._results: dict[str, CaseView] = {}
        self._changed = asyncio.Event()
        self.ordered: list[CampaignOrder] = []

    async def start(self, order: CampaignOrder) -> CampaignView:
        """Begin with the three cases that are known."""
        if self._view.state == "running":
            raise CampaignRefused("a campaign is running already")
        unknown = [case for case in order.cases if case not in KNOWN]
        if unknown:
            raise UnknownCases(f"not implemented: {', '.join(unknown)}")
        self.ordered.append(order)
        self._results.clear()
        chosen = order.cases or KNOWN
        self._view = CampaignView(
            version=self._view.version,
            number=self._view.number + 1,
            state="running",
            product="sec1000-240y",
            bench=order.bench,
            total=len(chosen),
            applicable=len(chosen),
        )
        self._move()
        return self._view

    def begin(self, case_id: str) -> None:
        """A case begins."""
        self._move(running=(*self._view.running, RunningCase(id=case_id, title="A case")))

    def come(self, *results: CaseView) -> None:
        """Results come."""
        for result in results:
            self._results[result.id] = result
            row = msgspec.convert(result, CaseRow, from_attributes=True)
            counts = {**self._view.counts, row.verdict: self._view.counts.get(row.verdict, 0) + 1}
            running = tuple(case for case in self._view.running if case.id != row.id)
            self._move(cases=(*self._view.cases, row), counts=counts, running=running)

    def finish(self) -> None:
        """It is over."""
        self._move(state="finished", running=())

    async def stop(self) -> CampaignView:
        """Stop."""
        if self._view.state == "running":
            self._move(state="stopped", running=())
        return self._view

    def view(self) -> CampaignView:
        """Return how it stands."""
        return self._view

    def result(self, case_id: str) -> CaseView:
        """Return a result."""
        if case_id not in self._results:
            raise NoResult(f"{case_id} has no result in this campaign")
        return self._results[case_id]

    async def wait_changed(self, version: int) -> int:
        """Return once there is something newer."""
        while self._view.version <= version:
            await self._changed.wait()
        return self._view.version

    def _move(self, **changes: object) -> None:
        self._view = msgspec.structs.replace(self._view, version=self._view.version + 1, **changes)
        woken, self._changed = self._changed, asyncio.Event()
        woken.set()


def passing(case_id: str) -> CaseView:
    """Return the result of a case that passed."""
    return CaseView(id=case_id, title="A case", verdict="PASS", seconds=1.5)
