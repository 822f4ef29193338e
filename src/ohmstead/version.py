"""What this is: its version, the commit that it was made of, and the edition of OCPP 2.0.1 that it follows.

Nothing is read before somebody asks, and no program is started.
"""

import functools
import re
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

STANDARD = "OCPP 2.0.1 Edition 3"
ERRATA = "2025-09"
"""Month of the errata sheet that goes with it."""
UNKNOWN = "unknown"
RECORD = "commit.txt"
"""Beside this file: the commit of a package that was built (`tools/record_commit.py`)."""
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_PACKAGE = Path(__file__).parent


@functools.cache
def version() -> str:
    """Return the version of the installed package; `unknown` where it is imported without having been installed."""
    try:
        return installed_version("ohmstead")
    except PackageNotFoundError:
        return UNKNOWN


@functools.cache
def commit() -> str:
    """Return the commit: as it was recorded when the package was built, else that of the checkout, else `unknown`.

    Of a checkout it is what was committed last: nobody looks whether files have been changed since.
    """
    return _recorded(_PACKAGE / RECORD) or of_checkout(_PACKAGE.parents[1]) or UNKNOWN


def one_line() -> str:
    """Return all of it as `ohmstead --version` says it."""
    return f"ohmstead {version()} (commit {commit()[:12]}; {STANDARD} with the errata of {ERRATA})"


def of_checkout(folder: Path) -> str | None:
    """Return the commit that a checkout of Ohmstead is at; None where the folder is none."""
    git = folder / ".git"
    if git.is_file():  # of a worktree, or a submodule
        git = folder / (_text(git) or "").removeprefix("gitdir:").strip()
    head = _text(git / "HEAD")
    if head is None or not (folder / "src" / "ohmstead" / "version.py").is_file():
        return None
    if not head.startswith("ref:"):
        return _commit(head)
    name = head.removeprefix("ref:").strip()
    shared = git / (_text(git / "commondir") or ".")
    return _commit(_text(git / name) or _text(shared / name) or _packed(shared / "packed-refs", name))


def _packed(file: Path, name: str) -> str | None:
    lines = (line.split() for line in (_text(file) or "").splitlines())
    return next((line[0] for line in lines if line[1:] == [name]), None)


def _recorded(file: Path) -> str | None:
    return _commit(_text(file))


def _commit(text: str | None) -> str | None:
    return text if text and _COMMIT.fullmatch(text) else None


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
