"""The page that `ohmstead product show` prints."""

from collections.abc import Iterator

from rich.columns import Columns
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ohmstead.cli.terminal import escape
from ohmstead.product.difference_words import setting_words
from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Product


def page(product: Product) -> Iterator[RenderableType]:
    """Yield the parts of the page, top to bottom."""
    identity = product.identity
    yield Text.from_markup(f"[bold]{escape(identity.vendor_name)} {escape(identity.model)}[/bold]  ({product.name})")
    yield _facts(product)
    yield _evses(product)
    yield from _features(product)
    yield from _settings(product)
    figures = _figures(product)
    if figures is not None:
        yield figures


def _facts(product: Product) -> Table:
    identity, hardware, certificate = product.identity, product.hardware, product.certificate
    results = ", ".join(f"{profile}: {result}" for profile, result in certificate.results.items())
    rows = (
        ("Firmware", identity.firmware_version),
        ("Serial number", identity.serial_number),
        ("Config ID", identity.config_id),
        ("Image hash", identity.image_hash),
        ("Power", f"{hardware.max_power_w / 1000:g} kW"),
        ("Communication", ", ".join(hardware.communication)),
        ("RFID readers", hardware.rfid_readers),
        ("Displays", str(hardware.displays)),
        ("Security profiles", ", ".join(map(str, product.security.profiles))),
        ("Cipher suites", "\n".join(product.security.cipher_suites)),
        (
            "Certificate",
            " · ".join(part for part in (certificate.number, certificate.date, certificate.holder) if part),
        ),
        ("Tested by", certificate.laboratory),
        ("Tested against", certificate.reference_specification),
        ("Results", results),
    )
    table = _table("Identity", "", "")
    table.show_header = False
    for name, value in rows:
        if value:
            table.add_row(name, escape(value))
    return table


def _evses(product: Product) -> Table:
    table = _table("EVSEs", "EVSE", "Current", "Phases", "Power", "Connector", "Type", "Cable")
    for evse in product.evses:
        for connector in evse.connectors:
            phases, current = str(evse.phases_of(connector) or "-"), evse.current_of(connector)
            power = f"{evse.max_power_w / 1000:g} kW"
            table.add_row(str(evse.id), current, phases, power, str(connector.id), connector.type, connector.cable)
    return table


def _features(product: Product) -> Iterator[RenderableType]:
    groups: dict[str, Table] = {}
    for identifier, feature in FEATURES.items():
        options = any(name.startswith(f"{identifier}.") for name in product.features)
        if identifier not in product.features and not (feature.kind == "heading" and options):
            continue
        table = groups.setdefault(feature.group, _table(feature.group, "ID", "Feature", "", "Built"))
        if feature.kind == "heading":
            table.add_row(identifier, f"[bold]{escape(feature.text)}[/bold]", "", "")
        else:
            answer = "[green]yes[/green]" if product.has(feature) else "[dim]no[/dim]"
            indent = "  " if "." in identifier else ""
            missing = "[red]no[/red]" if product.has(feature) else "[dim]no[/dim]"
            table.add_row(
                identifier, f"{indent}{escape(feature.text)}", answer, "[dim]yes[/dim]" if feature.built else missing
            )
    yield Columns(groups.values(), padding=(0, 2))


def _settings(product: Product) -> Iterator[Table]:
    settings = _table("Settings", "ID", "Meaning", "Value")
    for identifier, value in product.settings.items():
        meaning = FEATURES[identifier].text if identifier in FEATURES else ""
        settings.add_row(identifier, escape(meaning), escape(str(value)))
    variables = _table("Variables", "Variable", "This product says")
    for name, setting in product.variables.items():
        variables.add_row(escape(name), escape(setting_words(setting)))
    measurands = _table("Measurands", "List", "May hold")
    for name in product.measurands.__struct_fields__:
        measurands.add_row(name, ", ".join(getattr(product.measurands, name)) or "-")
    yield from (table for table in (settings, variables, measurands) if table.row_count)


def _figures(product: Product) -> Table | None:
    performance = product.performance
    rows = (
        ("Response", performance.response),
        ("Triggered message", performance.triggered),
        ("Remote start to transaction", performance.start),
        ("Remote stop to end", performance.stop),
    )
    if all(figure.limit is figure.min is figure.max is figure.average is None for _, figure in rows):
        return None
    over = f" over {performance.technology}" if performance.technology else ""
    table = _table(f"Figures of the certificate{over}, seconds", "", "Min", "Average", "Max", "Limit")
    for name, figure in rows:
        numbers = (figure.min, figure.average, figure.max, figure.limit)
        table.add_row(name, *("not measurable" if number is None else f"{number:g}" for number in numbers))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
