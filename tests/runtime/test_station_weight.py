"""What an idle station does not load, because its memory is counted."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
import ohmstead.edge.files, ohmstead.edge.simulator, ohmstead.edge.websocket_dialer
from ohmstead.edge.simulator import Simulator
from ohmstead.product.load import load
from ohmstead.runtime.station import Station
import ohmstead.cli.run.live

print([name for name in ("cryptography", "asyncssh", "ctypes") if name in sys.modules])
"""


@pytest.mark.parametrize("package", ["cryptography", "asyncssh", "ctypes"])
def test_a_station_that_does_not_need_it_does_not_load_it(package: str) -> None:
    here = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, cwd=here)
    assert package not in done.stdout
