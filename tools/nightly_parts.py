"""The parts of the nightly run: a name, what it holds, the test files that belong to it, and how long it may take."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SWITCH = "tests.generators"
"""Who imports it runs a sample in `make test`, and whole here."""


@dataclass(frozen=True)
class Part:
    """Tests that run together, and have a row of the page.

    Attributes:
        files: patterns of test files below the root; without any, every generator that no other part has.
        limit: seconds that it may take on two cores; what has not ended by then has failed.
    """

    name: str
    holds: str
    files: tuple[str, ...] = ()
    limit: int = 600


PARTS = (
    Part("cases", "every implemented case on both shipped products", ("tests/lab/test_cases.py",)),
    Part("dialects", "the campaign with a CSMS that speaks otherwise, but rightly", ("tests/*dialect*",), 1200),
    Part("properties", "extreme values in every field that the CSMS sends", ("tests/*propert*",), 1200),
    Part("tables", "who may start where, and what bounds each inbound edge", ("tests/*table*", "tests/*limits*"), 1200),
    Part(
        "matrix",
        "the reusable states at every start and stop point; random people, cars, and networks",
        ("tests/lab/test_states_matrix.py", "tests/runtime/test_random_hands.py"),
        1200,
    ),
    Part(
        "products",
        "200 products that a seed draws, each through abstract, import, boot and every case",
        ("tests/matrix/test_products.py",),
        1800,
    ),
    Part(
        "api",
        "whatever the OpenAPI document allows, and what not, asked of every shipped product",
        ("tests/web/test_openapi_fuzzed.py",),
        1800,
    ),
    Part("others", "the whole of every other generator", limit=1200),
    Part(
        "torture",
        "kill -9 of a station process: no event is lost or renumbered, nothing accepted forgotten",
        ("tests/torture/*",),
        1800,
    ),
    Part("fuzz", "coverage-guided fuzzing of everything that is read", ("tests/fuzz/*",), 3600),
)


def files_of(part: Part) -> list[str]:
    """Return the test files of a part, below the root."""
    tests = [path.relative_to(ROOT).as_posix() for path in _tests()]
    if part.files:
        return [test for test in tests if _matches(test, part)]
    named = [other for other in PARTS if other.files]
    return [test for test in generators() if not any(_matches(test, other) for other in named)]


def generators() -> list[str]:
    """Return the test files that hold a sample of a generator, by themselves or by a module that they import."""
    return [path.relative_to(ROOT).as_posix() for path in _tests() if SWITCH in _imports_in_all(path)]


def _matches(test: str, part: Part) -> bool:
    return any(fnmatch(test, pattern) for pattern in part.files)


def _tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("test_*.py"))


def _imports_in_all(path: Path) -> set[str]:
    """Return the modules below tests/ that a module imports, with what those import."""
    found: set[str] = set()
    waiting = [path]
    while waiting:
        for name in _imports(waiting.pop()) - found:
            found.add(name)
            module = ROOT / f"{name.replace('.', '/')}.py"
            if name != SWITCH and module.exists():
                waiting.append(module)
    return found


@cache
def _imports(path: Path) -> frozenset[str]:
    return frozenset(name for name in _names(ast.parse(path.read_text(encoding="utf-8"))) if name.startswith("tests."))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
