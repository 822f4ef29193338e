"""`ohmstead product new`: ten questions, and a product file with a comment at each line."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from ohmstead.cli.terminal import say, say_lines

T = TypeVar("T")
READERS: dict[str, Literal["None", "Single", "PerEVSE"]] = {
    "none": "None",
    "single": "Single",
    "per-evse": "PerEVSE",
}
WAYS = {"ethernet": "Ethernet", "mobile": "Mobile network", "wi-fi": "Wi-Fi"}
REMARK = """{model}, from the answers to `ohmstead product new`.

Edit it: each line says what it means, and `ohmstead product show` what is built. Then:
  ohmstead run --product {file}
  ohmstead lab run --product {file}"""
EXAMPLE = """[bold]Examples[/bold]

  ohmstead product new

  ohmstead product new --model Wall-22 --evses 2 --current AC --connectors sType2 --phases 3 -o wall-22.toml

Without a terminal, what is not given is answered as in the brackets of the questions."""


def new(
    model: Annotated[str | None, typer.Option(help="Model; the product is named after it.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Vendor name.")] = None,
    evses: Annotated[int | None, typer.Option(help="Number of EVSEs.")] = None,
    current: Annotated[str | None, typer.Option(help="AC or DC.")] = None,
    connectors: Annotated[str | None, typer.Option(help="Connectors of each EVSE, such as cCCS2,cG105.")] = None,
    phases: Annotated[int | None, typer.Option(help="Phases of an AC EVSE: 1, 2 or 3.")] = None,
    power: Annotated[float | None, typer.Option(help="Power of a DC EVSE in kW.")] = None,
    readers: Annotated[str | None, typer.Option(help="RFID readers: none, single or per-evse.")] = None,
    displays: Annotated[int | None, typer.Option(help="Number of displays.")] = None,
    communication: Annotated[
        str | None, typer.Option(help="Ways to the CSMS: ethernet, mobile, wi-fi, joined by commas.")
    ] = None,
    profiles: Annotated[str | None, typer.Option(help="Security profiles, such as 2,3.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Product file to write; without it the TOML goes to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the product file if it is there.")] = False,
) -> None:
    """Describe a station in ten answers, asked for or given, and write its product file."""
    from ohmstead.cli.product import check_out, replace
    from ohmstead.product.check import problems
    from ohmstead.product.draft import DraftAnswers, draft
    from ohmstead.product.load import ProductError
    from ohmstead.product.write import write

    if out is not None:
        check_out(out, force)
    model = _answer(model, "Model", "Station 1", str)
    vendor = _answer(vendor, "Vendor", "Ohmstead", str)
    number = _answer(evses, "Number of EVSEs (1 to 50)", "1", _number(1, 50))
    kind = _answer(current, "AC or DC", "AC", _one_of({"ac": "AC", "dc": "DC"}))
    alternating = kind == "AC"
    usual = "sType2" if alternating else "cCCS2"
    plugs = _answer(connectors, "Connectors of each EVSE, joined by commas", usual, _connectors)
    if alternating:
        given: float = _answer(phases, "Phases of an EVSE (1 to 3)", "3", _number(1, 3))
    else:
        given = _answer(power, "Power of an EVSE in kW", "50", _kilowatts)
    answers = DraftAnswers(
        model=model,
        vendor=vendor,
        evses=number,
        current="AC" if alternating else "DC",
        connectors=plugs,
        power=given,
        readers=_answer(readers, "RFID readers: none, single or per-evse", "single", _one_of(READERS)),
        displays=_answer(displays, "Number of displays", "0", _number(0, 100)),
        communication=_answer(communication, "Ways to the CSMS: ethernet, mobile, wi-fi", "ethernet", _ways),
        profiles=_answer(profiles, "Security profiles, joined by commas", "2,3", _profiles),
    )
    product = draft(answers)
    for problem in problems(product):
        raise ProductError(model, problem.where, problem.wrong, problem.right)
    text = write(product, REMARK.format(model=model, file=out or f"{product.name}.toml"))
    if out is None:
        say_lines(text)
    else:
        replace(out, text)


def _answer(given: object, question: str, usual: str, read: Callable[[str], T]) -> T:
    """Return what was given, or what somebody at a terminal answers; else what is usual."""
    if given is not None:
        try:
            return read(str(given))
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint=question) from None
    while sys.stdin.isatty():
        try:
            return read(str(typer.prompt(question, default=usual, err=True)).strip())
        except ValueError as error:
            say(str(error), err=True)
    return read(usual)


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:6]) <= most):
            raise ValueError(f"{text!r} is no number from {least} to {most}")
        return int(text)

    return read


def _kilowatts(text: str) -> float:
    try:
        value = float(text.lower().removesuffix("kw"))
    except ValueError:
        value = 0.0
    if not 0 < value <= 10_000:
        raise ValueError(f"{text!r} is no power in kW")
    return value


def _one_of(known: dict[str, T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        if text.lower() not in known:
            raise ValueError(f"{text!r} is none of {', '.join(known)}")
        return known[text.lower()]

    return read


def _connectors(text: str) -> tuple[str, ...]:
    from ohmstead.product.features import CONNECTOR_TYPES

    by_letters = {name.lower(): name for name in CONNECTOR_TYPES}
    return tuple(map(_one_of(by_letters), _parts(text)))


def _ways(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_one_of(WAYS), _parts(text))))


def _profiles(text: str) -> tuple[int, ...]:
    return tuple(sorted(set(map(_number(1, 3), _parts(text)))))


def _parts(text: str) -> list[str]:
    found = [part.strip() for part in text.split(",") if part.strip()]
    if not found:
        raise ValueError("at least one is needed")
    return found
