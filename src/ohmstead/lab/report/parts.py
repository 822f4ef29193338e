"""A report as headings, tables and words, for the page and the paper alike: what is said is decided here, once."""

from collections.abc import Iterator

from ohmstead.lab.cases.figures import NAMES
from ohmstead.lab.report.basis import rests_on
from ohmstead.lab.report.case_pages import case_pages, common_causes
from ohmstead.lab.report.case_tables import all_cases, not_passed
from ohmstead.lab.report.claims import claim_of
from ohmstead.lab.report.layout import Cell, ReportSection, Table
from ohmstead.lab.report.model import FeatureRow, Report
from ohmstead.product.features import FEATURES
from ohmstead.product.profile import Figure, Product

MEANINGS = {
    "response": "From a request to its response, over all messages; the station answers within this.",
    "triggered": "From a request to the report that it asks for.",
    "start": "From RequestStartTransaction to its TransactionEvent, where nothing has to be done by hand in between.",
    "stop": "From RequestStopTransaction to its TransactionEvent, where the authorization ends at once.",
}
"""Field of `Figures` -> what the figure says."""


def parts(report: Report) -> Iterator[ReportSection]:
    """Yield the parts of a report, top to bottom."""
    yield _profiles(report)
    yield from common_causes(report)
    if report.contradicted:
        yield _contradicted(report)
    yield from not_passed(report)
    yield _product(report)
    yield _origin(report)
    yield from _features(report)
    yield from _performance(report)
    yield all_cases(report)
    if report.basis is not None:
        yield rests_on(report, report.basis)
    yield from case_pages(report)
    yield _colophon(report)


def _profiles(report: Report) -> ReportSection:
    tones = {"Pass": "good", "Fail": "bad", "Not Tested": "dim"}
    rows = tuple(
        (
            Cell(profile.name),
            Cell(profile.result, tones[profile.result] if profile.claimed or profile.failed else "dim"),
            Cell(f"{profile.passed} / {profile.applicable}" if profile.claimed else ""),
            Cell(str(profile.failed), "bad") if profile.failed else Cell("0" if profile.claimed else "", "dim"),
            Cell(str(profile.open), "open") if profile.open else Cell("0" if profile.claimed else "", "dim"),
            Cell(profile.why, "dim", True),
        )
        for profile in report.profiles
    )
    head = ("Profile", "Result", "Passed", "Failed", "Open", "Why")
    table = Table(head=head, widths=(30, 13, 11, 9, 8, 29), rows=rows, own=True, badges=True)
    return ReportSection(title="Result per certification profile", tables=(table,), own=True)


def _contradicted(report: Report) -> ReportSection:
    failed = {case.id for case in report.cases if case.verdict == "FAIL"}
    rows = tuple(
        (
            Cell(row.id),
            Cell(row.text),
            Cell(row.claim),
            Cell(row.measured, "bad"),
            Cell(", ".join(case for case in row.cases if case in failed), "", True),
        )
        for row in report.contradicted
    )
    head = ("ID", "Feature", "Claim", "Measured", "Failed")
    table = Table(head=head, widths=(8, 32, 14, 20, 26), rows=rows, own=True)
    text = (
        "What the product claims, and a case that is about it did not confirm. Where it failed for a cause that has "
        "nothing to do with the claim, the claim may be right: What is wrong, above, says for what it failed."
    )
    return ReportSection(title="Contradicted claims", text=text, tables=(table,), own=True)


def _product(report: Report) -> ReportSection:
    product, seen = report.product, report.seen
    lines = [
        ("Product Designation", product.certificate.product_designation or product.identity.model, ""),
        ("Vendor name", product.identity.vendor_name, _seen(product.identity.vendor_name, seen.vendors)),
        ("Device Under Test", product.certificate.product_type or "Charging Station", ""),
        ("Product Subtype", product.hardware.subtype, ""),
        (
            "Firmware Version",
            product.identity.firmware_version,
            _seen(product.identity.firmware_version, seen.firmware_versions),
        ),
        ("Config ID", product.identity.config_id, ""),
        ("Firmware image hash", product.identity.image_hash, ""),
    ]
    rows = tuple(
        (Cell(name), Cell(value), Cell(said, "bad" if said.startswith("another") else "good", True, own=True))
        for name, value, said in lines
        if value
    )
    return ReportSection(title="Product", tables=(Table(head=("", "", ""), widths=(24, 56, 20), rows=rows),))


def _seen(claimed: str, seen: tuple[str, ...]) -> str:
    if not seen:
        return ""
    return "as in BootNotification" if seen == (claimed,) else f"another in BootNotification: {', '.join(seen)}"


def _origin(report: Report) -> ReportSection:
    certificate = report.product.certificate
    pairs = [
        ("Certificate Holder", certificate.holder),
        ("Certificate Number", certificate.number),
        ("Certification Date", certificate.date),
        ("Test laboratory", certificate.laboratory),
        ("Location", certificate.location),
        ("Test Report Reference", certificate.report_reference),
        ("OCTT Version", certificate.tool_version),
        ("OCTT Instance ID", certificate.tool_instance),
    ]
    rows = tuple((Cell(name), Cell(value)) for name, value in pairs if value)
    if not rows and not certificate.results:
        return ReportSection(
            title="Origin of the claims", text="The claims were written by hand, not read from a certificate."
        )
    tables = [Table(head=("", ""), widths=(30, 70), rows=rows)] if rows else []
    if certificate.results:
        results = tuple((Cell(name), Cell(result)) for name, result in certificate.results.items())
        tables.append(Table(head=("Certification Profile", "Test Result"), widths=(60, 40), rows=results))
    if certificate.words:
        tables.append(_words(report.product))
    text = "The claims were read from the abstract of a certificate that others issued; this is what it says of itself."
    if certificate.reference_specification:
        text += f" It names the reference specification {certificate.reference_specification}."
    return ReportSection(title="Origin of the claims", text=text, tables=tuple(tables))


def _words(product: Product) -> Table:
    """The paper's own words beside how they were read."""
    read = {f"EVSE {evse.id}.{connector.id}": connector.type for evse in product.evses for connector in evse.connectors}
    rows = tuple(
        (
            Cell(place),
            Cell(text),
            Cell(claim_of(product, FEATURES[place]) or "not supported" if place in FEATURES else read.get(place, "")),
        )
        for place, text in product.certificate.words.items()
    )
    return Table(head=("ID", "Written in the paper", "Read as"), widths=(16, 54, 30), rows=rows)


def _features(report: Report) -> Iterator[ReportSection]:
    for section in report.sections:
        if section.title == "Hardware":
            yield ReportSection(title="Hardware feature set", tables=(_section(section.rows), _evses(report)))
        elif section.title == "Core":
            text = (
                "Claim: what the product says. Measured: what the messages of this run say. Behind it: the cases that "
            )
            text += "apply because of the claim. A claim that the run contradicts is red."
            yield ReportSection(title="Optional features", text=text)
            yield ReportSection(title="Core", level=3, tables=(_section(section.rows),))
        elif section.title == "Questions of the laboratory":
            yield ReportSection(title="Additional questions", tables=(_section(section.rows),))
        elif section.title == "Settings":
            yield ReportSection(title="Other relevant settings", tables=(_section(section.rows),))
        else:
            yield ReportSection(title=section.title, level=3, tables=(_section(section.rows),))


def _section(rows: tuple[FeatureRow, ...]) -> Table:
    lists = any(row.tested for row in rows)
    head: tuple[str, ...]
    tones = {"confirmed": "good", "contradicted": "bad", "open": "open", "": "dim"}
    found = []
    for row in rows:
        middle = (Cell(row.tested),) if lists else ()
        found.append(
            (
                Cell(row.id),
                Cell(row.text),
                *middle,
                Cell(row.claim, "bad" if row.verdict == "contradicted" else ""),
                Cell(row.measured if row.claim else "", tones[row.verdict], own=True),
                Cell(_cases_of(row), "dim", True, own=True),
            )
        )
    headings = frozenset(number for number, row in enumerate(rows) if not row.claim)
    if lists:
        head = ("ID", "List", "Tested During Certification", "Supported According to Vendor", "Measured", "Behind it")
        return Table(head=head, widths=(7, 15, 22, 22, 22, 12), rows=tuple(found), headings=headings)
    head = ("ID", "Feature", "Supported / Present", "Measured", "Behind it")
    wide = any(len(row.claim) > 40 for row in rows)
    widths = (8, 16, 34, 34, 8) if wide else (8, 36, 16, 18, 22)
    return Table(head=head, widths=widths, rows=tuple(found), headings=headings)


def _cases_of(row: FeatureRow) -> str:
    return ", ".join(case.removeprefix("TC_").removesuffix("_CS") for case in row.cases)


def _evses(report: Report) -> Table:
    rows = []
    for evse in report.product.evses:
        for connector in evse.connectors:
            place = f"{evse.id}/{connector.id}"
            came = place in report.seen.connectors
            rows.append(
                (
                    Cell(str(evse.id)),
                    Cell(evse.current_of(connector)),
                    Cell(str(evse.phases_of(connector) or "")),
                    Cell(str(connector.id)),
                    Cell(connector.type),
                    Cell(f"{connector.cable} Cable"),
                    Cell("status seen" if came else "", "good" if came else "dim", own=True),
                )
            )
    head = ("EVSE", "Current", "Phases", "Connector", "Type", "Cable Type", "Measured")
    return Table(head=head, widths=(10, 12, 10, 14, 18, 20, 16), rows=tuple(rows))


def _performance(report: Report) -> Iterator[ReportSection]:
    claimed = report.product.performance
    limits, stated = [], []
    for key, name in NAMES.items():
        figure: Figure = getattr(claimed, key)
        limits.append(
            (Cell(name), Cell(_number(figure.limit)), Cell("seconds"), Cell(MEANINGS[key], "dim", True, own=True))
        )
        numbers = (Cell(_number(value)) for value in (figure.min, figure.max, figure.average))
        stated.append((Cell(name), *numbers, Cell("seconds")))
    technology = Table(
        head=("", ""),
        widths=(70, 30),
        rows=((Cell("Communication technology used during performance measurement"), Cell(claimed.technology)),)
        if claimed.technology
        else (),
    )
    yield ReportSection(
        title="Performance measurement result",
        text="The limits and the figures that the product claims; what this run measured stands below them.",
        tables=(
            Table(head=("Name", "Max Value", "Unit", "Meaning"), widths=(44, 12, 12, 32), rows=tuple(limits)),
            Table(
                head=("Name", "Min Value", "Max Value", "Average Value", "Unit"),
                widths=(44, 14, 14, 16, 12),
                rows=tuple(stated),
            ),
            *((technology,) if technology.rows else ()),
        ),
    )
    yield from _measured(report)


def _number(value: float | None) -> str:
    return "not measurable" if value is None else f"{value:g}"


def _measured(report: Report) -> Iterator[ReportSection]:
    """What this run measured, once for each network."""
    if not report.performance:
        yield ReportSection(title="Measured in this run", level=3, text="Performance was not measured.", own=True)
    head = ("Figure", "Number", "Min", "Max", "Average", "p50", "p99", "Limit")
    for figures in report.performance:
        rows = []
        for key, name in NAMES.items():
            row = figures.row(key)
            late = name in figures.missed
            tone = "" if not row.number else "bad" if late else "good"
            numbers = (row.min, row.max, row.average, row.p50, row.p99)
            cells = (Cell(_seconds(value), tone if column == 1 else "") for column, value in enumerate(numbers))
            rows.append((Cell(name), Cell(str(row.number)), *cells, Cell(_number(row.limit), "dim")))
        table = Table(head=head, widths=(34, 10, 9, 9, 10, 9, 9, 10), rows=tuple(rows), own=True)
        yield ReportSection(title=f"Measured in this run: {figures.technology}", level=3, tables=(table,), own=True)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _colophon(report: Report) -> ReportSection:
    seen = report.seen
    lines = [
        ("Made by", report.made_by),
        ("Began", report.began.isoformat(timespec="seconds")),
        ("Took", f"{report.seconds:.1f} s"),
        ("Bench", report.bench),
        ("Frames on the wire", str(seen.frames)),
        ("TLS versions seen", ", ".join(seen.tls_versions)),
        ("Cipher suites offered", ", ".join(seen.offered_suites)),
        ("Cipher suites agreed on", ", ".join(seen.cipher_suites)),
    ]
    rows = tuple((Cell(name), Cell(value)) for name, value in lines if value)
    text = "The wire log of every case lies in the folder evidence; `ohmstead lab judge` judges all of them again."
    return ReportSection(
        title="How it was measured",
        text=text,
        tables=(Table(head=("", ""), widths=(24, 76), rows=rows, own=True),),
        own=True,
    )


def title_of(product: Product) -> str:
    """Return what a product is called."""
    return f"{product.identity.vendor_name} {product.certificate.product_designation or product.identity.model}"
