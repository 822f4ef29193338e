"""The options of `ohmstead scenario`: names, limits and help."""

from pathlib import Path
from typing import Annotated

import typer

from ohmstead.cli.run.flags import CSMS

Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files, or names of shipped ones.")]
Junit = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write JUnit XML.", dir_okay=False, show_default=False)
]
Json = Annotated[Path | None, typer.Option(metavar="FILE", help="Write JSON.", dir_okay=False, show_default=False)]
Seed = Annotated[int | None, typer.Option(help="Instead of that of the file.", show_default=False)]
LogWire = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write every frame, and what the hand does, as a JSON line.",
        dir_okay=False,
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only steps that fail, and the last line.")]
Csms = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        rich_help_panel=CSMS,
        show_default=False,
        help="wss:// or ws:// URL of your CSMS, without the identity: real time. Default: the embedded one.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=CSMS,
        show_default=False,
        help="File with the password of all stations, or with a line IDENTITY:PASSWORD for each.",
    ),
]
SecurityProfile = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=3,
        rich_help_panel=CSMS,
        show_default=False,
        help="At your CSMS, as in `ohmstead run`. Default: 1 for a ws:// URL, else 2.",
    ),
]
Source = Annotated[
    str, typer.Argument(metavar="LOG|URL", help="A wire log (--log-wire), or the URL of a running station's page.")
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to. Default: stdout.", show_default=False),
]
Product = Annotated[
    str | None,
    typer.Option(help="Of the stations of a log. Default: what they say that they are.", show_default=False),
]
Token = Annotated[str | None, typer.Option(envvar="OHMSTEAD_TOKEN", help="Of the page.", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Write over a file.")]
