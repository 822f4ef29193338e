"""The report on paper: the same parts as the page, set by Typst, whose wheel brings its compiler and its fonts."""

import re
from collections.abc import Iterator

from ohmstead.lab.report.explanation_paper import explained
from ohmstead.lab.report.layout import Cell, ReportSection, Table
from ohmstead.lab.report.model import Report, ReportError
from ohmstead.lab.report.parts import parts, title_of
from ohmstead.lab.report.typst_text import breakable, text_of

TONES = {"good": "good", "bad": "bad", "open": "open", "dim": "soft", "": "ink"}
SETUP = """
#let ink = rgb("#16202b")
#let soft = rgb("#5a6875")
#let line-color = rgb("#dde3e8")
#let wash = rgb("#f5f7f9")
#let accent = rgb("#0b5d6b")
#let good = rgb("#1a7f37")
#let bad = rgb("#b42318")
#let open = rgb("#9a6700")
#set document(title: title)
#set page(paper: "a4", margin: (x: 18mm, top: 18mm, bottom: 20mm), footer: context [
  #set text(8pt, fill: soft)
  #line(length: 100%, stroke: 0.5pt + line-color)
  #title #h(1fr) self-test, no certificate #h(1fr) #counter(page).display("1 / 1", both: true)
])
#set text(font: ("Libertinus Serif", "New Computer Modern"), size: 10pt, fill: ink)
#set par(leading: 0.55em)
#show heading.where(level: 2): it => block(above: 1.9em, below: 0.8em, sticky: true, width: 100%,
  stroke: (bottom: 1.2pt + ink), inset: (bottom: 4pt), text(14pt, weight: "semibold", it.body))
#show heading.where(level: 3): it => block(above: 1.4em, below: 0.6em, sticky: true,
  text(11pt, weight: "semibold", fill: accent, it.body))
#let badge(color, body) = box(inset: (x: 4.5pt, y: 1.5pt), radius: 6pt, stroke: 0.6pt + color, body)
#let tile(color, number, words) = block(width: 100%, stroke: 0.6pt + line-color, radius: 4pt, inset: 7pt,
  [#text(17pt, weight: "bold", fill: color, number) \\ #text(8pt, fill: soft, words)])
#let frame(marked, body) = block(width: 100%, above: 0pt, below: 0pt, inset: (x: 5pt, y: 3.5pt), breakable: true,
  fill: if marked { rgb("#fff8f7") } else { none },
  stroke: (left: if marked { 2pt + bad } else { 0.5pt + line-color }, bottom: 0.5pt + line-color), body)
#let term(words) = block(above: 0.9em, below: 0.25em, sticky: true, text(8pt, weight: "semibold", fill: soft, words))
#set table(stroke: (x, y) => (bottom: 0.5pt + line-color), inset: (x: 4pt, y: 3.2pt))
#show table: set text(9pt)
#show table: set par(justify: false)
"""


def paper(report: Report) -> bytes:
    """Return the report as PDF. Raises ReportError where Typst is not installed."""
    try:
        import typst
    except ImportError:
        raise ReportError("report.pdf needs Typst: pip install 'ohmstead[pdf]'") from None
    moment = int(report.began.timestamp())
    done = typst.compile(source(report).encode(), format="pdf", ignore_system_fonts=True, timestamp=moment)
    if not isinstance(done, bytes):
        raise ReportError("Typst made no PDF")
    return done


def source(report: Report) -> str:
    """Return what Typst sets."""
    title = text_of(f"{title_of(report.product)}: OCPP 2.0.1 self-test")
    lines = [f"#let title = {title}", SETUP, *_head(report)]
    for part in parts(report):
        lines += _part(part)
    return "\n".join(lines) + "\n"


def _head(report: Report) -> Iterator[str]:
    product = report.product
    designation = product.certificate.product_designation or product.identity.model
    firmware = product.identity.vendor_name
    if product.identity.firmware_version:
        firmware += f" · firmware {product.identity.firmware_version}"
    yield "#line(length: 100%, stroke: 4pt + accent)"
    kicker = "OCPP 2.0.1 CHARGING STATION · SELF-TEST REPORT"
    yield f'#text(9pt, weight: "semibold", fill: accent, tracking: 0.06em, {text_of(kicker)})'
    yield f'#block(above: 0.7em, below: 0.6em, text(22pt, weight: "bold", {text_of(designation)}))'
    yield f"#text(fill: soft, {text_of(f'{firmware} · {report.began:%d %B %Y} · bench {report.bench}')})"
    yield "#block(above: 1.2em, fill: wash, stroke: (left: 2pt + accent), inset: 8pt, width: 100%, "
    yield f"text(fill: soft, {text_of(report.statement)}))"
    applicable = sum(count for verdict, count in report.summary.items() if verdict != "NOT APPLICABLE")
    passed, wrong = report.summary.get("PASS", 0), len(report.contradicted)
    counts = [(f"{passed} / {applicable}", "passed", "good")]
    for verdict, words, tone in (
        ("FAIL", "failed", "bad"),
        ("INCONCLUSIVE", "inconclusive", "open"),
        ("NOT RUN", "not run", "open"),
    ):
        count = report.summary.get(verdict, 0)
        counts.append((str(count), words, tone if count else "soft"))
    counts.append((str(wrong), "contradicted claims", "bad" if wrong else "good"))
    yield "#grid(columns: (1.4fr, 1fr, 1fr, 1fr, 1.2fr), gutter: 6pt,"
    for number, words, tone in counts:
        yield f"  tile({tone}, {text_of(number)}, {text_of(words)}),"
    yield ")"


def _part(part: ReportSection) -> Iterator[str]:
    if part.new_page:
        yield "#pagebreak(weak: true)"
    label = f" <{part.anchor}>" if part.anchor else ""
    yield f"#[#heading(level: {part.level}, {text_of(part.title)}){label}]"
    if part.text:
        yield f"#par({text_of(part.text)})"
    for table in part.tables:
        yield from _table(table)
    if part.explanation is not None:
        yield from explained(part.explanation)


def _table(table: Table) -> Iterator[str]:
    yield f"#table(columns: ({', '.join(f'{width}fr' for width in table.widths)}),"
    if any(table.head):
        titles = ", ".join(f'text(8pt, weight: "semibold", fill: soft, {text_of(title)})' for title in table.head)
        yield f"  table.header({titles}),"
    facts = not any(table.head)
    for number, row in enumerate(table.rows):
        wrong = not facts and any(cell.tone == "bad" for cell in row)
        fill = "wash" if number in table.headings else 'rgb("#fdeceb")' if wrong else "none"
        for column, cell in enumerate(row):
            inner = _cell(cell, table, number in table.headings, facts and column == 0)
            yield f"  table.cell(breakable: false, fill: {fill}, {inner}),"
    yield ")"


def _cell(cell: Cell, table: Table, heading: bool, soft: bool) -> str:
    weight = '"semibold"' if heading or cell.tone == "bad" else '"regular"'
    size = "7.5pt" if cell.small else "9pt"
    tone = "soft" if soft else TONES[cell.tone]
    badge = table.badges and bool(cell.text) and bool(cell.tone) and not cell.small and not cell.text.isdigit()
    inner = f"badge({tone}, {text_of(cell.text)})" if badge else text_of(breakable(cell.text))
    if cell.link and not re.search("[/ ]", cell.link):
        inner = f"link(label({text_of(cell.link)}), {inner})"
    return f"text({size}, weight: {weight}, fill: {tone}, {inner})"
