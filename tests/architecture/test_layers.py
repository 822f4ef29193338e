"""Imports go in one direction (docs/architecture.md): this test walks every import of the package."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ohmstead

ROOT = Path(ohmstead.__file__).parent
MAY_IMPORT = {
    "wire": set[str](),
    "product": set[str](),
    "model": {"wire", "product"},
    "ports": {"wire", "model", "product"},
    "rpc": {"wire", "ports"},
    "blocks": {"wire", "model", "ports", "product"},
    "runtime": {"wire", "model", "ports", "product", "blocks", "rpc"},
    "edge": {"wire", "ports", "product"},
    "lab": {"wire", "rpc", "ports", "product"},
    "csms": {"wire", "rpc", "ports", "product"},
    "web": {"wire", "ports", "product"},
    "cli": {"wire", "model", "ports", "product", "blocks", "runtime", "rpc", "edge", "lab", "csms", "web"},
}
"""Layer -> the layers that it may import; each may import itself. Only `cli` joins siblings."""
WIRE_ONLY = {"clock", "link", "hand", "files", "certificates", "signatures", "calls", "bench", "hardware", "store"}
"""Ports that know nothing of the model, so that lab, csms and web never load it."""


def modules() -> list[Path]:
    """Return every module of the package."""
    return sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of every import of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.lineno, node.module


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_layers_below_it(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if len(parts) == 1:
        return
    layer = parts[0]
    for line, name in imported(path):
        target = name.split(".")
        if target[0] != "ohmstead" or len(target) < 2:
            continue
        allowed = MAY_IMPORT[layer] | {layer}
        assert target[1] in allowed, f"{path.name}:{line}: {layer} may not import {name}"
        if layer == "ports" and path.stem in WIRE_ONLY:
            assert target[1] != "model", f"{path.name}:{line}: the port {path.stem} may not load the model"


@pytest.mark.parametrize("path", sorted((ROOT / "blocks").glob("?_*.py")), ids=lambda path: path.stem)
def test_blocks_never_import_blocks(path: Path) -> None:
    shared = {
        f"ohmstead.blocks.{name}"
        for name in (
            "backlog",
            "context",
            "customer_data",
            "hooks",
            "work",
            "log_files",
            "readings",
            "standstill",
            "telling",
            "time_of_day",
            "vendor",
        )
    }
    for line, name in imported(path):
        assert not name.startswith("ohmstead.blocks.") or name in shared, f"{path.name}:{line} imports {name}"


@pytest.mark.parametrize("layer", ["lab", "csms", "web"])
def test_who_judges_or_shows_a_station_never_loads_its_model(layer: str) -> None:
    names = [
        ".".join(("ohmstead", *path.relative_to(ROOT).with_suffix("").parts)) for path in (ROOT / layer).rglob("*.py")
    ]
    code = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name.removesuffix('.__init__'))\n"
        "print([name for name in sys.modules if name.startswith('ohmstead.model')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
