"""What a case leaves behind while it runs: the wire log, notes, findings; and the time that passes."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

import msgspec

from ohmstead.lab.cases.checks import check, compare, words
from ohmstead.lab.cases.exchange import FLOOD
from ohmstead.lab.cases.rules import FRAMES, STEP, Rules
from ohmstead.lab.evidence.digests import without_stand_ins
from ohmstead.lab.rig import Rig
from ohmstead.lab.verdict import Disputed, Failed, Finding, Inconclusive, LogEntry
from ohmstead.ports.clock import Clock
from ohmstead.wire.base import Response
from ohmstead.wire.messages import TransactionEventRequest
from ohmstead.wire.secrets import Redactor

MOST_FINDINGS = 20
"""Of one case: whoever has mended so many runs it again."""


def hinders(message: msgspec.Struct, fields: Sequence[str]) -> bool:
    """Say whether the next steps cannot build on a message in which these fields are wrong.

    A response with another status says that the station does something else. A TransactionEvent of another type, or one
    that differs in trigger and charging state, is another event than the one that was waited for.
    """
    names = {field.rpartition(".")[2] for field in fields}
    if isinstance(message, TransactionEventRequest):
        return "eventType" in names or {"triggerReason", "chargingState"} <= names
    return isinstance(message, Response) and f"{type(message).__name__}.status" in fields


def _alike(finding: Finding) -> tuple[str, ...]:
    """Return what findings have in common that differ in numbers, instants and steps only.

    What breaks a schema does so in every message that has such a field.
    """
    field = finding.field.rpartition(".")[2] if FRAMES in finding.requirements else finding.field
    return tuple(re.sub(r"\d+", "#", text) for text in (field, finding.wanted, finding.got_alone))


class CaseLog:
    """The wire log, notes and findings of a case that runs; base of the tester.

    Attributes:
        rig: where the case runs.
        clock: the lab's wall clock.
        rules: the general rules; a case may waive one.
        notes: remarks for the report.
        disputed: where the station met only one of two readings.
        findings: what was wrong so far.
        goes_on: a finding that does not hinder the next step is kept, and the case goes on; else the first one ends it.
        log: the wire log.
        delay: seconds after which the station's CALLs are answered; what it has to say queues meanwhile.
    """

    def __init__(self, rig: Rig, delay: float = 0.0) -> None:
        self.rig = rig
        self.delay = delay
        self.clock: Clock = rig.clock
        self.rules = Rules(rig.tolerance, delay)
        self.notes: list[str] = []
        self.disputed: list[Disputed] = []
        self.findings: list[Finding] = []
        self.goes_on = False
        self.log: list[LogEntry] = []
        self._began = asyncio.get_running_loop().time()
        self._news = asyncio.Event()
        # What a peer calls by a name of its own may be the word of an enumeration; here it would tear up findings.
        self._redactor = Redactor(listed=True)

    # Time

    @property
    def settle(self) -> float:
        """Seconds after which nothing more is to be expected of a station that has nothing to do."""
        return max(1.0, 1.5 * self.rig.tolerance) + 2 * self.delay

    @property
    def patience(self) -> float:
        """Seconds for which an expected message is waited for, unless the case says otherwise."""
        return self.rig.patience + 8 * self.delay

    def now(self) -> float:
        """Return the loop's time, seconds."""
        return asyncio.get_running_loop().time()

    async def elapse(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)
        self._take_findings()

    # Remarks and verdicts

    def remark(self, text: str) -> None:
        """Write a line into the wire log."""
        self._log(".", text, 0)

    def note(self, text: str) -> None:
        """Write a line into the report."""
        if text not in self.notes:
            self.notes.append(text)

    def fail(self, step: int | str, field: str, wanted: object, got: object) -> NoReturn:
        """Fail the case."""
        self._fail(step, field, words(wanted), words(got))

    def require(self, step: int | str, holds: bool, field: str, wanted: object, got: object) -> None:
        """Fail the case unless a condition holds."""
        if not holds:
            self._fail(step, field, words(wanted), words(got))

    def compare(self, step: int | str, field: str, got: object, wanted: object) -> None:
        """Fail the case unless a value is as wanted (see `checks`); `differs(...)` judges it by two readings."""
        try:
            one = compare(step, field, got, wanted)
        except Failed as failed:
            self._find(failed.finding)
            return
        self._dispute(() if one is None else (one,))

    def overlook(self, failed: Failed) -> None:
        """Keep what failed, where the case can do without it. Raises it where the first finding ends the case."""
        self._find(failed.finding, *failed.also)

    def inconclusive(self, reason: str) -> NoReturn:
        """End the case: it cannot be carried out."""
        raise Inconclusive(reason)

    def shown(self, text: str) -> str:
        """Return a text without the passwords of this case, whether it runs or is judged again."""
        return self._redactor.text(without_stand_ins(text))

    def _shown_payload(self, payload: str) -> str:
        return without_stand_ins(self._redactor.payload(payload))

    # For the tester's own use

    def _check(self, step: int | str, message: msgspec.Struct, fields: Mapping[str, object], frame: str = "") -> None:
        """Compare fields of a message that came under an id. Raises Failed for one that the next step needs."""
        try:
            found = check(step, message, fields)
        except Failed as failed:
            wrong = [msgspec.structs.replace(one, frame=frame) for one in (failed.finding, *failed.also)]
            if hinders(message, [one.field for one in wrong]):
                raise Failed(*wrong) from None
            self._find(*wrong)
            return
        self._dispute(tuple(msgspec.structs.replace(one, frame=frame) for one in found))

    def _dispute(self, found: tuple[Disputed, ...]) -> None:
        for one in found:
            self.disputed.append(one)
            self.remark(f"{one.finding}")

    def _log(self, way: str, text: str, endpoint: int) -> None:
        if way != ".":
            text = self._shown_payload(text)
        at = asyncio.get_running_loop().time() - self._began
        self.log.append(LogEntry(at=round(at, 3), way=way, text=text, endpoint=endpoint))

    def _fault(self, field: str, wanted: str, got: str, frame: str) -> None:
        finding = Finding(step=STEP, field=field, wanted=wanted, got=got, frame=frame, requirements=(FRAMES,))
        self.rules.findings.append(finding)
        self._news.set()

    def _fail(
        self,
        step: int | str,
        field: str,
        wanted: str,
        got: str,
        *,
        frame: str = "",
        right: str = "",
        cited: tuple[str, ...] = (),
    ) -> NoReturn:
        self._take_findings()
        raise Failed(
            Finding(step=str(step), field=field, wanted=wanted, got=got, frame=frame, right=right, requirements=cited)
        )

    def _take_findings(self) -> None:
        """Look at what broke a general rule meanwhile. Raises Failed for a flood: it would come again."""
        while self.rules.findings:
            finding = self.rules.findings.pop(0)
            self._find(finding)
            if finding.field == FLOOD:
                raise Failed(finding)

    def _find(self, *wrong: Finding) -> None:
        """Keep what does not hinder the next step. Raises Failed where the first finding ends the case."""
        if not self.goes_on:
            raise Failed(*wrong)
        for one in wrong:
            if self._keep(one):
                self.remark(str(one))

    def _keep(self, finding: Finding) -> bool:
        """Keep a finding unless the same is known already, or too much is; say whether it was kept."""
        known = {_alike(one) for one in self.findings}
        if len(self.findings) >= MOST_FINDINGS or _alike(finding) in known:
            return False
        self.findings.append(finding)
        return True

    def give_up(self, failed: Failed) -> None:
        """Keep what ended the case, and whatever breaks a general rule in what had come until then."""
        for one in (failed.finding, *(failed.also if self.goes_on else ())):
            self._keep(one)
        if self.goes_on:
            if not self.rules.disturbed:
                self.rules.check_transactions()
            for one in self.rules.findings:
                if self._keep(one):
                    self.remark(str(one))
