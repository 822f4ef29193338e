"""The wheel has all that it needs: built, installed where there is nothing else of Ohmstead, and used from there."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER_TEST = """
import sys
from pathlib import Path

import ohmstead
from ohmstead.testing import ChargingStations, ListeningCsms


def test_charges(charging_station: ChargingStations, csms: ListeningCsms) -> None:
    assert Path(ohmstead.__file__).is_relative_to(sys.prefix)
    lab = csms.blocking(patience=60)
    given = lab.setup.provisioning
    station = charging_station.blocking(
        lab.url, product="ac-wallbox", identity=given.identity, password=given.password, patience=60
    )
    station.hand.plug(1)
    station.hand.present("04A1B2C3")
    lab.expect("TransactionEvent", eventType="Started")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has the wheel, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = folder / "wheel"
    pip(["wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(wheel), str(ROOT)])
    environment = folder / "environment"
    venv.create(environment)
    names = {"base": str(environment), "platbase": str(environment)}
    packages = Path(sysconfig.get_path("purelib", "venv", names))
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip(["install", "--no-deps", "--no-index", "--target", str(packages), *map(str, wheel.glob("*.whl"))])
    return Path(sysconfig.get_path("scripts", "venv", names)) / "python"


def pip(arguments: list[str]) -> None:
    """Run pip, without a network."""
    run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments])


def run(command: list[str], folder: Path | None = None) -> str:
    """Run a command that has to end well; return what it says."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_test_finds_the_fixtures(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(USER_TEST)
    said = run([str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)])
    assert "1 passed" in said


def test_it_says_the_commit_that_it_was_built_of(python: Path, tmp_path: Path) -> None:
    from ohmstead.version import commit

    said = run([str(python), "-m", "ohmstead", "--version"], tmp_path)
    assert f"commit {commit()[:12]};" in said
