"""`ohmstead lab preflight`: what the lab will be able to test of a station, before a campaign finds out."""

from typing import TYPE_CHECKING

from ohmstead.cli import campaign_flags, external_flags
from ohmstead.cli.lab.describe import Within

if TYPE_CHECKING:
    from rich.console import Console

    from ohmstead.lab.describe.outlook import Outlook
    from ohmstead.lab.describe.preflight import Trial

EXAMPLE = """[bold]Example[/bold]

  ohmstead lab preflight --product my-station.toml --csms-listen ws://0.0.0.0:9000 --hand http://127.0.0.1:8099/hand

Exit code 0: every case that applies can be carried out."""
MARKS = {"yes": "[green]yes[/]", "no": "[bold red]no [/]", "?": "[yellow] ? [/]"}


def preflight(
    product: campaign_flags.CampaignProduct = "",
    csms_listen: external_flags.CsmsListen = "",
    csms_name: external_flags.CsmsName = None,
    hand: external_flags.Hand = "prompt",
    identity: external_flags.Identity = "CS-001",
    password_file: external_flags.PasswordFile = None,
    security_profile: external_flags.SecurityProfile = None,
    config: campaign_flags.Config = None,
    within: Within = 3600.0,
) -> int:
    """Try once what cases need: messages of the station, actions of the hand. Say which cases will have a verdict."""
    import functools

    from rich.console import Console

    from ohmstead.cli.lab.prompt import ConsoleTerminal, PromptHand
    from ohmstead.cli.lab.visit import Visit, visit
    from ohmstead.lab.cases.case import load_cases
    from ohmstead.lab.cases.config import load as load_config
    from ohmstead.lab.describe.inquiry import Inquiry
    from ohmstead.lab.describe.outlook import outlook
    from ohmstead.lab.describe.preflight import Trial, trials
    from ohmstead.lab.rig import PersistentStation
    from ohmstead.lab.rigs.external import ExternalRig
    from ohmstead.lab.rigs.hand import HttpHand, LeasableHand
    from ohmstead.product.load import load

    chosen = load(campaign_flags.product_of("external", product, csms_listen))
    settings = load_config(config)
    console = Console(highlight=False, soft_wrap=True)
    person = PromptHand(ConsoleTerminal(console)) if hand == "prompt" or console.is_terminal else None
    place = Visit(
        listen=csms_listen,
        names=tuple(csms_name or ()),
        identity=identity,
        password_file=password_file,
        security_profile=security_profile,
        within=within,
    )

    def lent() -> LeasableHand:
        return person if hand == "prompt" and person is not None else HttpHand(hand, person)

    async def talk(inquiry: Inquiry, rig: ExternalRig) -> tuple[list[Trial], PersistentStation]:
        await rig.hand.hold("lab: preflight")
        try:
            done = await trials(inquiry, rig, chosen, settings, functools.partial(_tell, console))
        finally:
            await rig.hand.let_go()
        station = PersistentStation(number=0, provisioning=rig.provisioning, attended=person is not None)
        return done, station

    done, station = visit(console, place, chosen, lent, talk)
    seen = outlook(load_cases().values(), chosen, station, done)
    _show(console, seen)
    return 1 if seen.lacks else 0


def _tell(console: "Console", trial: "Trial") -> None:
    from ohmstead.cli.terminal import escape

    name = f"hand: {trial.name}" if trial.hand else trial.name
    console.print(f"{MARKS[trial.outcome]}  {name:<28} {escape(trial.told)}")


def _show(console: "Console", seen: "Outlook") -> None:
    from rich.table import Table

    from ohmstead.cli.terminal import escape

    applying = len(seen.testable) + sum(len(lack.cases) for lack in seen.lacks)
    console.print(
        f"\n[bold]{len(seen.testable)} of {applying} cases can be carried out[/]; {seen.inapplicable} do not apply."
    )
    if not seen.lacks:
        return
    table = Table(title="The others", title_justify="left")
    for column in ("Cases", "Will say", "Because", "Which"):
        table.add_column(column, overflow="fold")
    for lack in seen.lacks:
        verdict = "FAIL" if lack.fails else "INCONCLUSIVE"
        which = " ".join(case.removeprefix("TC_").removesuffix("_CS") for case in lack.cases)
        table.add_row(str(len(lack.cases)), verdict, escape(lack.reason), which)
    console.print(table)
