"""A fleet while it runs: a table at a terminal, a line now and then where nobody watches one."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ohmstead.cli.fleet.processes import FleetRun
from ohmstead.cli.terminal import say
from ohmstead.fleet.page import figures
from ohmstead.fleet.report import FleetReport
from ohmstead.fleet.tally import ShardTally

EVERY = 10.0
"""Seconds between two lines."""
MOST_ROWS = 12
"""Actions in the table."""


class FleetDisplay:
    """Shows a run; a context, for a table has to be taken away."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._said = -EVERY

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, run: FleetRun) -> None:
        """Show how it stands."""
        if self._console.is_terminal:
            self._live.update(_table(run), refresh=True)
        elif run.seconds - self._said >= EVERY:
            self._said = run.seconds
            say(f"{_time(run.seconds)}  {summary(run.tally)}")


def summary(tally: ShardTally) -> str:
    """Return how a fleet stands, in one line."""
    return (
        f"{tally.accepted}/{tally.stations} accepted, {tally.charging} charging, {tally.power_w / 1000:,.0f} kW, "
        f"{tally.energy_wh / 1000:,.1f} kWh; events {tally.events:,}, waiting {tally.waiting:,}, lost {tally.lost:,}; "
        f"reconnects {tally.reconnects:,}, errors {sum(tally.errors.values()):,}"
    )


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:3d}:{rest:02d}"


def _table(run: FleetRun) -> Group:
    tally, plan = run.tally, run.plan
    table = Table(box=None, pad_edge=False)
    for head in ("action", "by", "answers", "p50 ms", "p99 ms", "max ms"):
        table.add_column(head, justify="left" if head in ("action", "by") else "right")
    busiest = sorted(tally.calls, key=lambda one: -one.latencies.count)[:MOST_ROWS]
    for one in busiest:
        times = (one.latencies.quantile(0.5), one.latencies.quantile(0.99), one.latencies.highest)
        who = "stations" if one.way == "sent" else "CSMS"
        table.add_row(one.action, who, f"{one.latencies.count:,}", *(f"{1000 * time:,.1f}" for time in times))
    bar = ProgressBar(total=plan.duration, completed=min(run.seconds, plan.duration), width=40)
    return Group(Text(f"{_time(run.seconds)} of {_time(plan.duration).strip()}"), bar, Text(summary(tally)), table)


def tell(report: FleetReport) -> None:
    """Say what came of it."""
    for name, value in figures(report):
        say(f"{name + ':':50} {value}")
    for row in report.latencies:
        if row.answers:
            who = "to stations" if row.direction == "received" else ""
            times = ", ".join(
                f"{word} {1000 * seconds:,.1f} ms"
                for word, seconds in (("p50", row.p50), ("p99", row.p99), ("max", row.highest))
            )
            say(f"{f'{row.action} {who}'.strip() + ':':50} {row.answers:,} answers, {times}")
    for trouble in report.troubles:
        say(trouble)
    for limit in report.limits:
        word = "PASS" if limit.met else "FAIL"
        say(f"{word}  {limit.name}: {limit.found:g}, at most {limit.limit:g}")
