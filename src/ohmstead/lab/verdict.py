"""What a case says in the end, and the two exceptions by which it says so early."""

from enum import StrEnum
from typing import Literal

import msgspec


class Verdict(StrEnum):
    """The four outcomes of a case."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    """The lab could not ask: the station refused a setting, a hand was missing, the lab itself broke."""
    NOT_APPLICABLE = "NOT APPLICABLE"


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a station did wrong."""

    step: str
    """Where in the case: a number of its text, or the name of a state with a number."""
    field: str
    """`TransactionEventRequest.transactionInfo.chargingState`, or what else was looked at."""
    wanted: str
    got: str
    frame: str = ""
    """Message id of the CALL or answer that was looked at; empty: none came, or `field` says which."""
    right: str = ""
    """A JSON object: what the step asks of that message; null: the field has to be absent. Empty: no value says it."""
    requirements: tuple[str, ...] = ()
    """Where the specification asks for just this, beside what the case proves."""

    @property
    def got_alone(self) -> str:
        """What came, without the beginning of the payload that broke its schema."""
        return self.got.partition(" in {")[0]

    def __str__(self) -> str:
        return f"step {self.step}: {self.field}: wanted {self.wanted}, got {self.got}"


class Disputed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was right by the specification and wrong by the official case, or the other way round."""

    reading: str
    """Name of the reading, see docs/readings.md."""
    requirements: tuple[str, ...]
    """Where the specification says what it wants."""
    step: str
    field: str
    specification: str
    """What the specification wants."""
    tool: str
    """What the text of the official case wants."""
    got: str
    fails: Literal["specification", "tool"]
    """Which of the two was not met."""
    frame: str = ""
    """Message id of the CALL or answer that was looked at; empty: `field` says which."""
    right: str = ""
    """A JSON object: what the step asks of that message, as in `Finding`."""

    @property
    def finding(self) -> Finding:
        """The same as a finding."""
        cited = f" ({', '.join(self.requirements)})" if self.requirements else ""
        wanted = f"{self.specification} by the specification{cited}, {self.tool} by the official case"
        return Finding(
            step=self.step,
            field=self.field,
            wanted=wanted,
            got=self.got,
            frame=self.frame,
            right=self.right,
            requirements=self.requirements,
        )


class Failed(Exception):
    """The station did not do what the case asks for."""

    def __init__(self, finding: Finding, *also: Finding) -> None:
        """Say what is wrong, and what else is wrong with the same message."""
        super().__init__(str(finding))
        self.finding = finding
        self.also = also


class Inconclusive(Exception):
    """The case cannot be carried out; the text says what was missing."""


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the wire log."""

    at: float
    """Seconds since the case began."""
    way: str
    """`<` from the station, `>` to it, `.` a remark of the lab: a connection, an action of the hand, a step."""
    text: str
    endpoint: int = 1

    def __str__(self) -> str:
        return f"{self.at:9.3f} {self.way} {self.text}"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one case on one station."""

    id: str
    title: str = ""
    verdict: Verdict
    reason: str = ""
    """One line: what failed, what was missing, which feature says no."""
    finding: Finding | None = None
    """Of a FAIL: the first thing that was wrong."""
    also: tuple[Finding, ...] = ()
    """What else was wrong until the case was over, in order; it may follow from the first."""
    requirements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Skipped settings, remarks."""
    disputed: tuple[Disputed, ...] = ()
    """Where specification and official case do not ask for the same, and the station met only one of them."""
    log: tuple[LogEntry, ...] = ()
    """The wire log; of a case that failed or stayed inconclusive up to that point."""
    seconds: float = 0.0
    """How long it took in the time of its rig."""
    evidence: str = ""
    """The tape of the case (`lab.evidence.tape`), where the campaign keeps evidence."""

    @property
    def specification(self) -> Verdict:
        """The verdict by the specification alone."""
        return self._by("specification")

    @property
    def tool(self) -> Verdict:
        """The verdict by the text of the official case alone."""
        return self._by("tool")

    def _by(self, column: str) -> Verdict:
        # A case that failed for anything else has failed by both.
        only = self.verdict is Verdict.FAIL and self.disputed and self.finding == self.disputed[0].finding
        if not only:
            return self.verdict
        return Verdict.FAIL if any(one.fails == column for one in self.disputed) else Verdict.PASS

    @property
    def good(self) -> bool:
        """Say whether the case neither failed nor stayed inconclusive."""
        return self.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)
