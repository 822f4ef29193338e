"""The results of a campaign as it goes on: in a file of results, and in the files that were asked for."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import typer

from ohmstead.cli.run.data import default_folder
from ohmstead.edge.private_files import private_directory
from ohmstead.lab.report.files import JsonResults, write_json, write_junit
from ohmstead.lab.rigs.results import Results, ResultsHead, read_results
from ohmstead.lab.verdict import Result, Verdict

REPORT = "report.json"
LAST = "LAST"
"""Instead of a file: the last campaign on this machine."""
NOT_PASSED = (Verdict.FAIL, Verdict.INCONCLUSIVE)


class _Row(msgspec.Struct, frozen=True):
    id: str
    verdict: str


class _Rows(msgspec.Struct, frozen=True):
    """What a report and a file of `--json` have in common."""

    cases: tuple[_Row, ...] = ()
    results: tuple[_Row, ...] = ()


def last_campaign() -> Path:
    """Return where the last campaign is kept."""
    return default_folder("lab") / "last-campaign.jsonl"


def open_results(resume: Path | None, head: ResultsHead, *, record: bool = False) -> Results:
    """Open the results to go on with, or new ones that are kept as the last campaign.

    Raises ResumeError, OSError.
    """
    if resume is not None:
        return Results(last_campaign() if is_last(resume) else resume, head, record=record)
    kept = last_campaign()
    try:
        private_directory(kept.parent)
        # Another campaign that runs goes on with its own.
        kept.unlink(missing_ok=True)
        return Results(kept, head, record=record)
    except OSError:
        return Results(None, head, record=record)


def is_last(path: Path) -> bool:
    """Say whether a path stands for the last campaign."""
    return str(path).upper() == LAST


def failed_in(source: Path) -> tuple[str, ...]:
    """Return the ids of the cases that failed or stayed open in a report, its folder, results, or the last campaign.

    Raises BadParameter.
    """
    path = last_campaign() if is_last(source) else source
    path = path / REPORT if path.is_dir() else path
    try:
        if path.suffix == ".jsonl":
            return tuple(one.id for one in read_results(path) if one.verdict in NOT_PASSED)
        rows = msgspec.json.decode(path.read_bytes(), type=_Rows)
    except OSError as error:
        missing = "there is no last campaign" if is_last(source) else f"{path}: {error.strerror or error}"
        raise typer.BadParameter(missing, param_hint="--failed") from None
    except (msgspec.MsgspecError, ValueError) as error:
        right = "a report, its folder, results of --json or --resume, or LAST"
        raise typer.BadParameter(f"{path}: {error}; right would be {right}", param_hint="--failed") from None
    return tuple(row.id for row in (*rows.cases, *rows.results) if row.verdict in NOT_PASSED)


def chosen(names: Sequence[str], block: str | None, failed: Path | None) -> tuple[str, ...]:
    """Return the ids of the cases to run: those named, of these blocks, and of them what failed.

    Raises UnknownCase, BadParameter.
    """
    from ohmstead.lab.rigs.campaign import chosen_cases

    identifiers = chosen_cases(list(names), block)
    if failed is None:
        return identifiers
    again = set(failed_in(failed))
    left = tuple(one for one in identifiers if one in again)
    if not left:
        raise typer.BadParameter(f"none of the chosen cases failed in {failed}", param_hint="--failed")
    return left


def tried(path: Path | None, option: str) -> None:
    """Try a file that is to be written at the end. Raises BadParameter."""
    if path is None:
        return
    there = path.exists()
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror or error}", param_hint=option) from None
    if not there:
        with suppress(OSError):
            path.unlink()


class ResultFiles:
    """The files of `--json` and `--junit`: whole after each result, in the order of ids at the end."""

    def __init__(self, json: Path | None, junit: Path | None) -> None:
        """Try both. Raises BadParameter."""
        tried(json, "--json")
        tried(junit, "--junit")
        self._json, self._junit = json, junit
        self._growing = JsonResults(json) if json is not None else None
        self._results: dict[str, Result] = {}

    def add(self, result: Result) -> None:
        """Write a result."""
        self._results[result.id] = result
        if self._growing is not None:
            self._growing.add(result)
        if self._junit is not None:
            write_junit(self._junit, list(self._results.values()))

    def end(self, results: Sequence[Result]) -> None:
        """Write all of them."""
        if self._json is not None:
            write_json(self._json, results)
        if self._junit is not None:
            write_junit(self._junit, results)
