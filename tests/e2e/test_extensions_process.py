"""`ohmstead run` with a vendor's package that is installed beside it."""

import subprocess
import sys
from pathlib import Path

import pytest

from ohmstead.lab.cases.config import LabConfig
from tests.e2e.running import PATIENCE, refused, running
from tests.extensions.packages import VENDOR, install


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the process finds packages in."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def test_it_is_loaded_named_and_switched_off(installed: Path, tmp_path: Path) -> None:
    install(installed, "volt_cooling", VENDOR.read_text("utf-8"))
    with running("--data", str(tmp_path / "data")) as station:
        assert station.said["extensions"] == ["cooling (volt-cooling 1.2)"]
        assert station.set("VoltFan", "Speed", "60")["status"] == "Accepted"
        station.stop()
    with running("--data", str(tmp_path / "data"), "--no-extensions") as station:
        assert station.said["extensions"] == []
        station.stop()


def test_one_that_cannot_be_used_is_one_line(installed: Path, tmp_path: Path) -> None:
    install(installed, "volt_cooling", "def factory():\n    raise OSError('no license\\nat all')\n")
    code, said = refused("--headless", "--data", str(tmp_path / "data"))
    assert code == 2
    wrong = (
        "ohmstead: extension cooling (volt-cooling 1.2): volt_cooling:factory: OSError: no license at all; right would"
    )
    assert said.startswith(wrong)
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("flags", "verdict"), [((), "1 PASS"), (("--with-extensions",), "1 FAIL")])
def test_the_lab_runs_without_unless_it_is_asked(installed: Path, flags: tuple[str, ...], verdict: str) -> None:
    """TC_P_01_CS asks for a vendor that the station does not know; here it would."""
    vendor = LabConfig().vendor_id
    install(installed, "volt_cooling", VENDOR.read_text("utf-8").replace("com.volt", vendor))
    command = [sys.executable, "-m", "ohmstead.cli.main", "lab", "run", "--bench", "wire", "TC_P_01_CS", *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.splitlines()[-1] == verdict


def test_in_memory_there_are_none_to_ask_for() -> None:
    command = [sys.executable, "-m", "ohmstead.cli.main", "lab", "run", "--with-extensions", "TC_P_01_CS"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, "--bench wire" in done.stderr) == (2, True)
