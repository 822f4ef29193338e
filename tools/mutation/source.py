"""What is mutated: the modules in which the station decides."""

import ast
import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from tools.mutation.operators import Mutant, functions, mutants

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
    """Return some of them, drawn by a seed, in their order."""
    if number >= len(found):
        return found
    return [found[index] for index in sorted(Random(seed).sample(range(len(found)), number))]


def of_functions(found: Iterable[Mutant], names: set[str]) -> list[Mutant]:
    """Return those of some functions, or of all in a file, named `src/...py:BReset.on_reset` or `src/...py`."""
    return [one for one in found if f"{one.path}:{one.function}" in names or one.path in names]


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


def _parsed(source: str) -> ast.Module:
    return ast.parse(source)
