"""`ohmstead lab describe`: an unknown station becomes a product file that the lab can judge it by."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli import external_flags
from ohmstead.cli.terminal import say, say_lines

if TYPE_CHECKING:
    from ohmstead.lab.describe.description import Description
    from ohmstead.lab.describe.hardware import Ask, StationReply
    from ohmstead.lab.describe.inquiry import Inquiry, StationFound
    from ohmstead.lab.describe.questions import StationQuestion
    from ohmstead.lab.rigs.external import ExternalRig

EXAMPLE = """[bold]Example[/bold]

  ohmstead lab describe --csms-listen ws://0.0.0.0:9000 -o my-station.toml

  ohmstead lab describe --csms-listen ws://0.0.0.0:9000 --answer readers=single --answer displays=0 -o my-station.toml

Point the station at the URL that is printed. At a terminal it asks for what no message tells; elsewhere that is

answered by --answer, or assumed, and marked so in the file."""
REMARK = """{vendor} {model}, as `ohmstead lab describe` found it.

Behind each line stands where it comes from:
  seen      the station said so
  told      you said so
  assumed   neither did: look at these {assumed} lines, for claims pick the cases

Edit it, then:
  ohmstead lab preflight --product {file} --csms-listen {listen}
  ohmstead lab run P_01 --product {file} --bench external --csms-listen {listen}"""
Answer = Annotated[
    list[str] | None,
    typer.Option("--answer", metavar="NAME=VALUE", help="Answers a question: readers=none, displays=1, C-57=yes ..."),
]
Within = Annotated[float, typer.Option("--within", min=1, help="Seconds for which the station is waited for.")]


def describe(
    csms_listen: external_flags.CsmsListen = "",
    csms_name: external_flags.CsmsName = None,
    identity: external_flags.Identity = "CS-001",
    password_file: external_flags.PasswordFile = None,
    security_profile: external_flags.SecurityProfile = None,
    answer: Answer = None,
    within: Within = 3600.0,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Product file to write; without it the TOML goes to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the product file if it is there.")] = False,
) -> None:
    """Ask a station what it is, ask you what it cannot tell, and write the product file that cases are picked by."""
    from rich.console import Console

    from ohmstead.cli.lab.visit import Visit, visit
    from ohmstead.cli.product import check_out, replace
    from ohmstead.lab.describe.description import describe as described
    from ohmstead.lab.rigs.unknown_station import NobodyThere, anybody
    from ohmstead.product.load import parse
    from ohmstead.product.remarks import with_remarks
    from ohmstead.product.write import write

    if out is not None:
        check_out(out, force)
    answers = _answers(answer or [])
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    place = Visit(
        listen=csms_listen,
        names=tuple(csms_name or ()),
        identity=identity,
        password_file=password_file,
        security_profile=security_profile,
        within=within,
    )
    found = visit(console, place, anybody(), NobodyThere, _inquire)
    description = described(found, _asking(answers))
    if answers:
        say(f"not asked, and left out: {', '.join(answers)}", err=True)
    product = description.product
    remark = REMARK.format(
        vendor=product.identity.vendor_name,
        model=product.identity.model,
        assumed=description.assumed,
        file=out or f"{product.name}.toml",
        listen=csms_listen,
    )
    text = with_remarks(write(product, remark), description.sources)
    parse(text.encode(), str(out or "the product"))
    if out is None:
        say_lines(text)
    else:
        replace(out, text)
    _summary(description, found, out)


async def _inquire(inquiry: "Inquiry", _rig: "ExternalRig") -> "StationFound":
    """Read all that a station tells; what its reports leave out is asked for one by one."""
    from ohmstead.lab.describe.claims import asked_keys
    from ohmstead.lab.describe.description import known_keys

    await inquiry.read_inventory()
    if not (inquiry.found.complete and inquiry.found.inventory == "FullInventory"):
        await inquiry.read_variables([*known_keys(), *asked_keys()])
    await inquiry.try_triggers()
    return inquiry.found


def _answers(given: list[str]) -> dict[str, str]:
    from ohmstead.lab.describe.questions import AnswerError, check_answer

    answers = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise typer.BadParameter(f"{one!r} is not NAME=VALUE, such as readers=single", param_hint="--answer")
        try:
            check_answer(name.strip(), value.strip())
        except AnswerError as error:
            raise typer.BadParameter(str(error), param_hint=f"--answer {name.strip()}") from None
        answers[name.strip()] = value.strip()
    return answers


def _asking(answers: dict[str, str]) -> "Ask":
    """Return what answers: `--answer` first, then whoever is at the terminal, else what is usual."""
    from ohmstead.lab.describe.hardware import StationReply
    from ohmstead.lab.describe.questions import AnswerError

    def ask(question: "StationQuestion") -> "StationReply":
        given = answers.pop(question.name, None)
        if given is not None:
            return StationReply(question.read(given), "told: --answer")
        while sys.stdin.isatty():
            try:
                typed = str(typer.prompt(f"{question.text} ({question.name})", default=question.usual, err=True))
                return StationReply(question.read(typed), "told")
            except AnswerError as error:
                say(str(error), err=True)
        return StationReply(question.read(question.usual), f"assumed; --answer {question.name}=... says otherwise")

    return ask


def _summary(description: "Description", found: "StationFound", out: Path | None) -> None:
    """Say on stderr what was seen and what to look at."""
    product = description.product
    seen = sum(source.startswith("seen") for source in description.sources.values())
    has = sum(product.features.values())
    say(
        f"{product.identity.vendor_name} {product.identity.model}: {len(product.evses)} EVSE, {has} features; "
        f"{seen} lines seen, {description.assumed} assumed",
        err=True,
    )
    for action, answered in found.missing.items():
        say(f"{action} is answered {answered}", err=True)
    if out is not None:
        say(f"{out}: look at the lines that say assumed", err=True)
