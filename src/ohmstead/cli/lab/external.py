"""`--bench external`: a campaign on somebody else's station, told to the person at the terminal."""

import asyncio
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from ohmstead.cli import interruption
from ohmstead.cli.lab.effort import effort_of
from ohmstead.cli.lab.kept import LAST, open_results
from ohmstead.cli.lab.own_campaign import holds
from ohmstead.cli.lab.prompt import ConsoleTerminal, PromptHand
from ohmstead.cli.lab.provided import provided
from ohmstead.cli.lab.waiting import WaitingDisplay
from ohmstead.cli.run.data import default_folder
from ohmstead.cli.terminal import escape
from ohmstead.edge.private_files import private_directory
from ohmstead.lab.cases.case import load_cases
from ohmstead.lab.cases.config import load as load_config
from ohmstead.lab.evidence.digests import new_key
from ohmstead.lab.evidence.judge import confirmed
from ohmstead.lab.rigs.external import ExternalRig
from ohmstead.lab.rigs.external_campaign import ExternalCampaign, StationGone
from ohmstead.lab.rigs.hand import HttpHand, LeasableHand, Paused
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.results import CampaignOptions, Results, ResultsHead
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.load import load
from ohmstead.product.profile import Product


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
    again: bool = False
    """Run what has a result too."""
    folder: Path | None = None
    record: bool = False
    """Keep the evidence in the results."""
    keep_secrets: bool = False
    """Leave passwords in the evidence as they are."""
    options: CampaignOptions | None = None
    """What the campaign was started with; kept beside the results."""
    tolerance: float = 4.0
    """Seconds by which an instant may be off."""
    patience: float = 30.0
    """Seconds for which an expected message is waited for."""

    @property
    def profile(self) -> int:
        """The security profile, by the scheme unless it is given."""
        return self.security_profile or (2 if self.listen.startswith("wss:") else 1)


def run_external(
    external: External,
    source: str | Product,
    identifiers: Sequence[str],
    config: Path | None,
    heard: Callable[[Result], object] = lambda _result: None,
) -> list[Result]:
    """Run a campaign, telling the person at the terminal how it goes; return all results, in order of ids.

    What was recorded is judged again: a verdict that its evidence does not lead to becomes INCONCLUSIVE.

    Raises PlaceError, ResumeError, RunRefused.
    """
    console = Console(highlight=False, soft_wrap=True)
    product = load(source) if isinstance(source, str) else source
    place = ListenAddress.parse(external.listen, external.names)
    results = _results(external, product, identifiers)
    results.heard = heard
    settings = load_config(config)
    folder = external.folder or default_folder("lab")
    private_directory(folder)
    person = PromptHand(ConsoleTerminal(console)) if console.is_terminal or external.hand == "prompt" else None
    provisioning = provided(external.identity, external.password_file, external.profile)
    if external.hand == "prompt":
        todo = [load_cases()[one] for one in identifiers if not results.settled(one)]
        console.print(f"[dim]{effort_of(todo, product, provisioning)}[/]")

    async def campaign() -> None:
        hand: LeasableHand | None = person if external.hand == "prompt" else HttpHand(external.hand, person)
        assert hand is not None
        limits = {"tolerance": external.tolerance, "patience": external.patience}
        protocol = settings.file_protocol if settings.file_protocol in product.file_protocols else ""
        rig = ExternalRig(product, place, hand, provisioning, folder, protocol=protocol, **limits)
        await rig.listen()
        display = WaitingDisplay(console, rig)
        try:
            display.introduce()
            tell = functools.partial(_tell, console)
            going = ExternalCampaign(
                rig, product, settings, results, person, tell, record=external.record, key=results.key
            )
            async with display.watching():
                await going.run([load_cases()[identifier] for identifier in identifiers])
        finally:
            await rig.close()
            if isinstance(hand, HttpHand):
                await hand.close()

    try:
        asyncio.run(interruption.cancelled_by_signal(campaign()))
    except (Paused, KeyboardInterrupt, asyncio.CancelledError, StationGone) as stopped:
        console.print(f"[yellow]Stopped: {escape(str(stopped) or 'interrupted')}.[/] {_how_to_go_on(external)}")
        if interruption.struck():
            interruption.leave(interruption.struck())
    for result in list(results.done.values()) if external.record else ():
        judged = confirmed(result, product, settings)
        if judged != result:
            results.add(judged)
            _tell(console, judged)
    return [results.done[one] for one in sorted(results.done)]


def _results(external: External, product: Product, identifiers: Sequence[str]) -> Results:
    """Return what is gone on with. Raises ResumeError."""
    key = "" if external.keep_secrets else new_key()
    head = ResultsHead(product=product.name, bench="external", url=external.listen, key=key, options=external.options)
    results = open_results(external.resume, head, record=external.record)
    results.keep(lambda one: holds(product, one) and not (external.again and one.id in identifiers))
    return results


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
    return f"The same command with --resume {escape(str(external.resume or LAST))} goes on with what is missing."
