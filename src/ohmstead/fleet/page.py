"""The report of a fleet as one HTML file that needs nothing else."""

from collections.abc import Iterable
from html import escape

from ohmstead.fleet.report import FleetReport

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d5dbe3}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.PASS{color:#0b6b35}.FAIL{color:#a3152b}
@media(prefers-color-scheme:dark){body{color:#e6ebf2;background:#12171f}th,td{border-color:#333d4b}
.PASS{color:#5fd08f}.FAIL{color:#ff8095}}
"""


def page(report: FleetReport) -> str:
    """Return the HTML text."""
    title = f"Fleet of {report.stations} stations: {report.verdict}"
    ended = ", ended before its time" if report.interrupted else ""
    parts = [
        f'<h1 class="{report.verdict}">{escape(title)}</h1>',
        f"<p>{escape(f'{report.began:%Y-%m-%d %H:%M:%S} UTC, {report.seconds:.0f} s{ended}; CSMS: {report.csms}')}</p>",
        *(f'<p class="FAIL">{escape(trouble)}</p>' for trouble in report.troubles),
        _section("Limits", ("limit", "at most", "found", ""), _limits(report)),
        _section("Figures", ("figure", "value"), _figures(report)),
        _section(
            "Latencies, ms",
            ("action", "sent by", "answers", "p50", "p99", "highest", "outcomes"),
            _latencies(report),
        ),
        _section("Groups", ("product", "stations", "identities"), _groups(report)),
    ]
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{escape(title)}</title>"
    body = "".join(parts)
    return f"<!doctype html>\n<html lang=en><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>\n"


def _section(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    body = "".join(_row("td", row) for row in rows)
    if not body:
        return ""
    return f"<h2>{escape(title)}</h2><table><thead>{_row('th', heads)}</thead><tbody>{body}</tbody></table>"


def _row(tag: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(_cell(tag, cell) for cell in cells)}</tr>"


def _cell(tag: str, text: str) -> str:
    kind = f' class="{text}"' if text in ("PASS", "FAIL") else ' class="n"' if text[:1].isdigit() else ""
    return f"<{tag}{kind}>{escape(text)}</{tag}>"


def _limits(report: FleetReport) -> Iterable[tuple[str, ...]]:
    for row in report.limits:
        yield row.name, f"{row.limit:g}", f"{row.found:g}", "PASS" if row.met else "FAIL"


def figures(report: FleetReport) -> Iterable[tuple[str, str]]:
    """Yield what there is to say beside limits and latencies: name and value."""
    yield "stations accepted at the end", f"{report.accepted} of {report.stations}"
    yield (
        "connections, reconnects, failed attempts",
        (f"{report.connections:,}, {report.reconnects:,}, {report.failed_attempts:,}"),
    )
    yield "EVs that came, drivers turned away", f"{report.visits:,}, {report.turned_away:,}"
    yield "transactions begun, ended", f"{report.transactions:,}, {report.transactions_ended:,}"
    yield "energy", f"{report.energy_wh / 1000:,.3f} kWh"
    yield (
        "TransactionEvents sent, answered, waiting, lost",
        (f"{report.events_sent:,}, {report.events_answered:,}, {report.events_waiting:,}, {report.events_lost:,}"),
    )
    errors = ", ".join(f"{number} {code}" for code, number in report.csms_errors.items())
    yield "errors of the CSMS", errors or "none"
    yield "calls without an answer", f"{report.unanswered:,}"
    each, megabytes = max(1, report.started), report.memory_bytes / 1e6
    yield "memory of the processes", f"{megabytes:,.0f} MB, {megabytes / each:.2f} a station"
    share = report.cpu_seconds * 1000 / each / max(1.0, report.seconds)
    yield "CPU of the processes", f"{report.cpu_seconds:,.1f} s, {share:.2f} ms a second and station"


def _figures(report: FleetReport) -> Iterable[tuple[str, ...]]:
    yield from figures(report)


def _latencies(report: FleetReport) -> Iterable[tuple[str, ...]]:
    for row in report.latencies:
        who = "stations" if row.direction == "sent" else "CSMS"
        times = (f"{seconds * 1000:,.1f}" for seconds in (row.p50, row.p99, row.highest))
        outcomes = ", ".join(f"{outcome} {number:,}" for outcome, number in row.outcomes.items())
        yield row.action, who, f"{row.answers:,}", *times, outcomes


def _groups(report: FleetReport) -> Iterable[tuple[str, ...]]:
    for row in report.groups:
        yield row.product, f"{row.count:,}", row.identity
