"""The report as one page: it loads nothing, prints on A4, and holds the product word for word."""

import re
from collections.abc import Iterator

import msgspec

from ohmstead.lab.report.case_tables import TONES
from ohmstead.lab.report.explanation_html import explained
from ohmstead.lab.report.html_text import escape
from ohmstead.lab.report.layout import Cell, ReportSection, Table
from ohmstead.lab.report.model import Report
from ohmstead.lab.report.parts import parts, title_of

LONG = re.compile(r"[\w.]{20,}")
EMBEDDED = "ohmstead-product"
"""Id of the script element that holds the product as JSON."""

STYLE = """
:root { --ink: #16202b; --soft: #5a6875; --line: #dde3e8; --paper: #fff; --wash: #f5f7f9; --accent: #0b5d6b;
  --good: #1a7f37; --bad: #b42318; --open: #9a6700; color-scheme: light; }
* { box-sizing: border-box; }
html { background: #e9edf0; }
body { margin: 0 auto; max-width: 60rem; padding: 3rem 3.5rem 4rem; background: var(--paper); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
header { border-top: 6px solid var(--accent); padding-top: 1.4rem; }
.kicker { margin: 0; color: var(--accent); font-size: .8rem; font-weight: 600; letter-spacing: .08em;
  text-transform: uppercase; }
h1 { margin: .2rem 0 .1rem; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
.under { margin: 0; color: var(--soft); }
.statement { margin: 1.2rem 0 0; padding: .7rem 1rem; background: var(--wash); border-left: 3px solid var(--accent);
  color: var(--soft); }
.counts { display: flex; gap: .75rem; margin: 1.4rem 0 0; padding: 0; list-style: none; flex-wrap: wrap; }
.counts li { flex: 1 1 7rem; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: 8px; }
.counts b { display: block; font-size: 1.7rem; line-height: 1.15; font-weight: 650;
  font-variant-numeric: tabular-nums; }
.counts span { color: var(--soft); font-size: .78rem; }
.bar { display: flex; height: 8px; margin-top: .8rem; border-radius: 4px; overflow: hidden; background: var(--line); }
.bar i { display: block; height: 100%; }
.bar .good { background: var(--good); } .bar .bad { background: var(--bad); } .bar .open { background: #d4a72c; }
h2 { margin: 2.6rem 0 .7rem; padding-bottom: .35rem; border-bottom: 2px solid var(--ink); font-size: 1.25rem;
  break-after: avoid; }
h3 { margin: 1.8rem 0 .5rem; font-size: 1.02rem; color: var(--accent); break-after: avoid; }
section > p { max-width: 46rem; }
table { width: 100%; margin: .6rem 0 1.3rem; border-collapse: collapse; table-layout: fixed; font-size: .9rem; }
th { padding: .3rem .55rem; border-bottom: 1.5px solid var(--soft); color: var(--soft); font-size: .76rem;
  font-weight: 600; text-align: left; vertical-align: bottom; }
td { padding: .32rem .55rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
.facts td:first-child, .names td:first-child { white-space: normal; }
.facts td:first-child { color: var(--soft); }
tr { break-inside: avoid; }
tr.heading td { background: var(--wash); font-weight: 600; }
tr.wrong td { background: #fdeceb; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .open { color: var(--open); }
.dim { color: var(--soft); } .small { font-size: .89em; }
.badge { display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 1em; font-size: .89em;
  font-weight: 600; white-space: nowrap; }
@page { size: A4; margin: 16mm 14mm; }
@media print { html { background: none; } body { max-width: none; padding: 0; font-size: 9.5pt; }
  table { font-size: 8.5pt; } thead { display: table-header-group; } h2 { margin-top: 1.6rem; } }
@media screen and (max-width: 44rem) { body { padding: 1.2rem .9rem; } section { overflow-x: auto; }
  table { min-width: 45rem; font-size: .8rem; } table.facts, table.narrow { min-width: 0; }
  h2, h3, section > p, .explained { position: sticky; left: 0; } }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
.explained dt { margin-top: .9rem; color: var(--soft); font-size: .76rem; font-weight: 600; }
.explained dd { margin: .1rem 0 0; overflow-wrap: anywhere; }
.explained dd.bad { font-weight: 600; }
.explained code { font: .86em/1.45 ui-monospace, "SFMono-Regular", Consolas, monospace; white-space: pre-wrap; }
.explained ul { margin: 0; padding: 0; list-style: none; }
.explained li { margin: .15rem 0; padding-left: 7.5rem; text-indent: -7.5rem; }
.explained li b { display: inline-block; min-width: 7rem; font-weight: 600; text-indent: 0; }
.wire { margin: .4rem 0 0; padding: 0; border: 1px solid var(--line); border-radius: 6px; list-style: none; }
.wire li { display: grid; grid-template-columns: 4.6rem 6.4rem 1fr; gap: 0 .7rem; margin: 0; padding: .3rem .6rem;
  border-bottom: 1px solid var(--line); text-indent: 0; font-size: .84rem; }
.wire li:last-child { border-bottom: 0; }
.wire time { color: var(--soft); font-variant-numeric: tabular-nums; text-align: right; }
.wire i { color: var(--soft); font-style: normal; }
.wire .marked { border-left: 3px solid var(--bad); background: #fff8f7; }
.wire pre { margin: .25rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .92em/1.45 ui-monospace, "SFMono-Regular", Consolas, monospace; color: var(--soft); }
.wire mark { background: #fbd9d5; color: var(--ink); font-weight: 600; }
@media print { .page { break-before: page; } .wire li { break-inside: avoid; } }
@media screen and (max-width: 44rem) { .wire li { grid-template-columns: 3.6rem 1fr; }
  .wire li > div { grid-column: 1 / -1; } .explained li { padding-left: 0; text-indent: 0; }
  .explained .wire li { padding: .3rem .6rem; } .explained { max-width: calc(100vw - 1.8rem); } }
"""


def _breakable(word: re.Match[str]) -> str:
    """A long name may be broken behind its dots and underscores."""
    return re.sub(r"([._])", r"\1<wbr>", word[0])


def page(report: Report) -> str:
    """Return the page as HTML."""
    title = escape(title_of(report.product))
    body = "\n".join((*_head(report), *(line for part in parts(report) for line in _part(part))))
    embedded = msgspec.json.encode(report.product).decode().replace("<", "\\u003c")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}: OCPP 2.0.1 self-test</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n"
        f'<script type="application/json" id="{EMBEDDED}">{embedded}</script>\n</body>\n</html>\n'
    )


def _head(report: Report) -> Iterator[str]:
    product = report.product
    yield "<header data-own>"
    yield '<p class="kicker">OCPP 2.0.1 charging station &middot; self-test report</p>'
    yield f"<h1>{escape(product.certificate.product_designation or product.identity.model)}</h1>"
    yield f'<p class="under">{escape(product.identity.vendor_name)} &middot; '
    if product.identity.firmware_version:
        yield f"firmware {escape(product.identity.firmware_version)} &middot; "
    yield f"{report.began:%d %B %Y}"
    yield f" &middot; bench {escape(report.bench)}</p>"
    yield f'<p class="statement">{escape(report.statement)}</p>'
    applicable = sum(count for verdict, count in report.summary.items() if verdict != "NOT APPLICABLE")
    yield '<ul class="counts">'
    passed = report.summary.get("PASS", 0)
    yield f'<li><b class="good">{passed}<small class="dim"> / {applicable}</small></b><span>passed</span></li>'
    for verdict, words in (("FAIL", "failed"), ("INCONCLUSIVE", "inconclusive"), ("NOT RUN", "not run")):
        count = report.summary.get(verdict, 0)
        yield f'<li><b class="{TONES[verdict] if count else "dim"}">{count}</b><span>{words}</span></li>'
    wrong = len(report.contradicted)
    yield f'<li><b class="{"bad" if wrong else "good"}">{wrong}</b><span>contradicted claims</span></li>'
    yield '</ul><div class="bar">'
    for verdict in ("PASS", "FAIL", "INCONCLUSIVE"):
        share = 100 * report.summary.get(verdict, 0) / max(applicable, 1)
        yield f'<i class="{TONES[verdict]}" style="width: {share:.3f}%"></i>'
    yield "</div></header>"


def _part(part: ReportSection) -> Iterator[str]:
    attributes = f"{f' id={chr(34)}{escape(part.anchor)}{chr(34)}' if part.anchor else ''}"
    kind = ' class="page"' if part.new_page else ""
    yield f"<section{attributes}{kind}{' data-own' if part.own else ''}>"
    yield f"<h{part.level}>{escape(part.title)}</h{part.level}>"
    if part.text:
        yield f"<p>{escape(part.text)}</p>"
    for table in part.tables:
        yield from _table(table)
    if part.explanation is not None:
        yield from explained(part.explanation)
    yield "</section>"


def _table(table: Table) -> Iterator[str]:
    facts = not any(table.head)
    kind = "facts" if facts else "names" if table.head[0] in ("Name", "Figure", "Profile") else ""
    kind = f"{kind} narrow".lstrip() if table.narrow else kind
    yield f'<table class="{kind}"{" data-own" if table.own else ""}><colgroup>'
    yield "".join(f'<col style="width: {width}%">' for width in table.widths) + "</colgroup>"
    if not facts:
        yield f"<thead><tr>{''.join(f'<th>{escape(title)}</th>' for title in table.head)}</tr></thead>"
    yield "<tbody>"
    for number, row in enumerate(table.rows):
        tones = {cell.tone for cell in row}
        kind = "heading" if number in table.headings else "wrong" if "bad" in tones and not facts else ""
        cells = "".join(_cell(cell, table) for cell in row)
        yield f'<tr class="{kind}">{cells}</tr>' if kind else f"<tr>{cells}</tr>"
    yield "</tbody></table>"


def _linked(text: str, link: str) -> str:
    target = link if "/" in link else f"#{link}"
    return f'<a href="{escape(target)}">{text}</a>'


def _cell(cell: Cell, table: Table) -> str:
    classes = " ".join(filter(None, (cell.tone, "small" if cell.small else "")))
    text = LONG.sub(_breakable, escape(cell.text))
    if cell.text and table.badges and cell.tone and not cell.small and not cell.text.isdigit():
        text = f'<span class="badge">{text}</span>'
    if cell.link:
        links = cell.link.split(" ")
        text = ", ".join(map(_linked, text.split(", ") if len(links) > 1 else [text], links))
    attributes = (f' class="{classes}"' if classes else "") + (" data-own" if cell.own else "")
    return f"<td{attributes}>{text}</td>"
