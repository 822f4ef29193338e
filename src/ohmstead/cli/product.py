"""`ohmstead product import | new | list | show`: products out of certificates or answers, and what they say."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ohmstead.cli.product_new import EXAMPLE as NEW_EXAMPLE
from ohmstead.cli.product_new import new
from ohmstead.cli.terminal import escape, say_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ohmstead.product.abstract import CertificateError, Note
    from ohmstead.product.profile import Product

app = typer.Typer(
    help="What a station is: products that come with Ohmstead, and products read from a certificate.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

EXAMPLE = """[bold]Example[/bold]

  ohmstead product import certificate.txt -o my-station.toml
  ohmstead product show my-station.toml
  ohmstead run --product my-station.toml

FILE is an OCA certificate for an OCPP 2.0.1 charging station:

  its PDF (with the extra ohmstead[pdf]), its text as pdftotext writes it, with -layout or without,

  or a text whose tables have tabs, or are those of markdown or HTML.

All that was put right, not understood or wrong is listed with line numbers.

Of a contradiction that leaves one sensible station it says how it was read; --strict refuses it.

Any other contradiction and a missing table end the import, and nothing is written."""


@app.callback()
def product() -> None:
    """Products: read them from certificates, list them, show them."""


@app.command("import", epilog=EXAMPLE)
def import_(
    file: Annotated[
        Path, typer.Argument(help="The certificate: PDF, text or page; or report.html, report.json.", metavar="FILE")
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Product file to write; without it the TOML goes to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the product file if it is there.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what contradicts itself, however it reads.")] = False,
) -> None:
    """Read the abstract of a certificate, or a report of `ohmstead certify`, into a product file."""
    from ohmstead.lab.report.read import is_report, read_report
    from ohmstead.product.certificate import CertificateError, read_file
    from ohmstead.product.write import write

    if out is not None:
        check_out(out, force)
    try:
        reading = read_report(file, strict=strict) if is_report(file) else read_file(file, strict=strict)
    except CertificateError as error:
        raise CertificateError(0, _all_of(file, error)) from None
    certificate = reading.product.certificate
    source = f"certificate {certificate.number}" if certificate.number else "a certificate"
    text = write(reading.product, f"{certificate.product_designation}, read from {source}.")
    _print_notes(reading.notes)
    if out is None:
        say_lines(text)
        return
    replace(out, text)
    _print_summary(reading.product, out, len(reading.notes))


app.command("new", epilog=NEW_EXAMPLE)(new)


@app.command("list", epilog="[bold]Example[/bold]\n\n  ohmstead product list")
def list_() -> None:
    """List the products that come with Ohmstead, with their security profiles and how many features they have."""
    from rich.table import Table

    from ohmstead.product.load import load, shipped

    table = Table(title="Products", title_justify="left")
    for column in ("Name", "Station", "EVSEs", "Power", "Profiles", "Features"):
        table.add_column(column, overflow="fold", no_wrap=column not in ("Station", "EVSEs"))
    for name in shipped():
        one = load(name)
        table.add_row(
            name,
            f"{one.identity.vendor_name} {one.identity.model}",
            _evses(one),
            _kilowatts(one.hardware.max_power_w),
            ", ".join(map(str, one.security.profiles)),
            str(sum(one.features.values())),
        )
    _print(table)


@app.command("show", epilog="[bold]Example[/bold]\n\n  ohmstead product show sec1000-240y")
def show(
    name: Annotated[str, typer.Argument(help="Name of a shipped product, or path of a product file.", metavar="NAME")],
) -> None:
    """Show one product: identity, EVSEs, features, settings, figures."""
    from ohmstead.cli.product_page import page
    from ohmstead.product.load import load

    for part in page(load(name)):
        _print(part)


def _all_of(file: Path, error: "CertificateError") -> str:
    if len(error.errors) == 1:
        return f"{file}: {error}"
    lines = "\n".join(f"  {one.placed}" for one in error.errors)
    return f"{file}: {len(error.errors)} things are wrong, and nothing is written\n{lines}"


def check_out(out: Path, force: bool) -> None:
    """Refuse a place that cannot be written, or that is taken."""
    if out.is_dir():
        raise typer.BadParameter(f"{out} is a folder; name the product file in it", param_hint="-o")
    if not out.parent.is_dir():
        raise typer.BadParameter(f"{out}: there is no folder {out.parent}", param_hint="-o")
    if out.exists() and not force:
        raise typer.BadParameter(f"{out} exists; --force overwrites it", param_hint="-o")


def replace(out: Path, text: str) -> None:
    """Write a file as a whole or not at all. Raises OSError that names it."""
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(out)
    except OSError as error:
        raise OSError(f"{out} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _print_notes(notes: "Iterable[Note]") -> None:
    from rich.console import Console

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for note in notes:
        place = f"line {note.line}" if note.line else "text"
        color = "yellow" if note.severity == "warning" else "cyan"
        console.print(f"[{color}]{note.severity:>7}[/{color}]  {place}: {escape(note.text)}")


def _print_summary(one: "Product", out: Path, notes: int) -> None:
    from rich.table import Table

    identity = one.identity
    table = Table(title=escape(str(out)), title_justify="left", show_header=False)
    rows = (
        ("Vendor, model", f"{identity.vendor_name}, {identity.model}"),
        ("Firmware", identity.firmware_version),
        ("EVSEs", _evses(one)),
        ("Power", _kilowatts(one.hardware.max_power_w)),
        ("Security profiles", ", ".join(map(str, one.security.profiles))),
        ("Features", f"{sum(one.features.values())} of {len(one.features)} supported"),
        ("Start points", ", ".join(one.start_points)),
        ("Stop points", ", ".join(one.stop_points)),
        ("Settings", str(len(one.settings))),
        ("Notes, warnings", str(notes)),
    )
    for name, value in rows:
        table.add_row(name, escape(value))
    _print(table)


def _evses(one: "Product") -> str:
    counts: dict[str, int] = {}
    for evse in one.evses:
        types = " + ".join(connector.type for connector in evse.connectors)
        counts[f"{evse.current} {types}"] = counts.get(f"{evse.current} {types}", 0) + 1
    return ", ".join(f"{count} x {what}" if count > 1 else what for what, count in counts.items())


def _kilowatts(watts: float) -> str:
    return f"{watts / 1000:g} kW"


def _print(part: object) -> None:
    from rich.console import Console

    Console(highlight=False).print(part)
