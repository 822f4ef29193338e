"""The data folder of a station: what survives a restart, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from ohmstead.cli.run.options import RunRefused
from ohmstead.edge.private_files import private_directory, write_new
from ohmstead.product.bounded import read_bounded


class DataFolder:
    """Names the files of the folder; made by `open_folder`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = path / "station.db"
        self.machine = path / "machine.json"
        self.hardware = path / "hardware"
        self.csms = path / "csms"
        self.csms_settings = path / "csms.toml"

    def password(self) -> str:
        """Return the password of the station; a random one is made at the first start."""
        file = self.path / "password"
        if not file.exists():
            write_new(file, secrets.token_urlsafe(24) + "\n")
        return read_text(file).strip()


def open_folder(path: Path | None, product: str) -> DataFolder:
    """Make the folder if it is not there. Raises RunRefused."""
    folder = path or default_folder(product)
    try:
        private_directory(folder)
        folder.chmod(0o700)
    except OSError as error:
        raise RunRefused(f"--data {folder}: {error.strerror or error}") from None
    return DataFolder(folder)


def default_folder(product: str) -> Path:
    """Return where a product's station is kept unless told otherwise (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME")
    base = Path(state) if state and Path(state).is_absolute() else Path("~/.local/state").expanduser()
    return base / "ohmstead" / product


def read_text(path: Path) -> str:
    """Return a text file. Raises RunRefused."""
    try:
        return read_bounded(path).decode()
    except OSError as error:
        raise RunRefused(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RunRefused(f"{path} is no text in UTF-8") from None
