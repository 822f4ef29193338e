"""`ohmstead product ...` and what the command line does with wrong use."""

import importlib.machinery
import subprocess
import sys
import types
from pathlib import Path

import pytest
import typer

from ohmstead.cli.main import COMMANDS, execute
from ohmstead.product.load import ProductError, load

FIXTURES = Path(__file__).parents[1] / "product/fixtures"
SEED = FIXTURES / "sec1000_240y.txt"


def test_import_writes_the_product_and_lists_its_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "station.toml"
    assert execute(["product", "import", str(SEED), "-o", str(out)]) == 0
    assert load(out) == load("sec1000-240y")
    said = capsys.readouterr()
    assert "cCCSI" in said.err and "line 62" in said.err
    assert "SEC1000/240Y" in said.out


def test_import_without_a_file_to_write_prints_the_product_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["product", "import", str(SEED)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# SEC1000/240Y, read from certificate OCA.0201.0167.CS.")
    assert "is read as" not in said.out


def test_import_tells_all_that_is_wrong_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = SEED.read_text(encoding="utf-8").replace("\tNumber of EVSEs\t2", "\tNumber of EVSEs\t3")
    file, out = tmp_path / "certificate.txt", tmp_path / "station.toml"
    file.write_text(text.replace("The authorization ends\tYes", "The authorization ends\tNo"), encoding="utf-8")
    assert execute(["product", "import", str(file), "-o", str(out)]) != 0
    said = capsys.readouterr().err
    assert "2 things are wrong" in said
    assert "HFS-8 says 3 EVSEs" in said
    assert "C-06: every option is No" in said
    assert not out.exists()


def test_import_says_how_a_contradiction_was_read_and_strict_refuses_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SEED.read_text(encoding="utf-8").replace("\nC-49\tAuthorization cache\tYes", "\nC-49\tCache\tNo")
    file, out = tmp_path / "certificate.txt", tmp_path / "station.toml"
    file.write_text(text, encoding="utf-8")
    assert execute(["product", "import", str(file), "-o", str(out), "--strict"]) != 0
    assert not out.exists()
    assert execute(["product", "import", str(file), "-o", str(out)]) == 0
    assert "it is read as No" in capsys.readouterr().err
    product = load(out)
    assert not product.features["C-53"]
    assert product.certificate.words["C-53"] == "Yes"


def test_show_says_what_is_built(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["product", "show", "sec1000-240y"]) == 0
    assert "Built" in capsys.readouterr().out


def test_import_overwrites_only_when_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "station.toml"
    out.write_text("mine", encoding="utf-8")
    assert execute(["product", "import", str(SEED), "-o", str(out)]) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"
    assert execute(["product", "import", str(SEED), "-o", str(out), "--force"]) == 0
    assert load(out).name == "sec1000-240y"


def test_a_contradiction_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(SEED.read_text(encoding="utf-8").replace("\n2\tDC", "\n3\tDC"), encoding="utf-8")
    out = tmp_path / "station.toml"
    assert execute(["product", "import", str(wrong), "-o", str(out)]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"ohmstead: {wrong}: line ")
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [wrong]


@pytest.mark.parametrize(("out", "reason"), [(".", "is a folder"), ("no/x.toml", "there is no folder")])
def test_a_product_file_that_cannot_be_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, reason: str
) -> None:
    assert execute(["product", "import", str(SEED), "--force", "-o", str(tmp_path / out)]) == 2
    said = capsys.readouterr().err
    assert reason in said
    assert len(said.splitlines()) == 1


def test_brackets_in_names_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal library reads them as its markup unless told otherwise."""
    text = SEED.read_text(encoding="utf-8").replace("Shenzhen Sinexcel Electric Co., Ltd", "Volt [EU] [/x]")
    (tmp_path / "certificate.txt").write_text(text, encoding="utf-8")
    out = tmp_path / "[b].toml"
    assert execute(["product", "import", str(tmp_path / "certificate.txt"), "-o", str(out)]) == 0
    assert "Volt [EU] [/x]" in capsys.readouterr().out


def test_list_names_every_shipped_product(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["product", "list"]) == 0
    said = capsys.readouterr().out
    assert "sec1000-240y" in said and "flagship" in said


def test_show_has_every_part_of_a_product(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["product", "show", "sec1000-240y"]) == 0
    said = capsys.readouterr().out
    for part in ("SEC1000/240Y", "cTesla", "C-13", "Resets a single EVSE", "ORS-12", "1800", "41.95", "240 kW"):
        assert part in said


def test_show_takes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "wall.toml"
    assert execute(["product", "import", str(FIXTURES / "ac_two_sockets.md"), "-o", str(out)]) == 0
    capsys.readouterr()
    assert execute(["product", "show", str(out)]) == 0
    assert "sType2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["product", "show", "nothing"], "no such product"),
        (["product", "import"], "Missing argument"),
        (["product", "import", "/nothing/at/all"], "cannot be read"),
        (["product", "sell"], "sell"),
        (["--loud"], "--loud"),
        (["no-such-command"], "no-such-command"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("ohmstead: ") and expected in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["product", "--help"], ["product", "import", "--help"]])
def test_help_is_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(arguments) == 0
    assert "product" in capsys.readouterr().out


def test_the_help_of_import_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    execute(["product", "import", "--help"])
    assert "ohmstead product import certificate.txt -o my-station.toml" in capsys.readouterr().out


def test_a_process_says_its_version_and_ends_well() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ohmstead.cli.main", "--version"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("ohmstead 0.")


def test_an_error_of_ours_inside_a_task_group_is_still_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command("run")
    def run() -> None:
        raise ExceptionGroup("tasks", [ExceptionGroup("more", [ProductError("x.toml", "name", "wrong")])])

    module = types.ModuleType("ohmstead_test_command")
    module.__dict__["app"] = app
    module.__spec__ = importlib.machinery.ModuleSpec("ohmstead_test_command", None)
    monkeypatch.setitem(sys.modules, "ohmstead_test_command", module)
    monkeypatch.setitem(COMMANDS, "run", "ohmstead_test_command")
    assert execute(["run"]) == 2
    assert capsys.readouterr().err == "ohmstead: x.toml: name: wrong\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m ohmstead.cli.main product show flagship | head -n 1"
    result = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""


def test_a_command_does_not_import_what_only_others_need() -> None:
    code = (
        "import sys; from ohmstead.cli.main import execute; execute(['product', 'show', 'sec1000-240y']);"
        "heavy = {'litestar', 'uvicorn', 'websockets', 'cryptography', 'ohmstead.runtime', 'ohmstead.web'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stderr == "[]\n"
