"""The station's own place for downloaded files; what a broken download has got is kept, with a note of its origin."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec

from ohmstead.edge.private_files import private_directory, sweep, write_private
from ohmstead.ports.files import Reason, TransferFailed

CHUNK = 1 << 16
"""Bytes that are read at once."""


class SpoolOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a part came from: it is continued only if the server still has the same file."""

    url: str
    """Its SHA-256: a query may be a signature that lets anybody in."""
    validator: str
    """ETag, date or size, as the server said; empty: it said nothing, so nothing can be continued."""


class Spool:
    """Files in a directory, by name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        sweep(directory)

    def part(self, name: str, url: str) -> tuple[int, str]:
        """Return how many bytes of a URL are here, and the validator that came with them; else 0 and ''."""
        with suppress(OSError, msgspec.MsgspecError):
            origin = msgspec.json.decode(self._note(name).read_bytes(), type=SpoolOrigin)
            if origin.url in (_digest(url), url) and origin.validator:
                return self._path(name).stat().st_size, origin.validator
        return 0, ""

    def open(self, name: str, origin: SpoolOrigin, offset: int) -> "Writing":
        """Open a file to write on from an offset. Raises TransferFailed with NoRoom."""
        try:
            private_directory(self._directory)
            if not offset:  # a note must never stand beside the bytes of another file, whenever the power goes
                self.discard(name)
            note = msgspec.structs.replace(origin, url=_digest(origin.url))
            write_private(self._note(name), msgspec.json.encode(note).decode())
            return Writing(self._path(name), offset)
        except OSError as error:
            raise no_room(error) from error

    def read(self, name: str) -> Iterator[bytes]:
        """Return a file in chunks. Raises TransferFailed with NotFound."""
        path = self._path(name)
        if not path.is_file():
            raise TransferFailed(Reason.NotFound, f"{name} is not there")
        return _chunks(path)

    def discard(self, name: str) -> None:
        """Remove a file and the note of its origin."""
        for path in (self._path(name), self._note(name)):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not name or name != Path(name).name or name.startswith("."):
            raise ValueError(f"{name!r} is not a plain file name")
        return self._directory / name

    def _note(self, name: str) -> Path:
        return self._directory / f".{self._path(name).name}.origin"


class Writing:
    """A file that is being written; leaving it makes it durable."""

    def __init__(self, path: Path, offset: int) -> None:
        self._file = path.open("r+b" if offset else "wb", buffering=0)
        self._file.seek(offset)
        self._file.truncate()
        self.size = offset

    def write(self, piece: bytes) -> None:
        """Append. Raises TransferFailed with NoRoom, and gives back what the file has taken of a full disk."""
        try:
            while piece:
                written = self._file.write(piece)
                self.size += written
                piece = piece[written:]
        except OSError as error:
            with suppress(OSError):  # the station itself needs the room to go on
                self._file.truncate(0)
                self.size = 0
            raise no_room(error) from error

    def __enter__(self) -> "Writing":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        with self._file:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise no_room(error) from error


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def no_room(error: OSError) -> TransferFailed:
    """Return the failure that a disk error is."""
    return TransferFailed(Reason.NoRoom, f"the disk: {error.strerror}")
