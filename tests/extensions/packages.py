"""Packages of vendors, as an installer leaves them: modules, and a dist-info folder with their entry points."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

VENDOR = Path(__file__).with_name("volt_cooling.py")
"""A whole extension."""


def install(
    folder: Path, module: str, source: str, *, points: Mapping[str, str] | None = None, version: str = "1.2"
) -> None:
    """Put a package with one module into a folder; without `points` its `factory` is the extension `cooling`."""
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: {version}\n")
    lines = [f"{name} = {value}" for name, value in (points or {"cooling": f"{module}:factory"}).items()]
    (info / "entry_points.txt").write_text("[ohmstead.extensions]\n" + "\n".join(lines) + "\n")


@contextmanager
def on_the_path(folder: Path) -> Iterator[None]:
    """Let Python find what is in a folder, and forget its modules afterwards."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for path in folder.glob("*.py"):
            sys.modules.pop(path.stem, None)
