"""The kept corpus runs through every target; `make nightly` fuzzes each further, guided by coverage.

OHMSTEAD_FUZZ_SECONDS is the CPU time of all targets together: an hour unless told otherwise.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS
from tests.generators import WHOLE

CORPUS = Path(__file__).parent / "corpus"
SECONDS = int(os.environ.get("OHMSTEAD_FUZZ_SECONDS") or 3600)


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_crashes_nothing(name: str) -> None:
    files = sorted((CORPUS / name).iterdir())
    assert files
    for file in files:
        TARGETS[name](file.read_bytes())


@pytest.mark.skipif(not WHOLE, reason="make nightly")
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_new_crashes(name: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Coverage-guided, from the kept corpus on."""
    pytest.importorskip("atheris")
    found = tmp_path / "corpus"
    shutil.copytree(CORPUS / name, found)
    seconds = max(1, SECONDS // len(TARGETS))
    command = [sys.executable, "-m", "tests.fuzz.targets", name, str(seconds), str(found)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    crashes = [path.read_bytes()[:200] for path in tmp_path.glob("*-*") if path.is_file()]
    assert done.returncode == 0, f"{crashes}\n{done.stderr[-3000:]}"
    steps = re.findall(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    record_property("inputs", int(steps[-1]) if steps else 0)
