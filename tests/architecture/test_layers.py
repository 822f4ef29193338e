"""Imports go in one direction (docs/architecture.md): this test walks every import of the package."""

import ast
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import ohmstead

ROOT = Path(ohmstead.__file__).parent
YESTERDAY = Path(__file__).parents[1] / "yesterday"
LAB = {"wire", "rpc", "ports", "product", "lab", "version"}
MAY_IMPORT = {
    "wire": set[str](),
    "version": set[str](),
    "product": set[str](),
    "model": {"wire", "product"},
    "ports": {"wire", "model", "product"},
    "rpc": {"wire", "ports"},
    "blocks": {"wire", "model", "ports", "product"},
    "runtime": {"wire", "model", "ports", "product", "blocks", "rpc"},
    "edge": {"wire", "ports", "product", "edge.virtual_time"},
    "edge.virtual_time": set[str](),
    "edge.simulator": {"wire", "ports", "product", "edge"},
    "lab": LAB,
    "lab.readings": LAB,
    "lab.evidence": LAB,
    "lab.cases": LAB | {"lab.readings", "lab.evidence"},
    "lab.evidence.judge": LAB | {"lab.evidence", "lab.cases", "edge.virtual_time"},
    "lab.describe": LAB | {"lab.cases", "lab.rigs"},
    "lab.report": LAB | {"lab.evidence", "lab.evidence.judge", "lab.cases"},
    "lab.rigs": LAB | {"lab.evidence", "lab.cases", "edge"},
    "lab.rigs.campaign": LAB | {"lab.cases", "lab.rigs", "lab.rigs.memory"},
    "lab.rigs.memory": LAB
    | {"lab.cases", "lab.rigs", "edge", "edge.virtual_time", "edge.simulator", "runtime", "site"},
    "site": {"wire", "ports", "product", "runtime", "rpc", "edge"},
    "fleet": {"wire", "ports", "product", "rpc", "blocks", "runtime", "site", "edge", "edge.simulator"},
    "site.simulated": {"wire", "ports", "product", "runtime", "rpc", "edge", "edge.simulator", "site"},
    "testing": LAB | {"lab.cases", "lab.rigs", "edge", "runtime", "site", "site.simulated"},
    "pytest_plugin": {"testing"},
    "csms": {"wire", "rpc", "ports", "product"},
    "web": {"wire", "ports", "product", "version"},
    "scenario": {"wire", "ports", "product"},
}
"""Layer, room of a layer, or module with a rule of its own -> what it may import besides itself.

The longest name counts, for who imports and for what is imported. Only `cli` joins siblings, and
`site`, which builds a station, joins `runtime` and `edge`; `testing` joins station and lab for tests of other people.
"""
STATION = ("model", "blocks", "runtime", "site", "edge.simulator")
"""What our own station consists of."""
PLAYS_OUR_STATION = {"lab.rigs.memory"}
"""The only one of the lab that may load it; the wire rig starts it as a process."""
WIRE_ONLY = {
    *("clock", "link", "hand", "files", "certificate_reader", "signatures", "calls", "bench", "hardware", "store"),
    *("machine", "supervisor", "figures", "protocol_faults", "firmware", "file_service"),
}
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


def named(path: Path) -> str:
    """Return the dotted name of a module below the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room(name: str) -> str:
    """Return the longest name of the table that a module is of."""
    parts = name.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((one for one in names if one in MAY_IMPORT), parts[0])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_layers_below_it(path: Path) -> None:
    own = room(named(path))
    if own in ("cli", "__init__", "__main__"):
        return
    for line, name in imported(path):
        target = name.removeprefix("ohmstead.")
        if target == name:
            continue
        assert room(target) in MAY_IMPORT[own] | {own}, f"{path.name}:{line}: {own} may not import {name}"
        if own == "ports" and path.stem in WIRE_ONLY:
            assert room(target) != "model", f"{path.name}:{line}: the port {path.stem} may not load the model"


@pytest.mark.parametrize("path", sorted((ROOT / "blocks").glob("?_*.py")), ids=lambda path: path.stem)
def test_blocks_never_import_blocks(path: Path) -> None:
    shared = {
        f"ohmstead.blocks.{name}"
        for name in (
            "backlog",
            "contactors",
            "context",
            "customer_accounts",
            "customer_data",
            "firmware_file",
            "firmware_request",
            "firmware_trial",
            "first_signature",
            "hooks",
            "work",
            "log_files",
            "machine_lines",
            "readings",
            "standstill",
            "selection",
            "starting",
            "status_notifier",
            "stopping",
            "time_of_day",
            "vendor",
            "wrong_codes",
        )
    }
    for line, name in imported(path):
        assert not name.startswith("ohmstead.blocks.") or name in shared, f"{path.name}:{line} imports {name}"


@pytest.mark.parametrize(
    "part", ["lab.readings", "lab.evidence", "lab.cases", "lab.report", "lab.rigs", "lab", "csms", "web"]
)
def test_who_judges_or_shows_a_station_never_loads_it(part: str) -> None:
    """Every module of the part is imported where our station is not there at all."""
    names = [name for path in sorted((ROOT / part.replace(".", "/")).rglob("*.py")) if (name := named(path))]
    names = [f"ohmstead.{name}" for name in names if name not in PLAYS_OUR_STATION]
    assert "ohmstead." + part in names
    run_without(STATION, f"import importlib\nfor name in {names!r}: importlib.import_module(name)")


def test_evidence_is_judged_where_there_is_nothing_but_the_lab(tmp_path: Path) -> None:
    archive = next(iter(sorted(YESTERDAY.glob("evidence-*.tar.xz"))))
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    said = run_without(
        (*STATION, "csms", "web", "cli"),
        "from pathlib import Path\nfrom ohmstead.lab.report.judging import judge_report\n"
        f"print(*(one.same for one in judge_report(Path({str(folder)!r}))))",
    )
    assert set(said.split()) == {"True"}


def run_without(missing: Iterable[str], code: str) -> str:
    """Run code in a process that does not find some parts of the package; return what it prints."""
    absent = [f"ohmstead.{name}" for name in missing]
    code = f"import sys\nsys.modules.update(dict.fromkeys({absent!r}))\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
