"""What a campaign keeps as it goes on, what a later one takes from it, and which options go with which bench."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from ohmstead.cli.lab.as_before import CampaignStart
from ohmstead.cli.lab.kept import ResultFiles, failed_in, last_campaign
from ohmstead.cli.main import execute
from ohmstead.lab.rigs.results import CampaignOptions, ResultsHead, read_head
from ohmstead.lab.verdict import Result, Verdict
from ohmstead.product.load import load
from ohmstead.product.write import write

WRONG = 'valid.id_token = "04A1"\ninvalid.id_token = "04A1"\n'
"""The lab is told that a valid token is invalid: nothing can be charged."""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A last campaign of its own for each test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def one_fails(folder: Path) -> None:
    """Run two cases, of which one fails."""
    config = folder / "lab.toml"
    config.write_text(WRONG)
    assert execute(["lab", "run", "G_11", "P_01", "--config", str(config)]) == 1


def test_the_failing_ones_of_the_last_campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """LAST, in any case of letters; here it was the lab that was wrong, and is not any more."""
    one_fails(tmp_path)
    (tmp_path / "lab.toml").write_text("")
    assert failed_in(Path("last")) == ("TC_G_11_CS",)
    capsys.readouterr()
    assert execute(["lab", "run", "--failed", "LAST"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 PASS"
    assert failed_in(Path("LAST")) == ()


def test_the_failing_ones_of_a_file(tmp_path: Path) -> None:
    """Results of --json and of --resume; a report and its folder."""
    config, results, kept = tmp_path / "lab.toml", tmp_path / "results.json", tmp_path / "kept.jsonl"
    config.write_text(WRONG)
    run = ["G_11", "P_01", "--config", str(config)]
    assert execute(["lab", "run", *run, "--json", str(results), "--resume", str(kept)]) == 1
    report = tmp_path / "report"
    assert execute(["certify", *run, "--network", "none", "-o", str(report)]) == 1
    for source in (results, kept, report, report / "report.json"):
        assert failed_in(source) == ("TC_G_11_CS",), source


def own_product(folder: Path) -> Path:
    """Return a product file that is none of those that ship."""
    file = folder / "mine.toml"
    file.write_text(write(msgspec.structs.replace(load("minimal"), name="mine")))
    return file


def test_what_failed_is_run_on_the_same_product_and_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever folder one is in now; the lab is as wrong as it was, for it is told so again."""
    config = tmp_path / "lab.toml"
    config.write_text(WRONG)
    run = ["lab", "run", "G_11", "P_01", "--product", "mine.toml", "--config", "lab.toml"]
    own_product(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert execute(run) == 1
    monkeypatch.chdir("/")
    for _ in range(2):
        capsys.readouterr()
        assert execute(["lab", "run", "--failed", "LAST"]) == 1
        assert capsys.readouterr().out.splitlines()[-1] == "1 FAIL"
        head = read_head(last_campaign())
        assert head.product == "mine"
        assert head.options is not None
        assert (head.options.product, head.options.config) == (str(tmp_path / "mine.toml"), str(config))


def test_what_contradicts_the_campaign_before_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one_fails(tmp_path)
    (tmp_path / "lab.toml").write_text("")
    capsys.readouterr()
    assert execute(["lab", "run", "--failed", "LAST", "--bench", "memory", "--product", "minimal"]) == 0
    assert capsys.readouterr().err == ""
    one_fails(tmp_path)
    (tmp_path / "lab.toml").write_text("")
    assert execute(["lab", "run", "--failed", "LAST", "--product", "sec1000-240y"]) == 0
    capsys.readouterr()
    assert execute(["lab", "run", "G_11", "--product", "minimal", "--config", str(tmp_path / "lab.toml")]) == 0
    options = CampaignOptions(product="depot", bench="external", csms_listen="ws://127.0.0.1:0", identity="CS-7")
    last_campaign().write_bytes(
        msgspec.json.encode(ResultsHead(product="depot", options=options))
        + b"\n"
        + msgspec.json.encode(Result(id="TC_P_01_CS", verdict=Verdict.FAIL))
        + b"\n"
    )
    assert execute(["lab", "run", "--failed", "LAST", "--bench", "memory", "--product", "minimal"]) == 0
    assert capsys.readouterr().err == (
        "LAST was run with --product depot, now minimal; with --bench external, now memory, as given\n"
    )


def test_a_report_says_its_product_word_for_word(tmp_path: Path) -> None:
    """Also where the file is gone."""
    config, report, file = tmp_path / "lab.toml", tmp_path / "report", own_product(tmp_path)
    config.write_text(WRONG)
    made = ["certify", "G_11", "--config", str(config), "--product", str(file), "--network", "none", "-o", str(report)]
    assert execute(made) == 1
    file.unlink()
    assert execute(["lab", "run", "--failed", str(report)]) == 0
    assert read_head(last_campaign()).product == "mine"


def test_a_hand_with_credentials_is_not_kept() -> None:
    for url, kept in (("http://user:secret@robot/hand", ""), ("http://[/hand", ""), ("http://robot/hand",) * 2):
        assert CampaignStart(options=CampaignOptions(hand=url)).kept.hand == kept


def test_a_campaign_goes_on_with_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On a bench of ours too; what is settled is not run again, and is in the result."""
    kept = tmp_path / "kept.jsonl"
    assert execute(["lab", "run", "P_01", "--resume", str(kept)]) == 0
    before = kept.read_bytes()
    assert execute(["lab", "run", "P_01", "G_01", "--resume", str(kept)]) == 0
    added = kept.read_bytes().removeprefix(before).splitlines()
    assert [json.loads(line)["id"] for line in added] == ["TC_G_01_CS"]
    assert capsys.readouterr().out.splitlines()[-1] == "2 PASS"
    assert execute(["lab", "run", "P_01", "--bench", "wire", "--resume", str(kept)]) == 2
    assert "is of the bench memory, not of wire" in capsys.readouterr().err


def test_the_last_campaign_is_its_owners(tmp_path: Path) -> None:
    one_fails(tmp_path)
    assert last_campaign().stat().st_mode & 0o077 == 0


def test_files_are_whole_after_each_result(tmp_path: Path) -> None:
    """Whoever kills the campaign finds what it had."""
    paths = tmp_path / "results.json", tmp_path / "results.xml"
    files = ResultFiles(*paths)
    for number, verdict in enumerate((Verdict.PASS, Verdict.FAIL, Verdict.PASS), start=1):
        files.add(Result(id=f"TC_P_0{number}_CS", verdict=verdict))
        written = json.loads(paths[0].read_bytes())
        assert len(written["results"]) == sum(written["summary"].values()) == number
        assert ElementTree.parse(paths[1]).getroot().get("tests") == str(number)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lab", "run", "P_01", "--json", "{folder}/no/results.json"], "no/results.json cannot be written"),
        (["lab", "run", "P_01", "--junit", "{folder}"], "cannot be written"),
        (["lab", "perf", "--json", "{folder}"], "cannot be written"),
        (["certify", "P_01", "-o", "/proc/report"], "/proc/report cannot be written"),
        (["lab", "run", "--failed", "LAST"], "there is no last campaign"),
        (["lab", "run", "--failed", "{folder}"], "report.json"),
        (["lab", "run", "P_01", "--hand", "http://localhost:1"], "it goes with --bench external, and not with memory"),
        (["lab", "run", "P_01", "--bench", "wire", "--identity", "X"], "it goes with --bench external"),
        (["certify", "P_01", "--csms-listen", "ws://127.0.0.1:0"], "it goes with --bench external"),
        (["lab", "run", "P_01", "--with-extensions"], "it goes with --bench wire, and not with memory"),
        (["lab", "run", "G_99"], "did you mean TC_G_"),
        (["lab", "run", "g1", "nonsense"], "nonsense"),
        (["lab", "run", "--block", "GQ"], "Q: no block; the blocks are A B C"),
        (["lab", "list", "--block", "Q"], "Q: no block"),
        (["lab", "run", "--bench", "memry"], "did you mean memory?"),
        (["lab", "run", "--product", "flagshp"], "did you mean flagship"),
        (["lab", "perf", "--network", "mobil"], "did you mean mobile?"),
        (["certify", "P_01", "--network", "loopbak"], "did you mean loopback?"),
        (["product", "show", "flagshp"], "did you mean flagship"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_case(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, with what was meant."""
    assert execute([argument.format(folder=tmp_path) for argument in arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_each_case_has_a_line_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no bar can be seen."""
    assert execute(["lab", "run", "P_01", "G_01"]) == 0
    passed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("PASS")]
    assert sorted(line.split()[1] for line in passed) == ["TC_G_01_CS", "TC_P_01_CS"]


@pytest.mark.parametrize(
    "arguments", [["lab", "list"], ["product", "show", "flagship"], ["product", "list"], ["--help"]]
)
def test_a_reader_may_have_had_enough(arguments: list[str]) -> None:
    """`| head -1`."""
    with subprocess.Popen(
        [sys.executable, "-m", "ohmstead", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")
