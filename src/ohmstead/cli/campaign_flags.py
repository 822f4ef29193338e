"""The options of a campaign, shared by `ohmstead lab run` and `ohmstead certify`."""

from pathlib import Path
from typing import Annotated

import typer

Cases = Annotated[list[str] | None, typer.Argument(help="Cases; none: every one that is implemented.")]
ProductName = Annotated[str, typer.Option("--product", help="Name of a shipped product, or a product file.")]
Bench = Annotated[str, typer.Option("--bench", help="memory (virtual time), wire (real time) or external.")]
Config = Annotated[Path | None, typer.Option("--config", help="A lab.toml: tokens, places, durations.")]

BENCHES = ("memory", "wire", "external")


def check_bench(bench: str) -> None:
    """Raise BadParameter for what is no value of `--bench`."""
    if bench not in BENCHES:
        raise typer.BadParameter(f"{bench} is no bench; memory, wire or external is", param_hint="--bench")
