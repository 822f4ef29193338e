"""The spool of downloads after kill -9 between any two steps on the disk: what is continued is of one file."""

import subprocess
import sys
from pathlib import Path

import pytest

from ohmstead.edge.files_spool import Spool, SpoolOrigin

URL = "http://files.example/firmware.bin"
OLD, NEW = SpoolOrigin(url=URL, validator='"old"'), SpoolOrigin(url=URL, validator='"new"')
DIE = """
import os, sys
from pathlib import Path
from ohmstead.edge.files_spool import Origin, Spool

steps = 0

def step(event: str, arguments: object) -> None:
    global steps
    if event in ("open", "os.rename", "os.remove"):
        steps += 1
        if steps == int(sys.argv[2]):
            os.kill(os.getpid(), 9)

spool, origin = Spool(Path(sys.argv[1])), Origin(url=sys.argv[3], validator=sys.argv[4])
sys.addaudithook(step)
with spool.open("image", origin, 0) as file:
    file.write(b"new")
"""


@pytest.mark.parametrize("step", range(1, 8))
def test_the_bytes_of_an_old_file_are_never_taken_for_those_of_a_new_one(tmp_path: Path, step: int) -> None:
    """A file that changed on its server is downloaded from its beginning, and the power goes meanwhile."""
    with Spool(tmp_path).open("image", OLD, 0) as file:
        file.write(b"the old file")
    command = [sys.executable, "-c", DIE, str(tmp_path), str(step), URL, NEW.validator]
    subprocess.run(command, check=False, timeout=60)
    size, validator = Spool(tmp_path).part("image", URL)
    here = (tmp_path / "image").read_bytes()[:size] if size else b""
    assert not here or here == {OLD.validator: b"the old file", NEW.validator: b"new"}[validator]
    assert not list(tmp_path.glob(".new-*"))
