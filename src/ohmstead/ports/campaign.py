"""A campaign of the lab, as the operator's page and scripts see it: what runs, what came out, and why."""

from typing import Annotated, Literal, Protocol

import msgspec

from ohmstead.ports.bench import Utc, one_of

CampaignState = Literal["none", "running", "finished", "stopped", "broken"]
"""`broken`: it ended by itself without having come to its end."""
BenchName = Literal["memory", "wire"]


class CampaignRefused(Exception):
    """A campaign cannot be started now; the text says why."""


class UnknownCases(Exception):
    """Cases that nobody has written; the text names them."""


class NoResult(Exception):
    """A case that has no result in this campaign, or not yet."""


class CampaignOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run."""

    bench: BenchName = "memory"
    """`memory`: virtual time. `wire`: stations as processes, real TLS, real time."""
    block: str = ""
    """Letters of functional blocks, `BG`; empty: all of them."""
    cases: tuple[str, ...] = ()
    """Ids, `G_01` or `TC_G_01_CS`; empty: every case of the blocks."""


class RunningCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that has begun and has no result yet."""

    id: str
    title: str = ""


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a case in short."""

    id: str
    title: str = ""
    verdict: Annotated[str, one_of(("PASS", "FAIL", "INCONCLUSIVE", "NOT APPLICABLE"))]
    """`PASS`, `FAIL`, `INCONCLUSIVE`, `NOT APPLICABLE`."""
    reason: str = ""
    """One line, perhaps cut short: what failed, what was missing, which feature says no."""
    seconds: float = 0.0
    """How long it took in the time of its bench."""


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """The present campaign, or the last one."""

    version: int
    """Grows with every change that `Campaigns.wait_changed` reports."""
    number: int = 0
    """Counts the campaigns of this process."""
    state: CampaignState = "none"
    product: str = ""
    bench: str = ""
    began: Utc | None = None
    """UTC."""
    ended: Utc | None = None
    seconds: float = 0.0
    """Real time since it began, until it ended."""
    total: int = 0
    """Cases that have a result in the end."""
    applicable: int = 0
    """Of these the ones that are run, because they apply to the product."""
    counts: dict[str, int] = {}
    """Verdict -> results so far."""
    running: tuple[RunningCase, ...] = ()
    cases: tuple[CaseRow, ...] = ()
    """Results in the order in which they came."""
    error: str = ""
    """Why it broke, one line."""


class CaseFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What a station did wrong, and where."""

    step: str
    field: str
    wanted: str
    got: str


class CaseDispute(msgspec.Struct, frozen=True, kw_only=True):
    """Where specification and official case do not ask for the same, and the station met only one of them."""

    reading: str
    """Name of the reading, as docs/readings.md explains it."""
    step: str
    field: str
    specification: str
    """What the specification wants."""
    tool: str
    """What the text of the official case wants."""
    got: str
    fails: Annotated[str, one_of(("specification", "tool"))]
    """Which of the two was not met: `specification` or `tool`."""


class CaseRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement of the specification that a case looked at."""

    id: str
    text: str = ""
    """What it asks for, in our own words."""


class CaseFrameLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a payload."""

    text: str
    marked: bool = False
    """It is the field that was wrong."""


class CaseFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the wire log around the place where a case failed."""

    at: float
    """Seconds since the case began."""
    way: str
    """`<` from the station, `>` to it, `.` a remark of the lab."""
    title: str
    """The message, or the remark."""
    lines: tuple[CaseFrameLine, ...] = ()
    marked: bool = False


class CaseExplainedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was wrong in a case, the same text as in terminal and report."""

    step: str
    """The step in words."""
    message: str
    """What was looked at: a message, or a place on the wire."""
    field: str = ""
    wanted: str
    got: str
    right: str
    """What a right station would have sent."""
    requirements: tuple[CaseRequirement, ...] = ()
    reading: str = ""
    """Where specification and official case do not ask for the same: both."""
    frames: tuple[CaseFrame, ...] = ()
    cause: str = ""
    """One line that cases which fail for the same have in common."""
    after: str = ""
    """What was done to the station before."""


class CaseExplanation(CaseExplainedFinding, frozen=True, kw_only=True):
    """Why a case failed: the first thing that was wrong in it."""

    also: tuple[CaseExplainedFinding, ...] = ()
    """What else was wrong, in order; it may follow from the first."""


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the wire log of a case."""

    at: float
    """Seconds since the case began."""
    way: Annotated[str, one_of("<>.")]
    """`<` from the station, `>` to it, `.` a remark of the lab."""
    text: str
    """The frame as it traveled, or the remark."""
    endpoint: int = 1


class CaseView(CaseRow, frozen=True, kw_only=True):
    """The outcome of a case with all that speaks for it."""

    finding: CaseFinding | None = None
    explanation: CaseExplanation | None = None
    """Of a FAIL."""
    requirements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    disputed: tuple[CaseDispute, ...] = ()
    log: tuple[CaseLine, ...] = ()
    """The wire log; of a case that did not pass up to that point."""


class Campaigns(Protocol):
    """Runs campaigns on stations of its own, one at a time; the station that is being served is left alone."""

    async def start(self, order: CampaignOrder) -> CampaignView:
        """Start a campaign and return once it is known which cases run.

        Raises:
            CampaignRefused: one runs already, or it cannot be started.
            UnknownCases: nobody has written them.
        """
        ...

    async def stop(self) -> CampaignView:
        """Stop what runs; its results so far stay. It is no error if nothing runs."""
        ...

    def view(self) -> CampaignView:
        """Return how it stands now."""
        ...

    def result(self, case_id: str) -> CaseView:
        """Return everything about a case of the present or last campaign. Raises NoResult."""
        ...

    async def wait_changed(self, version: int) -> int:
        """Return the present version as soon as it is greater than the one given."""
        ...
