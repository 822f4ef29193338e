"""A campaign on somebody else's station: one case after the other, every result kept at once, to be resumed."""

import asyncio
from collections.abc import Callable, Sequence

from ohmstead.lab.cases.case import Case
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.persistent import afterwards, on_persistent_station, unfit
from ohmstead.lab.cases.runner import not_applicable, run_case
from ohmstead.lab.evidence.tape import ASK, INTERRUPTED, LEFT, SECOND, after, named
from ohmstead.lab.rig import PersistentStation
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.hand import Paused, Person
from ohmstead.lab.rigs.results import Results
from ohmstead.lab.verdict import Result
from ohmstead.ports.hand import HandRefused
from ohmstead.product.profile import Product

COMES_WITHIN = 3600.0
"""Seconds for which the lab waits for the station to dial for the first time."""
PROVISION = "Provision the station again as it was at the beginning: the case before cannot be undone over OCPP."


class StationGone(Exception):
    """The station does not connect any more, and nobody can bring it back."""


class ExternalCampaign:
    """One campaign on one station."""

    def __init__(
        self,
        rig: ExternalRig,
        product: Product,
        config: LabConfig,
        results: Results,
        person: Person | None,
        tell: Callable[[Result], None] = lambda _result: None,
        *,
        record: bool = False,
        key: str | None = None,
    ) -> None:
        """Make a campaign.

        Args:
            rig: with the station.
            product: what it is.
            config: of the lab.
            results: kept.
            person: who can be asked; None: nobody.
            tell: told each result.
            record: keep the evidence in the results.
            key: of the digests that stand for passwords in it; empty: passwords are kept.
        """
        self._rig = rig
        self._product = product
        self._config = config
        self._results = results
        self._person = person
        self._tell = tell
        self._record = record
        self._key = key
        self._met = False
        self._interrupted = ""

    async def run(self, cases: Sequence[Case]) -> None:
        """Run cases, those that cannot be undone last. Raises Paused, StationGone."""
        self._rig.attended = self._person is not None
        self._rig.cases = self._results.runs
        applying = [case for case in cases if not self._passed_over(case)]
        todo = [case for case in applying if not self._results.settled(case.id)]
        try:
            for case in sorted(todo, key=lambda case: case.last):
                persistent = self._rig.next_case()
                result = await (
                    self._one(case, persistent) if unfit(case, persistent) is None else self._run(case, persistent)
                )
                self._keep(result)
                if self._interrupted:
                    raise StationGone(self._interrupted)
        finally:
            # Interrupted in a case: its station is put in order all the same.
            await self._rig.tidy()
            await self._rig.hand.let_go()

    def _passed_over(self, case: Case) -> bool:
        """Keep it that a case does not apply, which the product may say otherwise than when the campaign began."""
        result = not_applicable(case, self._product)
        if result is not None and self._results.done.get(case.id) != result:
            self._keep(result)
        return result is not None

    def _keep(self, result: Result) -> None:
        self._results.add(result)
        self._tell(result)

    async def _run(self, case: Case, persistent: PersistentStation) -> Result:
        """Run a case; one that the station is not fit for says so without looking for it."""
        ready = on_persistent_station(case, persistent, self._rig.use_tester)
        result = await run_case(ready, self._rig, self._product, self._config, record=self._record, key=self._key)
        if self._rig.tester is None:
            self._rig.part()
        return result

    async def _one(self, case: Case, persistent: PersistentStation) -> Result:
        if self._person is not None:
            self._person.case = f"{case.id}  {case.title}"
        try:
            await self._rig.hand.hold(f"lab: {case.id}")
        except HandRefused as refused:
            raise StationGone(str(refused)) from None
        await self._present()
        await self._rig.renew()
        self._rig.admission.take_seconds()
        result = await self._run(case, persistent)
        if self._person is not None and self._person.paused:
            raise Paused("paused")
        seconds = self._rig.admission.take_seconds()
        if seconds:
            result = afterwards(result, [after(SECOND, value=seconds)])
        self._interrupted = await self._rig.hand.interruption()
        if self._interrupted:
            result = afterwards(result, [after(INTERRUPTED, value=self._interrupted)])
        left = await self._rig.tidy()
        if case.last and self._person is not None:
            return await self._provision(self._person, result)
        return afterwards(result, [after(LEFT, value=left)] if left else [])

    async def _provision(self, person: Person, result: Result) -> Result:
        try:
            await person.ask(PROVISION)
        except (HandRefused, Paused) as refused:
            # The case has run all the same.
            self._keep(afterwards(result, [after(ASK, PROVISION, error=named(refused))]))
            raise StationGone("the station has to be provisioned again before the next case") from None
        return afterwards(result, [after(ASK, PROVISION)])

    async def _present(self) -> None:
        """See that the station has its connection."""
        first, self._met = not self._met, True
        if self._rig.line.connected or await self._rig.wait_connected(self._within):
            if first:
                # What belongs to a station, its adapter above all, may come up after its connection.
                await asyncio.sleep(1.5 * self._rig.tolerance)
            return
        if self._person is None:
            raise StationGone(self._gone())
        try:
            await self._person.ask("The station does not connect. Bring it back.")
        except HandRefused as refused:
            raise StationGone(str(refused)) from None
        if not await self._rig.wait_connected(self._within):
            raise StationGone(self._gone())

    def _gone(self) -> str:
        """Say that the station does not connect, and what was wrong with the last attempt, where there was one."""
        wrong = self._rig.admission.last_wrong
        return f"the station does not connect{': ' if wrong else ''}{wrong}"

    @property
    def _within(self) -> float:
        return COMES_WITHIN if self._rig.line.made == 0 else 10 * self._rig.patience
