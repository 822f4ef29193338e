"""What may stand in a terminal: text of a peer, a file or a person can be read there, and does nothing.

Everything that a command says goes through here; tests/architecture/test_terminal.py sees to it.
"""

import io
import os
import sys
from typing import TYPE_CHECKING

from ohmstead.wire.printable import printable, printable_text

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _UnheardPipe(io.RawIOBase):
    """A pipe at whose other end nobody reads any more (`| head -1`): what is said from then on goes nowhere.

    The command goes on, and its exit code says what came of it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: "ReadableBuffer") -> int:
        try:
            return os.write(self._descriptor, data)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._descriptor)
            _closed.append(self)
            return memoryview(data).nbytes


_closed: list[_UnheardPipe] = []


def heard() -> bool:
    """Say whether somebody still reads what is said on stdout."""
    return not _closed


def bear_closed_pipes() -> None:
    """Let stdout be a pipe whose reader has had enough."""
    if sys.stdout is None or sys.stdout.isatty():
        return
    sys.stdout.flush()
    pipe = io.BufferedWriter(_UnheardPipe(sys.stdout.fileno()))
    sys.stdout = io.TextIOWrapper(pipe, encoding=sys.stdout.encoding, errors=sys.stdout.errors)


def escape(text: str) -> str:
    """Return a text, on one line, as it can stand between marks of rich."""
    from rich.markup import escape as without_marks

    return without_marks(printable(text))


def say(text: str, *, err: bool = False) -> None:
    """Say one line, on stdout or stderr."""
    import typer

    typer.echo(printable(text), err=err)


def warn(text: str) -> None:
    """Say one line on stderr, in red where that is a terminal."""
    import typer

    typer.secho(printable(text), err=True, fg="red", bold=True)


def say_lines(text: str) -> None:
    """Write text of our own making with its lines to stdout: a file that somebody asked for there."""
    import typer

    typer.echo(printable_text(text), nl=not text.endswith("\n"))


def say_own(text: str) -> None:
    """Write text of our own making, with its styles, to stdout. It imports nothing."""
    sys.stdout.write(text)
    sys.stdout.flush()
