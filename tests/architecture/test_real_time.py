"""Tests take the time of the loop; who looks at a real clock says why, and what guards against hanging is generous."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CLOCKS = {
    "cli/test_run_campaign.py": "a process that is to go, which no loop sees; the bound guards against hanging",
    "e2e/test_interrupted.py": "a signal comes at a moment that a seed draws; the bounds guard against hanging",
    "e2e/test_fleet_process.py": "processes that are to go, which no loop sees; the bound guards against hanging",
    "e2e/running.py": "a process of its own; the bound guards against hanging",
    "edge/test_virtual_time.py": "virtual time is compared with the real one",
    "matrix/campaign.py": "the CPU time of a product, a figure for the table; nothing is asserted of it",
    "runtime/test_long_outbox.py": "a figure for the nightly page; nothing is asserted of it",
}
"""Modules that read a real clock or sleep by it, and why that is right."""
LEAST = 30
"""Seconds that a guard against hanging waits at least, on a machine with a load of 20."""
SHORTER = {
    "hostile/overdone/control.py": "so long an answer stays unread; the peer's end comes by itself",
}
"""Modules in real time in which a shorter wait is no guard, and what it is."""
REAL = {"cli", "e2e", "hostile", "peers", "torture"}
"""Folders whose helpers serve tests in real time."""
MODULES = sorted(TESTS.rglob("*.py"))


def named(path: Path) -> str:
    """Return the path of a module below tests/."""
    return path.relative_to(TESTS).as_posix()


def clocks(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that import the module `time`, or something of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(name.name == "time" for name in node.names):
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield node.lineno


def is_real(path: Path, tree: ast.AST) -> bool:
    """Say whether a module runs loops, threads or processes by the real clock, or serves those that do."""
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    runs = calls & {"asyncio.run", "asyncio.Runner", "subprocess.run", "subprocess.Popen", "Thread"}
    serves = path.relative_to(TESTS).parts[0] in REAL and "virtual_time" not in path.read_text("utf-8")
    return bool(runs) or serves


def guards(tree: ast.AST) -> Iterator[tuple[int, float]]:
    """Yield line and seconds of every wait that has an end in figures."""
    waits = {"timeout": 0, "wait_for": 1, "settimeout": 0, "join": 0}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        place = waits.get(node.func.attr)
        if place is None or ast.unparse(node.func).startswith("pytest.mark") or len(node.args) <= place:
            continue
        seconds = node.args[place]
        if isinstance(seconds, ast.Constant) and isinstance(seconds.value, int | float):
            yield node.lineno, float(seconds.value)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_test_looks_at_no_real_clock(path: Path) -> None:
    """What takes long depends on the machine; `make bench` is for figures."""
    found = list(clocks(ast.parse(path.read_text("utf-8"))))
    assert not found or named(path) in CLOCKS, f"{named(path)}:{found} imports time"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_what_guards_against_hanging_is_generous(path: Path) -> None:
    """On a busy machine everything comes, and comes late."""
    tree = ast.parse(path.read_text("utf-8"))
    if is_real(path, tree) and named(path) not in SHORTER:
        short = [(line, seconds) for line, seconds in guards(tree) if seconds < LEAST]
        assert not short, f"{named(path)}: {short} seconds are too short"


def test_every_exception_is_one() -> None:
    """A module that needs its exception no more loses it."""
    trees = {named(path): ast.parse(path.read_text("utf-8")) for path in MODULES}
    assert set(CLOCKS) == {name for name, tree in trees.items() if any(clocks(tree))}
    assert set(SHORTER) <= {name for name, tree in trees.items() if any(end < LEAST for _, end in guards(tree))}
