"""`ohmstead lab`: what it lists, runs, writes, and its exit codes."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ohmstead.cli.main import execute


def test_list_names_the_deciding_feature(capsys: pytest.CaptureFixture[str]) -> None:
    """A case that does not apply is listed, with the reason."""
    assert execute(["lab", "list", "--block", "i"]) == 0
    text = capsys.readouterr().out
    assert "TC_I_01_CS" in text
    assert "UI-0 = No" in text
    assert "0 of 3 cases apply, 0 of them are implemented" in text


def test_run_writes_both_reports(tmp_path: Path) -> None:
    """JSON with the wire log, JUnit for servers."""
    files = tmp_path / "results.json", tmp_path / "results.xml"
    assert execute(["lab", "run", "P_01", "TC_G_01_CS", "--json", str(files[0]), "--junit", str(files[1])]) == 0
    report = json.loads(files[0].read_bytes())
    assert report["summary"]["PASS"] == 2
    assert [result["id"] for result in report["results"]] == ["TC_G_01_CS", "TC_P_01_CS"]
    assert any("BootNotification" in entry["text"] for entry in report["results"][0]["log"])
    suite = ElementTree.parse(files[1]).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "0")


def test_a_case_that_does_not_apply_is_not_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """NOT APPLICABLE, and good."""
    assert execute(["lab", "run", "TC_B_15_CS", "--product", "flagship"]) == 0
    assert "1 NOT APPLICABLE" in capsys.readouterr().out


def test_a_failure_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here the lab is told that a valid token is invalid, so nothing can be charged."""
    config = tmp_path / "lab.toml"
    config.write_text('valid.id_token = "04A1"\ninvalid.id_token = "04A1"\n')
    assert execute(["lab", "run", "G_11", "--config", str(config)]) == 1
    assert "FAIL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lab", "run", "TC_Z_01_CS"], "not implemented: TC_Z_01_CS"),
        (["lab", "run", "P_01", "--bench", "cloud"], "cloud is no bench"),
        (["lab", "run", "P_01", "--config", "/nowhere.toml"], "/nowhere.toml"),
        (["lab", "run", "P_01", "--product", "nothing"], "no such product"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, on stderr."""
    assert execute(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
