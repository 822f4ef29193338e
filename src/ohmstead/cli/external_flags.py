"""The options for a station of somebody else, shared by `ohmstead lab run` and `ohmstead certify`."""

from pathlib import Path
from typing import Annotated

import typer

PANEL = "A station of somebody else (--bench external)"

CsmsListen = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="ws:// or wss:// address and port to wait for the station at.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
CsmsName = Annotated[
    list[str] | None, typer.Option(help="Host names and addresses that the station dials.", rich_help_panel=PANEL)
]
Hand = Annotated[str, typer.Option(metavar="URL|prompt", help="An adapter, or a person here.", rich_help_panel=PANEL)]
Identity = Annotated[str, typer.Option(help="Of the station.", rich_help_panel=PANEL)]
PasswordFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Its BasicAuthPassword.", rich_help_panel=PANEL)
]
SecurityProfile = Annotated[
    int | None,
    typer.Option(min=1, max=3, help="Default: 1 for ws, 2 for wss.", rich_help_panel=PANEL, show_default=False),
]
