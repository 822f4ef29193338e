"""The options of `ohmstead run`: names, limits and help."""

from pathlib import Path
from typing import Annotated

import typer

STATION, CSMS, API, OTHER = "Station", "CSMS", "Page and control API", "Other"

Product = Annotated[
    str | None,
    typer.Option(
        help="A shipped product by name, or a product file by path. Default: sec1000-240y; flagship for a ws:// CSMS.",
        rich_help_panel=STATION,
        show_default=False,
    ),
]
Identity = Annotated[str, typer.Option(help="Identity of the station at its CSMS.", rich_help_panel=STATION)]
SecurityProfile = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=3,
        help="1: password, no TLS. 2: password over TLS. 3: client certificate. 0, for development only: no password, "
        "no TLS. Default: 1 for a ws:// CSMS, else 2, or what was proven before.",
        rich_help_panel=STATION,
        show_default=False,
    ),
]
Hardware = Annotated[
    str | None,
    typer.Option(
        metavar="PACKAGE:FACTORY",
        rich_help_panel=STATION,
        show_default=False,
        help="A vendor's driver of a real machine. Default: the simulated machine.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(help="The same seed and actions give the same cars and message ids.", rich_help_panel=STATION),
]
Data = Annotated[
    Path | None,
    typer.Option(
        envvar="OHMSTEAD_DATA",
        file_okay=False,
        rich_help_panel=STATION,
        show_default=False,
        help="Folder for everything that survives a restart. Default: ~/.local/state/ohmstead/PRODUCT.",
    ),
]
Csms = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        rich_help_panel=CSMS,
        show_default=False,
        help="wss:// or ws:// URL of an external CSMS, without the identity. Default: an embedded one.",
    ),
]
CsmsRoot = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="PEM root certificates that the station trusts.", rich_help_panel=CSMS),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=CSMS,
        show_default=False,
        help="File with the password of the station. Default: a random one, kept in the data folder.",
    ),
]
ManufacturerRoot = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=STATION,
        show_default=False,
        help="PEM root certificates of who signs firmware. May be given several times.",
    ),
]
ClientCert = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=CSMS,
        show_default=False,
        help="PEM client certificate with its chain (profile 3). May be given several times: certificate and chain.",
    ),
]
ClientKey = Annotated[
    Path | None, typer.Option(metavar="FILE", help="PEM key of the client certificate.", rich_help_panel=CSMS)
]
CsmsPort = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        rich_help_panel=CSMS,
        show_default=False,
        help="Port of the embedded CSMS. Default: 9443, or a free one.",
    ),
]
Host = Annotated[
    str, typer.Option(help="Address to serve the page at; beyond loopback a token is needed.", rich_help_panel=API)
]
Port = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        rich_help_panel=API,
        show_default=False,
        help="Port of the page; 0 takes a free one. Default: 8080, or a free one.",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="OHMSTEAD_TOKEN", help="What every visitor must show.", rich_help_panel=API, show_default=False
    ),
]
Api = Annotated[bool, typer.Option("--api/--no-api", help="Serve page and control API.", rich_help_panel=API)]
OpenPage = Annotated[bool, typer.Option("--open", help="Open the page in a browser.", rich_help_panel=API)]
Follow = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=API,
        show_default=False,
        help="Show the campaign that keeps this file (lab run --bench external --resume FILE) live on the page.",
    ),
]
Headless = Annotated[
    bool, typer.Option("--headless", help="Say nothing but JSON lines on stdout.", rich_help_panel=OTHER)
]
Extensions = Annotated[
    bool,
    typer.Option(
        "--extensions/--no-extensions",
        rich_help_panel=STATION,
        help="Load what vendors' packages that are installed add to the station.",
    ),
]
Faults = Annotated[
    bool,
    typer.Option(
        "--faults/--no-faults",
        rich_help_panel=STATION,
        help="Let page and control API ask for faults of the protocol: docs/faults.md.",
    ),
]
LogWire = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Append every OCPP frame to a file of JSON lines.", rich_help_panel=OTHER),
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Log more, to stderr.", rich_help_panel=OTHER)]
