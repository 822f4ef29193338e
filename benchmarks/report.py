"""The table: to the terminal, as Markdown and as JSON."""

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Figure


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    section: str
    what: str
    ours: Figure
    peer: Figure | None = None
    ratio: Figure | None = None
    """How many times as fast (or as small) as the peer."""
    target: str = ""
    passed: bool | None = None
    """Whether the target is reached; None: there is none."""
    note: str = ""

    @property
    def verdict(self) -> str:
        """PASS, MISS, or nothing."""
        return "" if self.passed is None else "PASS" if self.passed else "MISS"

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as text."""
        ratio = f"{self.ratio.median:,.0f}x" if self.ratio and self.ratio.median >= 10 else ""
        ratio = ratio or (f"{self.ratio.median:.1f}x" if self.ratio else "")
        return (self.what, str(self.ours), str(self.peer or ""), ratio, self.target, self.verdict)


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    at: datetime
    machine: dict[str, str]
    rows: tuple[Row, ...]


HEADS = ("what", "Ohmstead", "package ocpp", "times", "target", "")


def machine() -> dict[str, str]:
    """Say what it was measured on."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    packages = ("msgspec", "ocpp", "jsonschema", "websockets", "uvloop")
    return {
        "cores": str(os.cpu_count()),
        "load before (1, 5, 15 min)": load,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def results(rows: Iterable[Row], about: dict[str, str]) -> Results:
    """Put a run together."""
    return Results(at=datetime.now(UTC).replace(microsecond=0), machine=about, rows=tuple(rows))


def show(run: Results, console: Console) -> None:
    """Print the table."""
    for section in dict.fromkeys(row.section for row in run.rows):
        table = Table(title=section, title_justify="left", title_style="bold")
        for head in HEADS:
            table.add_column(head)
        for row in (row for row in run.rows if row.section == section):
            style = {"PASS": "green", "MISS": "red"}.get(row.verdict, "")
            table.add_row(*row.cells[:-1], f"[{style}]{row.verdict}[/]" if style else "")
        console.print(table)
        for note in dict.fromkeys(row.note for row in run.rows if row.section == section and row.note):
            console.print(f"  {note}", style="dim")
    console.print("  " + ", ".join(f"{name} {value}" for name, value in run.machine.items()), style="dim")


def markdown(run: Results) -> str:
    """Return the table as Markdown."""
    lines = [f"# Measured {run.at.isoformat()}", ""]
    lines += [f"- {name}: {value}" for name, value in run.machine.items()]
    for section in dict.fromkeys(row.section for row in run.rows):
        rows = [row for row in run.rows if row.section == section]
        lines += ["", f"## {section}", "", "| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
        lines += ["| " + " | ".join(row.cells) + " |" for row in rows]
        lines += [line for note in dict.fromkeys(row.note for row in rows if row.note) for line in ("", note)]
    return "\n".join(lines) + "\n"


def keep(run: Results, directory: Path) -> None:
    """Write latest.json and latest.md."""
    (directory / "latest.json").write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2))
    (directory / "latest.md").write_text(markdown(run), encoding="utf-8")
