"""`ohmstead run --headless`: from the start of the process to BootNotification on the wire, and its memory then."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from benchmarks.csms import BenchCsms
from benchmarks.live import process, station_command
from benchmarks.measure import Figure, figure
from benchmarks.report import Row

SECTION = "The process: ohmstead run --headless"
BOOT_S, MEMORY_MB = 1.2, 70.0
"""What is to be reached: seconds from the start of the process, resident megabytes (2^20 bytes)."""
SETTLED = 1.0
"""Seconds after the station said that it is ready until its memory is looked at."""
EMBEDDED_NOTE = (
    "With the embedded CSMS one process is both, a station and a CSMS with a certificate authority: its memory has no "
    "target. The first start makes the certificates, once."
)


async def measure(csms: BenchCsms, folder: Path, *, starts: int) -> list[Row]:
    """Measure with an external CSMS, with and without control API, and with the embedded one."""
    return [
        *await _external(csms, folder, "external CSMS, page and control API", "PAGE", starts),
        *await _external(csms, folder, "external CSMS, --no-api", "BARE", starts, "--no-api"),
        *await _embedded(folder, starts),
    ]


async def _external(csms: BenchCsms, folder: Path, what: str, identity: str, starts: int, *more: str) -> list[Row]:
    seconds, memory = [], []
    port = () if "--no-api" in more else ("--port", "0")
    for _ in range(starts):
        begin = time.monotonic_ns()
        async with process(*station_command(csms, identity, folder, *port, *more), stdout=PIPE) as child:
            station = await csms.station(identity)
            seconds.append(((await station.arrival("BootNotification")).at - begin) / 1e9)
            memory.append(await _resident(child))
    return [_time(what, figure(seconds, "s")), _memory(what, figure(memory, "MB"))]


async def _embedded(folder: Path, starts: int) -> list[Row]:
    """Measure by the log of the wire, for nobody else hears this BootNotification."""
    seconds, memory = [], []
    for number in range(starts + 1):
        log = folder / f"wire-{number}.jsonl"
        command = (str(Path(sys.executable).with_name("ohmstead")), "run", "--headless", "--port", "0")
        begin = time.monotonic()
        async with process(
            *command, "--csms-port", "0", "--data", str(folder / "EMBEDDED"), "--log-wire", str(log), stdout=PIPE
        ) as child:
            await _written(log)
            seconds.append(time.monotonic() - begin)
            memory.append(await _resident(child))
    what = "embedded CSMS, page and control API"
    return [
        _time(f"{what}, first start", figure(seconds[:1], "s")),
        _time(f"{what}, later starts", figure(seconds[1:], "s")),
        _memory(what, figure(memory, "MB"), targeted=False),
    ]


async def _written(log: Path) -> None:
    """Wait for the first frame: BootNotification."""
    async with asyncio.timeout(30):
        while not _has_content(log):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.005)


def _has_content(log: Path) -> bool:
    return log.exists() and log.stat().st_size > 0


async def _resident(child: Process) -> float:
    """Return the resident memory of a station that is ready, in MB."""
    assert child.stdout is not None
    async with asyncio.timeout(30):
        await child.stdout.readline()
    await asyncio.sleep(SETTLED)
    return resident_mb(child.pid)


def resident_mb(pid: int) -> float:
    """Return VmRSS of a process in MB; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def _time(what: str, found: Figure) -> Row:
    note = EMBEDDED_NOTE if "embedded" in what else ""
    return Row(
        section=SECTION,
        what=f"start to BootNotification: {what}",
        ours=found,
        target=f"<= {BOOT_S:g} s",
        passed=found.median <= BOOT_S,
        note=note,
    )


def _memory(what: str, found: Figure, *, targeted: bool = True) -> Row:
    return Row(
        section=SECTION,
        what=f"resident memory: {what}",
        ours=found,
        target=f"< {MEMORY_MB:g} MB" if targeted else "",
        passed=found.median < MEMORY_MB if targeted else None,
    )
