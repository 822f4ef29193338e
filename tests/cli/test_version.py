"""Version, commit and edition: said by the command line and by /api/v1/health, and never made up."""

import subprocess
import sys
from pathlib import Path

import pytest

from ohmstead import version
from ohmstead.cli.main import execute

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def checkout(folder: Path, git: str = ".git") -> Path:
    """Make what a checkout of this project looks like; return its git folder."""
    source = folder / "src" / "ohmstead"
    source.mkdir(parents=True)
    (source / "version.py").touch()
    (folder / git).mkdir(parents=True)
    return folder / git


def test_the_command_line_says_version_commit_and_errata(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["--version"]) == 0
    said = capsys.readouterr().out
    assert said == f"{version.one_line()}\n"
    assert version.version() in said
    assert version.commit()[:12] in said
    assert "OCPP 2.0.1 Edition 3 with the errata of 2025-09" in said


def test_the_commit_of_a_branch(tmp_path: Path) -> None:
    git = checkout(tmp_path)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "refs" / "heads" / "main").write_text(f"{COMMIT}\n")
    assert version.of_checkout(tmp_path) == COMMIT


def test_the_commit_of_a_branch_among_packed_ones(tmp_path: Path) -> None:
    git = checkout(tmp_path)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    other = COMMIT[::-1]
    (git / "packed-refs").write_text(f"# pack-refs\n{other} refs/heads/a\n{COMMIT} refs/heads/main\n^{other}\n")
    assert version.of_checkout(tmp_path) == COMMIT


def test_the_commit_of_no_branch(tmp_path: Path) -> None:
    (checkout(tmp_path) / "HEAD").write_text(f"{COMMIT}\n")
    assert version.of_checkout(tmp_path) == COMMIT


def test_the_commit_of_a_worktree(tmp_path: Path) -> None:
    git = checkout(tmp_path, "main.git/worktrees/two")
    (git / "HEAD").write_text("ref: refs/heads/two\n")
    (git / "commondir").write_text("../..\n")
    (tmp_path / "main.git" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / "main.git" / "refs" / "heads" / "two").write_text(f"{COMMIT}\n")
    (tmp_path / ".git").write_text("gitdir: main.git/worktrees/two\n")
    assert version.of_checkout(tmp_path) == COMMIT


@pytest.mark.parametrize("head", ["", "ref: refs/heads/gone\n", "no commit\n", "é".encode("latin-1").decode("latin-1")])
def test_a_checkout_that_says_nothing_has_no_commit(tmp_path: Path, head: str) -> None:
    (checkout(tmp_path) / "HEAD").write_text(head)
    assert version.of_checkout(tmp_path) is None


def test_the_checkout_of_something_else_is_not_ours(tmp_path: Path) -> None:
    """An installation in a folder of another project says nothing of that project's commits."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(f"{COMMIT}\n")
    assert version.of_checkout(tmp_path) is None


def test_a_start_reads_nothing_of_it() -> None:
    """Neither the package nor the command line pays for what nobody asked."""
    code = "import sys, ohmstead, ohmstead.cli.main; print('ohmstead.version' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
