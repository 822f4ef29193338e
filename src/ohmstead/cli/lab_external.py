"""A campaign on somebody else's station: one case after the other, every result kept at once, to be resumed."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape

from ohmstead.cli.lab_bench_external import ExternalBench
from ohmstead.cli.lab_hand import ActionHand, HttpHand
from ohmstead.cli.lab_open_door import Place
from ohmstead.cli.lab_prompt import ConsoleTerminal, Paused, PromptHand
from ohmstead.cli.run_data import default_folder, read_text
from ohmstead.edge.private_files import private_directory
from ohmstead.lab.bench import Provisioning
from ohmstead.lab.case import Case, load_cases
from ohmstead.lab.config import LabConfig
from ohmstead.lab.config import load as load_config
from ohmstead.lab.runner import not_applicable, run_case
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.ports.hand import HandRefused
from ohmstead.product.load import load
from ohmstead.product.profile import Product

COMES_WITHIN = 3600.0
"""Seconds for which the lab waits for the station to dial for the first time."""
PROVISION = "Provision the station again as it was at the beginning: the case before cannot be undone over OCPP."


class ResumeError(ValueError):
    """A file of results that cannot be gone on with."""


class StationGone(Exception):
    """The station does not connect any more, and nobody can bring it back."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """First line of a file of results."""

    product: str
    url: str = ""


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

    @property
    def profile(self) -> int:
        """The security profile, by the scheme unless it is given."""
        return self.security_profile or (2 if self.listen.startswith("wss:") else 1)


class Results:
    """The results of a campaign, in a file that a line is added to as soon as a case is over.

    Attributes:
        done: by id; of a case that was run twice the last one.
    """

    def __init__(self, path: Path | None, head: Head) -> None:
        """Read what is there. Raises ResumeError."""
        self.done: dict[str, Result] = {}
        self._path = path
        if path is None:
            return
        if path.exists() and path.stat().st_size:
            self._read(path, head)
        else:
            self._write(msgspec.json.encode(head))

    def _read(self, path: Path, head: Head) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        try:
            found = msgspec.json.decode(lines[0], type=Head)
            # The last line may have been cut short; that case is run again.
            results = [msgspec.json.decode(line, type=Result) for line in lines[1:] if line.endswith(b"\n")]
        except msgspec.MsgspecError as error:
            raise ResumeError(f"{path}: {error}") from None
        if found.product != head.product:
            raise ResumeError(f"{path} is of {found.product}, not of {head.product}")
        self.done = {result.id: result for result in results}
        if not lines[-1].endswith(b"\n"):
            path.write_bytes(b"".join(lines[:-1]))

    def add(self, result: Result) -> None:
        """Keep a result."""
        self.done[result.id] = result
        self._write(msgspec.json.encode(result))

    def _write(self, line: bytes) -> None:
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(line + b"\n")

    def settled(self, identifier: str) -> bool:
        """Say whether a case need not be run again: one that stayed inconclusive is."""
        result = self.done.get(identifier)
        return result is not None and result.verdict is not Verdict.INCONCLUSIVE


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
    ) -> None:
        """Make a campaign.

        Args:
            bench: with the station.
            product: what it is.
            config: of the lab.
            results: kept.
            person: who can be asked; None: nobody.
            tell: told each result.
        """
        self._bench = bench
        self._product = product
        self._config = config
        self._results = results
        self._person = person
        self._tell = tell
        self._met = False
        self._interrupted = ""

    async def run(self, cases: Sequence[Case]) -> None:
        """Run cases, those that cannot be undone last. Raises Paused, StationGone."""
        todo = [case for case in cases if not self._results.settled(case.id)]
        try:
            for case in sorted(todo, key=lambda case: case.last):
                result = not_applicable(case, self._product) or self._impossible(case) or await self._one(case)
                self._results.add(result)
                self._tell(result)
                if self._interrupted:
                    raise StationGone(self._interrupted)
        finally:
            # Interrupted in a case: its station is put in order all the same.
            await self._bench.tidy()
            await self._bench.hand.let_go()

    def _impossible(self, case: Case) -> Result | None:
        reason = self._bench.unfit(case)
        if reason is None and case.last and self._person is None:
            reason = "it cannot be undone, and nobody is there to provision the station again"
        if reason is None:
            return None
        return Result(id=case.id, title=case.title, verdict=Verdict.INCONCLUSIVE, reason=reason)

    async def _one(self, case: Case) -> Result:
        if self._person is not None:
            self._person.case = f"{case.id}  {case.title}"
        try:
            await self._bench.hand.hold(f"lab: {case.id}")
        except HandRefused as refused:
            raise StationGone(str(refused)) from None
        await self._present()
        await self._bench.renew()
        result = await run_case(self._bench.as_guest(case), self._bench, self._product, self._config)
        if self._person is not None and self._person.paused:
            raise Paused("paused")
        self._interrupted = await self._bench.hand.interruption()
        if self._interrupted:
            result = msgspec.structs.replace(
                result, verdict=Verdict.INCONCLUSIVE, reason=self._interrupted, finding=None
            )
        left = await self._bench.tidy()
        if case.last and self._person is not None:
            await self._provision(self._person, result)
            left = []
        notes = tuple(f"not as it was found: {text}" for text in left)
        return msgspec.structs.replace(result, notes=result.notes + notes)

    async def _provision(self, person: PromptHand, result: Result) -> None:
        try:
            await person.ask(PROVISION)
        except (HandRefused, Paused):
            # The case has run all the same.
            self._results.add(result)
            self._tell(result)
            raise StationGone("the station has to be provisioned again before the next case") from None

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

    Raises PlaceError, ResumeError, RunRefused.
    """
    console = Console(highlight=False, soft_wrap=True)
    product = load(source)
    place = Place.parse(external.listen, external.names)
    results = Results(external.resume, Head(product=product.name, url=external.listen))
    folder = external.folder or default_folder("lab")
    private_directory(folder)
    person = PromptHand(ConsoleTerminal(console)) if console.is_terminal or external.hand == "prompt" else None
    password = Provisioning().password
    if external.password_file is not None:
        password = read_text(external.password_file).strip()
    provisioning = Provisioning(identity=external.identity, password=password, security_profile=external.profile)

    async def campaign() -> None:
        hand: ActionHand | None = person if external.hand == "prompt" else HttpHand(external.hand, person)
        assert hand is not None
        bench = ExternalBench(product, place, hand, provisioning, folder)
        await bench.listen()
        try:
            console.print(f"The station has to connect to [bold]{bench.url}/{escape(external.identity)}[/]")
            if bench.root is not None:
                console.print(f"and to trust the root certificate in [bold]{escape(str(bench.root))}[/]:")
                console.print(bench.root.read_text("utf-8"), markup=False)
            guest = Guest(bench, product, load_config(config), results, person, lambda one: console.print(_line(one)))
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
    return [results.done[one] for one in sorted(results.done)]


def _line(result: Result) -> str:
    reason = escape(result.reason or result.title)
    return f"[{_STYLES[result.verdict]}]{result.verdict:14}[/] {result.id}  {reason}"


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
