"""What a command says goes through one place, which takes away what a terminal would act on."""

import ast
from pathlib import Path

import pytest

CLI = Path(__file__).parents[2] / "src" / "ohmstead" / "cli"
FILES = sorted(path for path in CLI.rglob("*.py") if path != CLI / "terminal.py")
CALLS = {"print", "typer.echo", "typer.secho", "click.echo", "sys.stdout.write", "sys.stderr.write"}
MODULES = {"rich.markup"}


def found(path: Path) -> list[str]:
    """Return what goes past the place: calls that write, and an escape of one's own."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [f"{node.lineno}: {ast.unparse(node.func)}" for node in ast.walk(tree) if isinstance(node, ast.Call)]
    imports = [
        f"{node.lineno}: {node.module}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in MODULES
    ]
    return [call for call in calls if call.split(": ")[1] in CALLS] + imports


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CLI)))
def test_nothing_is_said_past_it(path: Path) -> None:
    assert found(path) == []


def test_it_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from rich.markup import escape\nimport typer\ntyper.echo('x')\nprint(1)\n", "utf-8")
    assert [one.split(": ")[1] for one in found(tmp_path / "a.py")] == ["typer.echo", "print", "rich.markup"]
