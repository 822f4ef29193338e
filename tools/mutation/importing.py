"""Loads one module with a change from the start: a plugin of pytest, for what runs while modules load.

`OHMSTEAD_MUTANT=FILE pytest -p tools.mutation.importing`. A fork, which is how other mutants are tried, comes too late
for them.
"""

import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tools.mutation.operators import Mutant, mutated
from tools.mutation.source import ROOT

VARIABLE = "OHMSTEAD_MUTANT"


class _Changed(SourceFileLoader):
    """Compiles the changed source, and neither reads nor writes compiled files."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        source = Path(self.path).read_text(encoding="utf-8")
        code: CodeType = compile(mutated(source, self.mutant), self.path, "exec")
        return code


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname.startswith("ohmstead.") else None
        if spec is None or spec.origin != str(ROOT / self._mutant.path):
            return None
        spec.loader = _Changed(fullname, spec.origin)
        spec.loader.mutant = self._mutant
        return spec


def _install() -> None:
    data = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, _Finder(Mutant(**{**data, "lines": tuple(data["lines"])})))


if VARIABLE in os.environ:
    _install()
