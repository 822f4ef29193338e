"""What may stand in a terminal: text of a peer, a file or a person can be read there, and does nothing.

Everything that a command says goes through here; tests/architecture/test_terminal.py sees to it.
"""

import typer

from ohmstead.wire.printable import printable, printable_text


def escape(text: str) -> str:
    """Return a text, on one line, as it can stand between marks of rich."""
    from rich.markup import escape as without_marks

    return without_marks(printable(text))


def say(text: str, *, err: bool = False) -> None:
    """Say one line, on stdout or stderr."""
    typer.echo(printable(text), err=err)


def warn(text: str) -> None:
    """Say one line on stderr, in red where that is a terminal."""
    typer.secho(printable(text), err=True, fg="red", bold=True)


def say_lines(text: str) -> None:
    """Write text of our own making with its lines to stdout: a file that somebody asked for there."""
    typer.echo(printable_text(text), nl=not text.endswith("\n"))
