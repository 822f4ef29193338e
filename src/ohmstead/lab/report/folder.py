"""The folder of a report: page, paper, JSON, JUnit and the evidence."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ohmstead.lab.report.build import evidence_file
from ohmstead.lab.report.files import write_junit
from ohmstead.lab.report.html import page
from ohmstead.lab.report.model import Report, ReportError
from ohmstead.lab.report.paper import paper
from ohmstead.lab.report.signature import NAME as SIGNATURE
from ohmstead.lab.report.signature import sign
from ohmstead.lab.verdict import Result


class FolderError(Exception):
    """A folder that a report cannot be written to."""


def check_folder(folder: Path) -> None:
    """Make the folder and try it. Raises FolderError if it holds something that is no report, or cannot be written."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "report.json").is_file():
        raise FolderError(f"{folder} holds something that is no report; name another folder with --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FolderError(f"{folder} cannot be written: {error.strerror or error}") from None


def write_folder(
    folder: Path,
    report: Report,
    results: Sequence[Result],
    unprinted: Callable[[str], None] = lambda _why: None,
    signing: Ed25519PrivateKey | None = None,
) -> list[Path]:
    """Write the report into a folder; an older report there is replaced. Returns the files to look at.

    Args:
        folder: may be there if it holds a report.
        report: what to write.
        results: with the evidence.
        unprinted: told why there is no paper, where that is so.
        signing: the key to sign all files with; None: the report is not signed.

    Raises FolderError if the folder holds something else.
    """
    check_folder(folder)
    shutil.rmtree(folder / "evidence", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SIGNATURE).unlink(missing_ok=True)
    (folder / "evidence").mkdir(mode=0o700)
    for result in results:
        if result.evidence:
            _write_private(folder / evidence_file(result.id), result.evidence)
    encoded = msgspec.json.format(msgspec.json.encode(report), indent=1)
    (folder / "report.json").write_bytes(encoded + b"\n")
    (folder / "report.html").write_text(page(report), "utf-8", newline="\n")
    explained = {case.id: case.explanation for case in report.cases if case.explanation is not None}
    write_junit(folder / "junit.xml", results, explained)
    names = ["report.html", "report.json", "junit.xml"]
    try:
        (folder / "report.pdf").write_bytes(paper(report))
        names.insert(1, "report.pdf")
    except ReportError as missing:
        (folder / "report.pdf").unlink(missing_ok=True)
        unprinted(str(missing))
    if signing is not None:
        names.append(sign(folder, signing).name)
    return [folder / name for name in names]


def _write_private(path: Path, text: str) -> None:
    """Write a new file (0600): evidence holds everything that the station said."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode())
