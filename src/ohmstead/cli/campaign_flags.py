"""The options of a campaign, shared by `ohmstead lab run` and `ohmstead certify`."""

from pathlib import Path
from typing import Annotated

import typer

from ohmstead.product.suggestion import meant

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
Blocks = Annotated[str | None, typer.Option("--block", help="Only these functional blocks.", metavar="LETTERS")]
Failed = Annotated[
    Path | None,
    typer.Option(
        "--failed",
        metavar="LAST|REPORT",
        help="Only what failed or stayed open in the last campaign (LAST), a report, or results of --json or --resume; "
        "on its product and bench and with its options, where no others are given.",
    ),
]
Resume = Annotated[
    Path | None,
    typer.Option(
        metavar="LAST|FILE",
        help="Keep results in this file, and go on with those that are there; LAST: the last campaign's.",
    ),
]
Config = Annotated[Path | None, typer.Option("--config", help="A lab.toml: tokens, places, durations.")]

BENCHES = ("memory", "wire", "external")
OWN_PRODUCT = "sec1000-240y"
"""What our own station plays where nobody says another."""


def check_bench(bench: str) -> None:
    """Raise BadParameter for what is no value of `--bench`."""
    if bench not in BENCHES:
        near = meant(bench, BENCHES)
        raise typer.BadParameter(f"{bench} is no bench; memory, wire or external is{near}", param_hint="--bench")


BELONGS = {
    **dict.fromkeys(
        ("csms_listen", "csms_name", "hand", "identity", "password_file", "security_profile"), ("external",)
    ),
    "with_extensions": ("wire",),
    "without_unbuilt": ("memory", "wire"),
    "lines": ("memory", "wire"),
}
"""Options that belong to some benches only -> these."""


def check_options(context: typer.Context, bench: str) -> None:
    """Raise BadParameter for what is no bench, and for an option that was given and does nothing on it."""
    check_bench(bench)
    if context.params.get("lines") and context.params.get("resume") is not None:
        raise typer.BadParameter("lines are kept by whoever reads them", param_hint="--resume")
    for name, benches in BELONGS.items():
        source = context.get_parameter_source(name)
        if bench not in benches and source is not None and source.name == "COMMANDLINE":
            right = " or ".join(benches)
            wrong = f"it goes with --bench {right}, and not with {bench}"
            raise typer.BadParameter(wrong, param_hint=f"--{name.replace('_', '-')}")


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
