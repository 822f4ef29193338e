"""What the page does not load, because a station's memory is counted."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio, sys
from ohmstead.web.app import create_app
from tests.web.station import running

async def main():
    async with running() as station:
        create_app(station.bench, station.hand, station.csms)

asyncio.run(main())
print([name for name in ("attr", "prometheus_client", "pydantic") if name in sys.modules])
"""


def test_a_page_loads_no_other_data_library() -> None:
    here = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, cwd=here)
    assert done.stdout.strip() == "[]"
