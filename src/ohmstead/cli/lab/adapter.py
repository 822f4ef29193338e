"""`ohmstead lab adapter`: a hand for a robot or a test bench, as a file of the standard library to fill in."""

from typing import Annotated

import typer

from ohmstead.cli.terminal import say_lines

EXAMPLE = """[bold]Example[/bold]

  ohmstead lab adapter --product my-station.toml > adapter.py

  python adapter.py 8099

  ohmstead lab run P_01 --product my-station.toml --bench external --csms-listen ws://0.0.0.0:9000 \\
      --hand http://127.0.0.1:8099/hand

Write in what your bench can do. What it cannot is asked of the person at the terminal, if there is one."""


def adapter(
    product: Annotated[
        str, typer.Option("--product", help="A product file or name: only what its cases do. Without: every action.")
    ] = "",
) -> None:
    """Print the skeleton of an adapter: a small HTTP server whose functions do what a person would at the station."""
    from ohmstead.lab.adapter import skeleton
    from ohmstead.lab.rigs.hand import needless_for
    from ohmstead.product.load import load

    described = load(product) if product else None
    say_lines(skeleton(described, () if described is None else needless_for(described)))
