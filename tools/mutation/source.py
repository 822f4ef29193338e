"""What is mutated: the modules in which the station decides."""

import ast
import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.mutation.operators import Mutant, first_line, functions, mutants

ROOT = Path(__file__).resolve().parent.parent.parent
TARGETS = ("src/ohmstead/model", "src/ohmstead/blocks")


def modules() -> Iterator[tuple[str, str]]:
    """Yield path and source of each module."""
    for target in TARGETS:
        for file in sorted((ROOT / target).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def every_mutant() -> list[Mutant]:
    """Return all of them, in the order of files and lines."""
    return [mutant for path, source in modules() for mutant in mutants(path, source)]


def drawn(found: list[Mutant], number: int, seed: str) -> list[Mutant]:
    """Return some of them, drawn by a seed, in their order.

    Each by its own name: a change of one function leaves the others in or out as they were.
    """
    lots = {one.key: hashlib.sha256(f"{seed} {one.key}".encode()).digest() for one in found}
    chosen = set(sorted(lots, key=lambda key: lots[key])[:number])
    return [one for one in found if one.key in chosen]


def of_functions(found: Iterable[Mutant], names: set[str]) -> list[Mutant]:
    """Return those of some functions, or of all in a file, named `src/...py:BReset.on_reset` or `src/...py`."""
    return [one for one in found if f"{one.path}:{one.function}" in names or one.path in names]


def place_of_lines() -> dict[tuple[str, int], str]:
    """Return the function of each line, and how many lines after the function's first it is."""
    return {
        (path, line): f"{path}:{name}:{line - first_line(function)}"
        for path, source in modules()
        for name, function in functions(_parsed(source))
        for line in range(first_line(function), (function.end_lineno or function.lineno) + 1)
    }


def changed_files(commit: str, places: Iterable[str]) -> list[str]:
    """Return the files under some places that are other than at a commit, and still there.

    Raises CalledProcessError for no commit.
    """
    command = ["git", "diff", "--name-only", "--no-color", commit, "--", *places]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).exists()]


def changed_since(commit: str) -> set[str]:
    """Return the functions with a line that is other than at a commit. Raises CalledProcessError for no commit."""
    command = ["git", "diff", "-U0", "--no-color", commit, "--", *TARGETS]
    diff = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    touched: dict[str, set[int]] = {}
    path = ""
    for line in diff.splitlines():
        if line.startswith("+++ "):
            path = line.removeprefix("+++ b/")
        elif line.startswith("@@"):
            start, _, count = line.split("+")[1].split()[0].partition(",")
            touched.setdefault(path, set()).update(range(int(start), int(start) + int(count or 1)))
    return {
        f"{module}:{name}"
        for module, source in modules()
        for name, function in functions(_parsed(source))
        if touched.get(module, set()) & set(range(function.lineno, (function.end_lineno or function.lineno) + 1))
    }


def digests() -> dict[str, str]:
    """Return a digest of the source of each function: a result counts as long as it stays."""
    found = {}
    for path, source in modules():
        lines = source.splitlines()
        for name, function in functions(_parsed(source)):
            text = "\n".join(lines[function.lineno - 1 : function.end_lineno])
            found[f"{path}:{name}"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def digest_of(file: Path) -> str:
    """Return a digest of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _parsed(source: str) -> ast.Module:
    return ast.parse(source)
