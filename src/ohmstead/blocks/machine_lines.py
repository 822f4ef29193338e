"""The machine's own log as lines of the diagnostics (N01.FR.03)."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime

from ohmstead.ports.machine_log import MachineLog
from ohmstead.wire.printable import printable
from ohmstead.wire.secrets import redact_text

READ_TIME = 60.0
"""Seconds that a machine may take to give its log."""
MOST_BYTES = 1 << 20
"""Of its log, the newest lines: as much as the station's own journal."""
AT_A_TIME = 100
"""Lines that are made fit to be shown before others may work."""

_log = logging.getLogger(__name__)


async def machine_lines(machine: MachineLog, oldest: datetime | None, latest: datetime | None) -> list[bytes]:
    """Return what the machine wrote down in a time; if it does not say, that it did not."""
    try:
        async with asyncio.timeout(READ_TIME):
            lines = await _newest(await machine.read(oldest, latest))
    except TimeoutError:
        return _unread(f"it did not answer within {READ_TIME:g} s")
    except Exception as error:
        _log.warning("the log of the machine could not be read", exc_info=True)
        return _unread(f"{type(error).__name__}: {error}")
    return [b"machine:\n", *lines] if lines else []


async def _newest(lines: Iterable[str]) -> list[bytes]:
    kept: list[bytes] = []
    left = MOST_BYTES
    for number, line in enumerate(reversed(list(lines))):
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
        encoded = _shown(line)
        left -= len(encoded)
        if left < 0:
            break
        kept.append(encoded)
    return kept[::-1]


def _unread(why: str) -> list[bytes]:
    return [_shown(f"machine: its log could not be read: {why}")]


def _shown(line: str) -> bytes:
    return f"{printable(redact_text(line))}\n".encode(errors="replace")
