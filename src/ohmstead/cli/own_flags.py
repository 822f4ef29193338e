"""The option of every command that runs our own station."""

from typing import Annotated

import typer

WithoutUnbuilt = Annotated[
    bool,
    typer.Option(
        "--without-unbuilt",
        help="Switch off what the product claims and our station does not do yet, instead of refusing the product.",
    ),
]
