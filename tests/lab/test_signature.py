"""A signed report: whatever is altered, taken away or added is one line, and so is another key."""

import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.lab.report.folder import write_folder
from ohmstead.lab.report.signature import make_key, private_key
from tests.lab.test_judge_report import failed, passed, report_of

EARLIER = Path(__file__).parent / "reports" / "report-1.tar.xz"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Return a private key; its public part lies beside it."""
    make_key(tmp_path / "key.pem")
    return tmp_path / "key.pem"


@pytest.fixture
def report(tmp_path: Path, key: Path) -> Path:
    """Return the folder of a report that is signed."""
    results = (passed(), failed())
    write_folder(tmp_path / "report", report_of(*results), results, signing=private_key(key))
    return tmp_path / "report"


def judge(folder: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return exit code and lines of `lab judge` with a key."""
    code = execute(["lab", "judge", str(folder), "--key", f"{key}.pub"])
    return code, capsys.readouterr().out.splitlines()


def test_a_signed_report_holds(report: Path, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says which key signed it."""
    code, lines = judge(report, key, capsys)
    assert code == 0
    assert lines[0].startswith("signed with SHA256:")
    assert lines[1:] == ["2 of 2 verdicts are the same"]


def append(name: str) -> Callable[[Path], object]:
    """Return what appends a blank to a file."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + b" ")


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "evidence": (
        append("evidence/TC_G_03_CS.jsonl"),
        "evidence/TC_G_03_CS.jsonl: altered since the report was signed",
    ),
    "report": (append("report.json"), "report.json: altered since the report was signed"),
    "page": (append("report.html"), "report.html: altered since the report was signed"),
    "missing": (
        lambda folder: (folder / "junit.xml").unlink(),
        "junit.xml: missing, and it was there when the report was signed",
    ),
    "added": (
        lambda folder: (folder / "note.txt").write_text("all is well"),
        "note.txt: was not there when the report was signed",
    ),
    "unsigned": (
        lambda folder: (folder / "signature.json").unlink(),
        "signature.json: missing: the report is not signed, or its signature was taken away",
    ),
    "signature": (
        lambda folder: (folder / "signature.json").write_text(
            (folder / "signature.json").read_text().replace("junit.xml", "junit.txt")
        ),
        "signature.json: the signature does not hold: the list of files was altered, or another key made it",
    ),
    "no signature": (
        lambda folder: (folder / "signature.json").write_text("{}"),
        "signature.json: the signature does not hold: ",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_one_line(
    what: str, report: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever else judging it says."""
    tamper, line = TAMPERED[what]
    tamper(report)
    code, lines = judge(report, key, capsys)
    assert code == 1
    assert [one for one in lines if one.startswith(line)]
    assert not any("Traceback" in one for one in lines)


def test_another_key_is_one_line(report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With both fingerprints."""
    make_key(tmp_path / "other.pem")
    code, lines = judge(report, tmp_path / "other.pem", capsys)
    assert code == 1
    assert lines[0].startswith("signature.json: signed with another key: SHA256:")


def test_a_key_of_openssl_will_do(tmp_path: Path) -> None:
    """PKCS #8 in PEM."""
    path = tmp_path / "openssl.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(path)], check=True, timeout=60)
    assert private_key(path)


def test_the_command_makes_a_key_that_nobody_else_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And does not write over one that is there."""
    path = tmp_path / "key.pem"
    assert execute(["lab", "key", str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert "fingerprint: SHA256:" in capsys.readouterr().out
    assert execute(["lab", "key", str(path)]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused_before_the_first_case(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a line that says how to make one."""
    (tmp_path / "bad.pem").write_text(text)
    out = tmp_path / "report"
    assert (
        execute(["certify", "G_01", "--network", "none", "--out", str(out), "--sign", str(tmp_path / "bad.pem")]) == 2
    )
    said = capsys.readouterr().err
    assert "ohmstead lab key FILE" in said
    assert len(said.splitlines()) == 1
    assert not out.exists()


def test_a_report_of_the_version_before_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its verdicts, which have other words now."""
    with tarfile.open(EARLIER) as archive:
        archive.extractall(tmp_path, filter="data")
    assert execute(["lab", "judge", str(tmp_path / "report-1")]) == 0
    said = capsys.readouterr().out
    assert "of an earlier version" in said
    assert "4 of 4 verdicts are the same" in said


@pytest.mark.parametrize(
    ("before", "after"), [('"verdict": "FAIL"', '"verdict": "PASS"'), ('"result": "Fail"', '"result": "Pass"')]
)
def test_a_report_of_the_version_before_is_not_believed(before: str, after: str, tmp_path: Path) -> None:
    """Where a verdict does not follow from its evidence, or a profile from its cases."""
    with tarfile.open(EARLIER) as archive:
        archive.extractall(tmp_path, filter="data")
    path = tmp_path / "report-1" / "report.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    assert execute(["lab", "judge", str(tmp_path / "report-1")]) == 1
