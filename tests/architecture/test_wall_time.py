"""Durations come from the loop, moments from the clock that is corrected (decided case 21)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_layers import ROOT, modules

MOMENTS = {
    "blocks/a_certificates.py": "how long a certificate is still valid is wall time; looked at again on a correction",
    "blocks/driver_display.py": "until the shown clock turns; looked at again on a correction",
    "blocks/j_metering.py": "until the next aligned instant; looked at again on a correction",
    "model/elapsed.py": "what a correction has moved along",
}
"""Modules that may subtract from the present moment, and why that is right."""


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_duration_is_a_difference_of_wall_times(path: Path) -> None:
    """Whoever needs to subtract adds itself here, with what it does on ClockCorrected."""
    name = path.relative_to(ROOT).as_posix()
    if name.split("/")[0] not in {"blocks", "model", "runtime"} or name in MOMENTS:
        return
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            assert not list(differences(function)), f"{name}:{function.lineno} subtracts wall times"


def differences(function: ast.AST) -> Iterator[int]:
    """Yield the lines of a function that subtract something from the clock's `now()`, or it from something."""
    present = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and reads_clock(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            for side in (node.left, node.right):
                if reads_clock(side) or (isinstance(side, ast.Name) and side.id in present):
                    yield node.lineno


def reads_clock(node: ast.AST) -> bool:
    """Say whether an expression is `...clock.now()`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "now"
        and "clock" in ast.unparse(node.func.value)
    )
