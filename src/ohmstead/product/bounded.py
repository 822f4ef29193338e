"""Files that somebody names on the command line: read whole, but not without end."""

import errno
from pathlib import Path

MOST = 1 << 20
"""Bytes of a settings, password or certificate file that is still read."""


def read_bounded(path: Path, most: int = MOST) -> bytes:
    """Return the bytes of a file. Raises OSError, also for one that is larger (EFBIG)."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"larger than {most} bytes, so it is not what belongs here", str(path))
    return data
