"""`ohmstead run`: a station with its CSMS and its page, or headless for scripts."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode="rich")

EXAMPLES = """[bold]Examples[/bold]

  ohmstead run

    The station of the certificate, an embedded CSMS, and a page: open its URL.

  ohmstead run --product flagship --security-profile 3

    Another product; it shows a client certificate.

  ohmstead run --csms wss://csms.example/ocpp --csms-root root.pem

    At somebody else's CSMS, which must know identity and password.

  ohmstead run --headless --data /tmp/cs1 --log-wire wire.jsonl

    For scripts: one JSON line on stdout says where the control API is.

  curl http://127.0.0.1:8080/api/v1/hand/plug --json '{"evse_id": 1}'

    What a person can do, a script can: the API is described at /docs.

Ctrl+C stops it in good order; what was metered is in the data folder."""

STATION, CSMS, API, OTHER = "Station", "CSMS", "Page and control API", "Other"


@app.command("run", epilog=EXAMPLES)
def run(
    product: Annotated[
        str, typer.Option(help="A shipped product by name, or a product file by path.", rich_help_panel=STATION)
    ] = "sec1000-240y",
    identity: Annotated[
        str, typer.Option(help="Identity of the station at its CSMS.", rich_help_panel=STATION)
    ] = "OHM-0001",
    security_profile: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=3,
            help="2: password over TLS. 3: client certificate. Default: 2, or what was proven before.",
            rich_help_panel=STATION,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="The same seed and actions give the same cars and message ids.", rich_help_panel=STATION),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="OHMSTEAD_DATA",
            file_okay=False,
            rich_help_panel=STATION,
            show_default=False,
            help="Folder for everything that survives a restart. Default: ~/.local/state/ohmstead/PRODUCT.",
        ),
    ] = None,
    csms: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            rich_help_panel=CSMS,
            show_default=False,
            help="wss:// URL of an external CSMS, without the identity. Default: an embedded one.",
        ),
    ] = None,
    csms_root: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM root certificates that the station trusts.", rich_help_panel=CSMS),
    ] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            rich_help_panel=CSMS,
            show_default=False,
            help="File with the password of the station. Default: a random one, kept in the data folder.",
        ),
    ] = None,
    client_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM client certificate with its chain (profile 3).", rich_help_panel=CSMS),
    ] = None,
    client_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM key of the client certificate.", rich_help_panel=CSMS)
    ] = None,
    csms_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            rich_help_panel=CSMS,
            show_default=False,
            help="Port of the embedded CSMS. Default: 9443, or a free one.",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to serve the page at; beyond loopback a token is needed.", rich_help_panel=API)
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            rich_help_panel=API,
            show_default=False,
            help="Port of the page; 0 takes a free one. Default: 8080, or a free one.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="OHMSTEAD_TOKEN", help="What every visitor must show.", rich_help_panel=API, show_default=False
        ),
    ] = None,
    api: Annotated[
        bool, typer.Option("--api/--no-api", help="Serve page and control API.", rich_help_panel=API)
    ] = True,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.", rich_help_panel=API)] = False,
    headless: Annotated[
        bool, typer.Option("--headless", help="Say nothing but JSON lines on stdout.", rich_help_panel=OTHER)
    ] = False,
    log_wire: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Append every OCPP frame to a file of JSON lines.", rich_help_panel=OTHER),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Log more, to stderr.", rich_help_panel=OTHER)
    ] = False,
) -> None:
    """Run a charging station: with an embedded CSMS and a page, or at somebody else's CSMS."""
    from ohmstead.cli.run_live import start
    from ohmstead.cli.run_options import RunOptions

    start(
        RunOptions(
            product=product,
            identity=identity,
            security_profile=security_profile,
            seed=seed,
            data=data,
            csms=csms,
            csms_root=csms_root,
            password_file=password_file,
            client_cert=client_cert,
            client_key=client_key,
            csms_port=csms_port,
            host=host,
            port=port,
            token=token or None,
            api=api,
            open_page=open_page,
            headless=headless,
            log_wire=log_wire,
            verbose=verbose,
        )
    )
