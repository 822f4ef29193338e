"""The program `ohmstead`: signals are taken before anything else is imported, which takes a quarter of a second."""

import sys
from typing import NoReturn

from ohmstead.cli import interruption


def main() -> None:
    """Run the command that `sys.argv` names and end the process with its exit code."""
    interruption.install()
    if sys.argv[1:] in ([], ["--help"]):
        _show_help()
    from ohmstead.cli.main import main as run_command

    run_command()


def _show_help() -> NoReturn:
    from ohmstead.cli.root_page import show
    from ohmstead.cli.terminal import bear_closed_pipes

    bear_closed_pipes()
    show()
    # Nothing at all was asked for: that is wrong use.
    sys.exit(0 if sys.argv[1:] else 2)


if __name__ == "__main__":
    main()
