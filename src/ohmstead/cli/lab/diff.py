"""`ohmstead lab diff`: two products in words, with the cases that stop or start to apply; or two campaigns."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from ohmstead.cli.terminal import say, say_lines

if TYPE_CHECKING:
    from ohmstead.lab.applicability import CasesMoved
    from ohmstead.lab.report.diff import ReportChange
    from ohmstead.lab.report.model import Report
    from ohmstead.product.profile import Product

EXAMPLE = """[bold]Examples[/bold]

  ohmstead lab diff sec1000-240y my-station.toml

  ohmstead lab diff certificate.pdf report-mine

  ohmstead lab diff report-before report-after

A and B are names of shipped products, product files, abstracts of certificates, or reports.

Exit codes for products: 0 they are the same, 1 they differ, 2 one cannot be read.

For two reports: 0 nothing is worse in B, 1 something is, 2 one cannot be read."""
REPORT = "report.json"


class DifferenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One difference of two products, as `--json` has it."""

    id: str
    where: str
    """Key path in the product: `evses[2].connectors[1].type`."""
    before: object
    after: object
    text: str
    stop: tuple[str, ...]
    """Cases that stop applying because of it."""
    start: tuple[str, ...]


class ProductDifferences(msgspec.Struct, frozen=True, kw_only=True):
    """The file of `--json` for two products."""

    before: str
    after: str
    differences: tuple[DifferenceRow, ...]
    stop: tuple[str, ...]
    """All cases that apply to A alone."""
    start: tuple[str, ...]


def diff(
    before: Annotated[str, typer.Argument(help="A product or a report.", metavar="A")],
    after: Annotated[str, typer.Argument(help="Another one.", metavar="B")],
    products: Annotated[
        bool, typer.Option("--products", help="Compare the products of two reports, and not their verdicts.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the differences as JSON; - is stdout.")
    ] = None,
) -> int:
    """Compare two products in words, and which cases apply to them; or two campaigns by their reports."""
    from ohmstead.cli.lab.kept import tried

    if json is not None and str(json) != "-":
        tried(json, "--json")
    one, other = (None if products else _report(source) for source in (before, after))
    if one is not None and other is not None:
        return _campaigns(one, other, json)
    return _products((before, _product(before)), (after, _product(after)), json)


def _report(source: str) -> "Report | None":
    """Return a report with its verdicts; None: the source is something else. Raises ReportError, OSError."""
    from ohmstead.lab.report.model import read

    path = Path(source)
    path = path / REPORT if path.is_dir() else path
    return read(path.read_bytes()) if path.name.lower().endswith(".json") else None


def _product(source: str) -> "Product":
    """Return the product that a source means. Raises ProductError, CertificateError, ReportError."""
    from ohmstead.lab.report.read import is_report, read_report
    from ohmstead.product.certificate import CertificateError, read_file
    from ohmstead.product.load import load

    path = Path(source)
    path = path / REPORT if path.is_dir() else path
    if path.suffix.lower() == ".toml" or not path.is_file():
        return load(source)
    try:
        return (read_report(path) if is_report(path) else read_file(path)).product
    except CertificateError as error:
        raise CertificateError(0, f"{source}: {error}") from None


def _campaigns(one: "Report", other: "Report", json: Path | None) -> int:
    from ohmstead.lab.report.diff import changes

    found = changes(one, other)
    worse = sum(change.worse for change in found)
    if not _written(json, found):
        for change in found:
            say(f"{'worse' if change.worse else '     '}  {change}")
        say(f"{_count(len(found), 'difference')}, {worse} for the worse")
    return 1 if worse else 0


def _products(one: "tuple[str, Product]", other: "tuple[str, Product]", json: Path | None) -> int:
    from ohmstead.lab.applicability import compare
    from ohmstead.product.difference_words import in_words

    (first, before), (second, after) = one, other
    compared = compare(before, after)
    units = {**_units(after), **_units(before)}
    rows = []
    for difference, moved in compared.decided:
        words = in_words(difference, before, after, units)
        rows.append(
            DifferenceRow(
                id=words.id,
                where=difference.where,
                before=difference.before,
                after=difference.after,
                text=words.text,
                stop=moved.stop,
                start=moved.start,
            )
        )
    whole = compared.all
    told = ProductDifferences(before=first, after=second, differences=tuple(rows), stop=whole.stop, start=whole.start)
    if not _written(json, told):
        _tell(told, compared.together)
    return 1 if rows else 0


def _tell(told: ProductDifferences, together: "CasesMoved") -> None:
    say(f"A is {told.before}, B is {told.after}")
    for row in sorted(told.differences, key=lambda one: not (one.stop or one.start)):
        consequence = _consequence(row.stop, row.start)
        say(f"{row.id} {row.text}".strip() + (f", so {consequence}" if consequence else ""))
    if several := _consequence(together.stop, together.start):
        say(f"By several of these together {several}")
    count = _count(len(told.differences), "difference")
    say(f"{count}; {_cases(told.stop)} stop applying, {_cases(told.start)} start")


def _consequence(stop: tuple[str, ...], start: tuple[str, ...]) -> str:
    parts = [
        f"{_cases(ids)} {verb}{_s(ids)} applying: {', '.join(ids)}"
        for ids, verb in ((stop, "stop"), (start, "start"))
        if ids
    ]
    return "; and ".join(parts)


def _s(ids: tuple[str, ...]) -> str:
    return "s" if len(ids) == 1 else ""


def _cases(ids: tuple[str, ...]) -> str:
    return _count(len(ids), "case")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _units(product: "Product") -> dict[str, str]:
    """Return the units of the variables that our device model has."""
    from ohmstead.model.device import DeviceModel

    device = DeviceModel(product)
    return {
        f"{component.name}.{variable.local_name}": variable.unit
        for component in device.components
        for variable in component.variables
        if variable.unit
    }


def _written(json: Path | None, told: "ProductDifferences | tuple[ReportChange, ...]") -> bool:
    """Write a file or stdout; say whether that was all that stdout is for."""
    if json is None:
        return False
    text = msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
    if str(json) == "-":
        say_lines(text)
        return True
    json.write_text(text, encoding="utf-8")
    return False
