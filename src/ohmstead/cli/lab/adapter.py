"""`ohmstead lab adapter`: a hand for a robot or a test bench, as a file of the standard library to fill in."""

from ohmstead.cli.terminal import say_lines

EXAMPLE = """[bold]Example[/bold]

  ohmstead lab adapter > adapter.py

  python adapter.py 8099

  ohmstead lab preflight --product my-station.toml --csms-listen ws://0.0.0.0:9000 --hand http://127.0.0.1:8099/hand

Fill in what your bench can do. What it cannot is asked of the person at the terminal, if there is one."""


def adapter() -> None:
    """Print the skeleton of an adapter: a small HTTP server whose functions do what a person would at the station."""
    from ohmstead.lab.adapter import skeleton

    say_lines(skeleton())
