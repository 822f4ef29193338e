"""Evidence that an earlier version wrote leads to the same verdicts today (`make_evidence.py` says how it was made)."""

import tarfile
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.lab.report.judging import judge_report

ARCHIVES = sorted(Path(__file__).parent.glob("evidence-*.tar.xz"))


def unpacked(archive: Path, directory: Path) -> Path:
    """Return the folder of the report."""
    with tarfile.open(archive) as packed:
        packed.extractall(directory, filter="data")
    return directory / archive.name.removesuffix(".tar.xz")


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_every_verdict_is_judged_the_same_again(archive: Path, tmp_path: Path) -> None:
    """Verdict, reason, finding, notes, and readings; and the report follows from them."""
    folder = unpacked(archive, tmp_path)
    judged = list(judge_report(folder))
    assert len(judged) >= 3
    assert [one.reported.id for one in judged if not one.same] == []
    assert execute(["lab", "judge", str(folder)]) == 0


def test_verdicts_of_every_kind_are_among_them(tmp_path: Path) -> None:
    """What passes, what fails, and what cannot be said; with passwords on the wire, and without."""
    found = [one.reported for archive in ARCHIVES for one in judge_report(unpacked(archive, tmp_path))]
    assert {case.verdict for case in found} == {"PASS", "FAIL", "INCONCLUSIVE"}
    assert {"TC_A_01_CS", "TC_A_09_CS", "TC_A_10_CS"} <= {case.id for case in found}


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_evidence_of_yesterday_that_was_altered_is_still_found(archive: Path, tmp_path: Path) -> None:
    folder = unpacked(archive, tmp_path)
    log = next(iter(sorted((folder / "evidence").iterdir())))
    log.write_text(log.read_text("utf-8").replace("CS-001", "CS-002"), "utf-8")
    assert [one.reported.id for one in judge_report(folder) if not one.same] == [log.stem]
