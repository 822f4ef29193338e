"""A campaign on somebody else's station: one case after the other, every result kept at once, to be resumed."""

import asyncio
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from ohmstead.cli.lab.prompt import ConsoleTerminal, Paused, PromptHand
from ohmstead.cli.run.data import default_folder, read_text
from ohmstead.cli.run.options import RunRefused
from ohmstead.cli.terminal import escape
from ohmstead.edge.private_files import private_directory
from ohmstead.lab.cases.case import Case, load_cases
from ohmstead.lab.cases.config import LabConfig
from ohmstead.lab.cases.config import load as load_config
from ohmstead.lab.cases.guest import afterwards, as_guest, unfit
from ohmstead.lab.cases.runner import not_applicable, run_case
from ohmstead.lab.evidence.digests import new_key
from ohmstead.lab.evidence.judge import confirmed
from ohmstead.lab.evidence.tape import ASK, INTERRUPTED, LEFT, after, named
from ohmstead.lab.rig import Guest as Lent
from ohmstead.lab.rig import Provisioning
from ohmstead.lab.rigs.external import ExternalBench
from ohmstead.lab.rigs.hand import HttpHand, LeasableHand
from ohmstead.lab.rigs.open_door import Place
from ohmstead.lab.rigs.results import Head, Results
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.hand import HandRefused
from ohmstead.product.load import load
from ohmstead.product.profile import Product

COMES_WITHIN = 3600.0
"""Seconds for which the lab waits for the station to dial for the first time."""
PROVISION = "Provision the station again as it was at the beginning: the case before cannot be undone over OCPP."


class StationGone(Exception):
    """The station does not connect any more, and nobody can bring it back."""


class External(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign on somebody else's station needs to know."""

    listen: str
    """`wss://0.0.0.0:9000`, `ws://...` for security profile 1."""
    names: tuple[str, ...] = ()
    hand: str = "prompt"
    """`prompt`, or the URL of an adapter."""
    identity: str = "CS-001"
    password_file: Path | None = None
    security_profile: int | None = None
    resume: Path | None = None
    folder: Path | None = None
    record: bool = False
    """Keep the evidence in the results."""
    keep_secrets: bool = False
    """Leave passwords in the evidence as they are."""
    tolerance: float = 4.0
    """Seconds by which an instant may be off."""
    patience: float = 30.0
    """Seconds for which an expected message is waited for."""

    @property
    def profile(self) -> int:
        """The security profile, by the scheme unless it is given."""
        return self.security_profile or (2 if self.listen.startswith("wss:") else 1)


class Guest:
    """One campaign on one station."""

    def __init__(
        self,
        bench: ExternalBench,
        product: Product,
        config: LabConfig,
        results: Results,
        person: PromptHand | None,
        tell: Callable[[Result], None] = lambda _result: None,
        *,
        record: bool = False,
        key: str | None = None,
    ) -> None:
        """Make a campaign.

        Args:
            bench: with the station.
            product: what it is.
            config: of the lab.
            results: kept.
            person: who can be asked; None: nobody.
            tell: told each result.
            record: keep the evidence in the results.
            key: of the digests that stand for passwords in it; empty: passwords are kept.
        """
        self._bench = bench
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
        self._bench.attended = self._person is not None
        self._bench.cases = self._results.runs
        applying = [case for case in cases if not self._passed_over(case)]
        todo = [case for case in applying if not self._results.settled(case.id)]
        try:
            for case in sorted(todo, key=lambda case: case.last):
                guest = self._bench.next_guest()
                result = await (self._one(case, guest) if unfit(case, guest) is None else self._run(case, guest))
                self._keep(result)
                if self._interrupted:
                    raise StationGone(self._interrupted)
        finally:
            # Interrupted in a case: its station is put in order all the same.
            await self._bench.tidy()
            await self._bench.hand.let_go()

    def _passed_over(self, case: Case) -> bool:
        """Keep it that a case does not apply, which the product may say otherwise than when the campaign began."""
        result = not_applicable(case, self._product)
        if result is not None and self._results.done.get(case.id) != result:
            self._keep(result)
        return result is not None

    def _keep(self, result: Result) -> None:
        self._results.add(result)
        self._tell(result)

    async def _run(self, case: Case, guest: Lent) -> Result:
        """Run a case; one that the station is not fit for says so without looking for it."""
        ready = as_guest(case, guest, self._bench.meet)
        result = await run_case(ready, self._bench, self._product, self._config, record=self._record, key=self._key)
        if self._bench.tester is None:
            self._bench.part()
        return result

    async def _one(self, case: Case, guest: Lent) -> Result:
        if self._person is not None:
            self._person.case = f"{case.id}  {case.title}"
        try:
            await self._bench.hand.hold(f"lab: {case.id}")
        except HandRefused as refused:
            raise StationGone(str(refused)) from None
        await self._present()
        await self._bench.renew()
        result = await self._run(case, guest)
        if self._person is not None and self._person.paused:
            raise Paused("paused")
        self._interrupted = await self._bench.hand.interruption()
        if self._interrupted:
            result = afterwards(result, [after(INTERRUPTED, value=self._interrupted)])
        left = await self._bench.tidy()
        if case.last and self._person is not None:
            return await self._provision(self._person, result)
        return afterwards(result, [after(LEFT, value=left)] if left else [])

    async def _provision(self, person: PromptHand, result: Result) -> Result:
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
        if self._bench.line.connected or await self._bench.wait_connected(self._within):
            if first:
                # What belongs to a station, its adapter above all, may come up after its connection.
                await asyncio.sleep(1.5 * self._bench.tolerance)
            return
        if self._person is None:
            raise StationGone("the station does not connect")
        try:
            await self._person.ask("The station does not connect. Bring it back.")
        except HandRefused as refused:
            raise StationGone(str(refused)) from None
        if not await self._bench.wait_connected(self._within):
            raise StationGone("the station does not connect")

    @property
    def _within(self) -> float:
        return COMES_WITHIN if self._bench.line.made == 0 else 10 * self._bench.patience


def run_external(external: External, source: str, identifiers: Sequence[str], config: Path | None) -> list[Result]:
    """Run a campaign, telling the person at the terminal how it goes; return all results, in order of ids.

    What was recorded is judged again: a verdict that its evidence does not lead to becomes INCONCLUSIVE.

    Raises PlaceError, ResumeError, RunRefused.
    """
    console = Console(highlight=False, soft_wrap=True)
    product = load(source)
    place = Place.parse(external.listen, external.names)
    head = Head(product=product.name, url=external.listen, key="" if external.keep_secrets else new_key())
    results = Results(external.resume, head, record=external.record)
    results.keep(functools.partial(_holds, product))
    settings = load_config(config)
    folder = external.folder or default_folder("lab")
    private_directory(folder)
    person = PromptHand(ConsoleTerminal(console)) if console.is_terminal or external.hand == "prompt" else None
    password = Provisioning().password
    if external.password_file is not None:
        password = read_text(external.password_file).strip()
        if not password or not password.isprintable():
            raise RunRefused(
                f"{external.password_file}: it should hold one line, the station's password (A00.FR.205: 16 to 40 "
                "characters; the length is for TC_A_01_CS to judge)"
            )
    provisioning = Provisioning(identity=external.identity, password=password, security_profile=external.profile)

    async def campaign() -> None:
        hand: LeasableHand | None = person if external.hand == "prompt" else HttpHand(external.hand, person)
        assert hand is not None
        limits = {"tolerance": external.tolerance, "patience": external.patience}
        bench = ExternalBench(product, place, hand, provisioning, folder, **limits)
        await bench.listen()
        try:
            console.print(f"The station has to connect to [bold]{bench.url}/{escape(external.identity)}[/]")
            if bench.root is not None:
                console.print(f"and to trust the root certificate in [bold]{escape(str(bench.root))}[/]:")
                console.print(bench.root.read_text("utf-8"), markup=False)
            tell = functools.partial(_tell, console)
            guest = Guest(bench, product, settings, results, person, tell, record=external.record, key=results.key)
            await guest.run([load_cases()[identifier] for identifier in identifiers])
        finally:
            await bench.close()
            if isinstance(hand, HttpHand):
                await hand.close()

    try:
        asyncio.run(campaign())
    except (Paused, KeyboardInterrupt, StationGone) as stopped:
        text = str(stopped) or "interrupted"
        console.print(f"[yellow]Stopped: {escape(text)}.[/] {_how_to_go_on(external)}")
    for result in list(results.done.values()) if external.record else ():
        judged = confirmed(result, product, settings)
        if judged != result:
            results.add(judged)
            _tell(console, judged)
    return [results.done[one] for one in sorted(results.done)]


def _holds(product: Product, result: Result) -> bool:
    """Say whether a result is still one of this product: its claims may have changed, or the cases."""
    case = load_cases().get(result.id)
    if case is None:
        return False
    return (not_applicable(case, product) is None) == (result.verdict is not Verdict.NOT_APPLICABLE)


def _tell(console: Console, result: Result) -> None:
    reason = escape(result.reason or result.title)
    console.print(f"[{_STYLES[result.verdict]}]{result.verdict:14}[/] {result.id}  {reason}")


_STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}


def _how_to_go_on(external: External) -> str:
    if external.resume is None:
        return "The results of this campaign are not in a file; --resume FILE keeps them."
    return f"The same command goes on with what is missing in {escape(str(external.resume))}."
