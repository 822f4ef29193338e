"""The options of a campaign, shared by `ohmstead lab run` and `ohmstead certify`."""

from pathlib import Path
from typing import Annotated

import typer

Cases = Annotated[list[str] | None, typer.Argument(help="Cases; none: every one that is implemented.")]
ProductName = Annotated[str, typer.Option("--product", help="Name of a shipped product, or a product file.")]
CampaignProduct = Annotated[
    str,
    typer.Option(
        "--product",
        help="Name of a shipped product, or a product file. Default: sec1000-240y; external: none, see `lab describe`.",
        show_default=False,
    ),
]
Bench = Annotated[str, typer.Option("--bench", help="memory (virtual time), wire (real time) or external.")]
Config = Annotated[Path | None, typer.Option("--config", help="A lab.toml: tokens, places, durations.")]

BENCHES = ("memory", "wire", "external")
OWN_PRODUCT = "sec1000-240y"
"""What our own station plays where nobody says another."""


def check_bench(bench: str) -> None:
    """Raise BadParameter for what is no value of `--bench`."""
    if bench not in BENCHES:
        raise typer.BadParameter(f"{bench} is no bench; memory, wire or external is", param_hint="--bench")


def product_of(bench: str, product: str, listen: str = "") -> str:
    """Return the product that a campaign is about; our own station has a default one, a stranger has none.

    Raises BadParameter.
    """
    if product or bench != "external":
        return product or OWN_PRODUCT
    describe = f"ohmstead lab describe --csms-listen {listen or 'URL'} -o my-station.toml"
    raise typer.BadParameter(
        f"a station of somebody else is judged by a file that describes it; `{describe}` writes one",
        param_hint="--product",
    )
