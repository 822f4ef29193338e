"""The command line: `ohmstead COMMAND ...`.

Each command lives in a module of its own, which is imported only when it is asked for: a station should be on the wire
a second after its process started. A module offers `app`, a `typer.Typer`: with a callback it is a group of commands
(`ohmstead product list`), without one its single command carries the name. What a person did wrong becomes one line on
stderr and exit code 2: every exception class of ours, a wrong argument, a file or port that cannot be had.
"""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from ohmstead.cli import interruption
from ohmstead.cli.logs import log_to_stderr
from ohmstead.cli.terminal import bear_closed_pipes, say
from ohmstead.wire.printable import printable
from ohmstead.wire.secrets import redact_text

COMMANDS = {
    "run": "ohmstead.cli.run.command",
    "product": "ohmstead.cli.product",
    "lab": "ohmstead.cli.lab.command",
    "certify": "ohmstead.cli.certify",
    "scenario": "ohmstead.cli.scenario.command",
    "fleet": "ohmstead.cli.fleet.command",
    "firmware": "ohmstead.cli.firmware",
}
"""Command -> module."""
WRONG_USE = 2
OUR_BUG = 1
INTERRUPTED = 130
TRACEBACK = "OHMSTEAD_TRACEBACK"
"""Environment variable: set to anything, errors show where they come from."""

EPILOG = "Start here: [bold]ohmstead run[/bold], or [bold]ohmstead product list[/bold]."


def build(arguments: list[str]) -> typer.Typer:
    """Return the application with the command that the arguments name, or with all commands for the help page."""
    app = typer.Typer(
        name="ohmstead",
        help="An OCPP 2.0.1 charging station good enough to certify, and the lab that certifies it.",
        epilog=EPILOG,
        rich_markup_mode="rich",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    named = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name in [named] if named in COMMANDS else list(COMMANDS):
        if find_spec(COMMANDS[name]) is not None:
            command: typer.Typer = import_module(COMMANDS[name]).app
            app.add_typer(command, name=name if command.registered_callback else None)
    return app


def main() -> None:
    """Run the command that `sys.argv` names and end the process with its exit code."""
    log_to_stderr()
    bear_closed_pipes()
    code = OUR_BUG
    try:
        code = execute(sys.argv[1:])
    finally:
        if interruption.struck():
            interruption.leave(interruption.struck())
    sys.exit(code)


def execute(arguments: list[str]) -> int:
    """Run one command; return the exit code: 0, 2 for wrong use, 1 for a bug of ours."""
    try:
        # The exit code of a command comes back as its return value, where it has one.
        code: object = build(arguments)(arguments, prog_name="ohmstead", standalone_mode=False)
    except typer.Abort:
        return _say("stopped", INTERRUPTED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except typer.TyperException as error:
        return _wrong_use(error)
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted; without this the interpreter complains while it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as caught:
        if os.environ.get(TRACEBACK):
            raise
        cause = _single(caught)
        if isinstance(cause, OSError) or type(cause).__module__.startswith("ohmstead."):
            return _say(str(cause), WRONG_USE)
        return _say(f"{type(cause).__name__}: {cause} (a bug; {TRACEBACK}=1 shows where)", OUR_BUG)
    return code if isinstance(code, int) else 0


def _single(error: Exception) -> Exception:
    """Return what a task group wrapped, where it is one error."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _say_version(wanted: bool) -> None:
    if wanted:
        from ohmstead.version import one_line

        say(one_line())
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Say which version, commit and edition of OCPP this is.",
            is_eager=True,
            callback=_say_version,
        ),
    ] = False,
) -> None: ...


def _wrong_use(error: typer.TyperException) -> int:
    message = str(getattr(error, "format_message", lambda: error)())
    context = getattr(error, "ctx", None)
    if not message:
        # No arguments at all: the help page has been printed.
        return WRONG_USE
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    return _say(f"{message.rstrip('.')}{hint}", WRONG_USE)


def _say(message: str, code: int) -> int:
    # What was typed, or read from a file, is not all fit for a terminal.
    line = redact_text(printable(" ".join(message.split())))
    say(f"ohmstead: {line}", err=True)
    return code


if __name__ == "__main__":
    from ohmstead.cli.entry import main as enter

    enter()
