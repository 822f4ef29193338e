"""What the FTP and SFTP servers have in common: a folder of their own, and the ways to misbehave."""

from pathlib import Path

from ohmstead.edge.file_servers import Arrived
from ohmstead.edge.file_servers.http import LARGEST_UPLOAD
from ohmstead.edge.private_files import temporary_folder


class Folder:
    """The part of a file server that has nothing to do with its protocol.

    Args:
        scheme: of its URLs.
        address: to listen on, which stands in its URLs.
        arrived: told of what arrives, on the thread of the server, and the file is removed; None: it is kept in
            `uploads`.

    Attributes:
        held: stay silent.
        refused: answer every transfer with "not found".
        rate: bytes a second; 0: as fast as it goes.
        largest: bytes of a file that is still taken.
    """

    def __init__(self, scheme: str, address: str, arrived: Arrived | None = None) -> None:
        self.held = False
        self.refused = False
        self.rate = 0.0
        self.largest = LARGEST_UPLOAD
        self.port = 0
        self._scheme = scheme
        self._address = address
        self._arrived = arrived
        self._kept = temporary_folder("files")
        self._uploads: list[tuple[str, bytes]] = []
        self._attempts: list[str] = []

    @property
    def root(self) -> Path:
        """The folder that is served."""
        return Path(self._kept.name)

    def _url(self, path: str) -> str:
        return f"{self._scheme}://{self._address}:{self.port}/{path.lstrip('/')}"

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return self._url(path)

    def withdraw(self, path: str) -> None:
        """Let a file be downloaded no more."""
        (self.root / path).unlink(missing_ok=True)

    def place(self, path: str) -> str:
        """Take uploads."""
        (self.root / path.strip("/")).mkdir(parents=True, exist_ok=True)
        return self._url(f"{path.strip('/')}/")

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """What arrived."""
        return tuple(self._uploads)

    @property
    def attempts(self) -> tuple[str, ...]:
        """What was begun."""
        return tuple(self._attempts)

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        self.held = held

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this."""
        self.rate = bytes_per_second

    def refuse(self, refused: bool) -> None:
        """Answer "not found", or serve again."""
        self.refused = refused

    # What the servers tell

    def began(self, path: str) -> None:
        """Hear that a transfer was begun, by its path on the server."""
        self._attempts.append(self._url(path))

    def arrived(self, path: str, file: Path) -> None:
        """Hear that an upload has arrived, and where it lies."""
        content = file.read_bytes()
        if self._arrived is None:
            self._uploads.append((self._url(path), content))
        else:
            self._arrived(self._url(path), content)
            file.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder."""
        self._kept.cleanup()
