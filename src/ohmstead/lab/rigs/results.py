"""The results of a campaign, in a file that a later run goes on with."""

import fcntl
import os
import weakref
from collections.abc import Callable
from pathlib import Path

import msgspec

from ohmstead.lab.verdict import Result, Verdict


class ResumeError(ValueError):
    """A file of results that cannot be gone on with."""


class CampaignOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a campaign was started with, by the names of the command line; a later one can be started so again."""

    product: str = ""
    """Name of a shipped product, or path of a file."""
    bench: str = ""
    config: str = ""
    without_unbuilt: bool = False
    with_extensions: bool = False
    csms_listen: str = ""
    csms_name: tuple[str, ...] = ()
    hand: str = ""
    identity: str = ""
    password_file: str = ""
    security_profile: int = 0


class ResultsHead(msgspec.Struct, frozen=True, kw_only=True):
    """First line of a file of results."""

    product: str
    url: str = ""
    bench: str = ""
    """`memory`, `wire` or `external`; empty in older files, which are of the last."""
    key: str | None = None
    """Of the digests that stand for passwords in the evidence; empty: they are kept."""
    options: CampaignOptions | None = None
    """None: nobody said, as in files of earlier versions."""


def read_head(path: Path) -> ResultsHead:
    """Return the first line of a file. Raises OSError, MsgspecError."""
    with path.open("rb") as file:
        return msgspec.json.decode(file.readline(), type=ResultsHead)


def read_results(path: Path) -> list[Result]:
    """Return the last result of each case in a file. Raises OSError, MsgspecError."""
    results = [msgspec.json.decode(line, type=Result) for line in _whole(path.read_bytes())[1:]]
    return list({result.id: result for result in results}.values())


def _whole(data: bytes) -> list[bytes]:
    """Return the whole lines: the last one may have been cut short, and that case is run again."""
    return [line for line in data.splitlines(keepends=True) if line.endswith(b"\n")]


class Results:
    """The results of a campaign, in a file that a line is added to as soon as a case is over.

    Attributes:
        done: by id; of a case that was run twice the last one.
        heard: told each result.
        runs: how many results there were in all.
        key: of the digests in the evidence, that of the file where it has one.
    """

    def __init__(self, path: Path | None, head: ResultsHead, *, record: bool = False) -> None:
        """Read what is there. With `record` a result counts only with its evidence. Raises ResumeError."""
        self.done: dict[str, Result] = {}
        self.runs = 0
        self.heard: Callable[[Result], object] = lambda _result: None
        self.key = head.key
        self._path = path
        self._record = record
        self._let_go: Callable[[], object] | None = None
        if path is None:
            return
        if path.exists() and path.stat().st_size:
            self._read(path, head)
        else:
            # Evidence holds what the station said of itself.
            path.touch(mode=0o600)
            self._write(msgspec.json.encode(head))
        # Held until the process ends: whoever follows the file knows that it is being written.
        held = os.open(path, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_SH)
        self._let_go = weakref.finalize(self, os.close, held)

    def _read(self, path: Path, head: ResultsHead) -> None:
        data = path.read_bytes()
        lines = _whole(data)
        try:
            found = msgspec.json.decode(lines[0] if lines else data, type=ResultsHead)
            results = [msgspec.json.decode(line, type=Result) for line in lines[1:]]
        except msgspec.MsgspecError as error:
            raise ResumeError(f"{path}: {error}") from None
        if head.bench and (found.bench or "external") != head.bench:
            raise ResumeError(f"{path} is of the bench {found.bench or 'external'}, not of {head.bench}")
        if found.product != head.product:
            raise ResumeError(f"{path} is of {found.product}, not of {head.product}")
        if found.key is not None:
            self.key = found.key
        self.done = {result.id: result for result in results if self._counts(result)}
        self.runs = len(results)
        if not data.endswith(b"\n"):
            path.write_bytes(b"".join(lines))

    def _counts(self, result: Result) -> bool:
        return not self._record or bool(result.evidence) or result.verdict is Verdict.NOT_APPLICABLE

    def add(self, result: Result) -> None:
        """Keep a result."""
        self.done[result.id] = result
        self.runs += 1
        self._write(msgspec.json.encode(result))
        self.heard(result)

    def close(self) -> None:
        """Let go of the file: nobody writes it any more."""
        if self._let_go is not None:
            self._let_go()

    def _write(self, line: bytes) -> None:
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(line + b"\n")

    def keep(self, holds: Callable[[Result], bool]) -> None:
        """Forget the results that do not hold any more; the file still has them."""
        self.done = {identifier: result for identifier, result in self.done.items() if holds(result)}

    def settled(self, identifier: str) -> bool:
        """Say whether a case need not be run again: one that stayed inconclusive is, and one that did not apply."""
        result = self.done.get(identifier)
        return result is not None and result.verdict in (Verdict.PASS, Verdict.FAIL)
