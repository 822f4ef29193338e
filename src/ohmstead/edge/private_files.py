"""Files that only their owner can read, written so that a power cut leaves the old text or the new one."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

_UNFINISHED = ".new-"


def private_directory(path: Path) -> None:
    """Make a directory, and those above it, for its owner only (0700)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def temporary_folder(what: str) -> "tempfile.TemporaryDirectory[str]":
    """Make a folder that goes with its last use; whose process it is of is in its name, `ohmstead-WHAT-PID-...`."""
    return tempfile.TemporaryDirectory(prefix=f"ohmstead-{what}-{os.getpid()}-")


def write_private(path: Path, text: str | bytes) -> None:
    """Write a file (0600), or replace it. OSError: what was there before is there still, or the new text is."""
    temporary = _temporary(path.parent, text)
    try:
        temporary.replace(path)
    except OSError:
        _remove(temporary)
        raise
    _sync(path.parent)


def write_new(path: Path, text: str) -> bool:
    """Write a file (0600) unless there is one; say whether it was written. Of two processes one wins."""
    temporary = _temporary(path.parent, text)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        _remove(temporary)
    _sync(path.parent)
    return True


def sweep(directory: Path) -> None:
    """Remove what a power cut left half-written; for whoever is the only one that writes there.

    What cannot be removed now stays for the next time: nobody reads it.
    """
    for path in directory.glob(f"{_UNFINISHED}*"):
        _remove(path)


def _temporary(directory: Path, text: str | bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=_UNFINISHED)  # 0600 by itself
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        _remove(Path(name))  # on a full disk every block counts
        raise
    return Path(name)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _sync(directory: Path) -> None:
    """Make a rename durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
