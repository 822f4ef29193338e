"""What a campaign in a child process can be given: a product in a file of its own, and a station that is wrong."""

from importlib.resources import files
from pathlib import Path

import pytest

import ohmstead.product

ROOT = Path(__file__).parents[2]
TAKES_NO_FILES = """\
from ohmstead.model.device.controllers import OCPPCommCtrlr
from tests.lab.wrongs import ignored

wrong = ignored(OCPPCommCtrlr.file_transfer_protocols, ())()
wrong.__enter__()
"""


def reference_product(folder: Path) -> Path:
    """Write the reference product to a file, whose name in a command line tells whose process it is."""
    path = folder / "reference.toml"
    path.write_bytes((files(ohmstead.product) / "data" / "sec1000-240y.toml").read_bytes())
    return path


def take_no_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stations of child processes refuse every place of files, whatever they list.

    Python imports `sitecustomize` before it runs anything, in the processes that a child starts too.
    """
    (folder / "sitecustomize.py").write_text(TAKES_NO_FILES, "utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{folder}:{ROOT}")
