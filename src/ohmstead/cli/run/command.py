"""`ohmstead run`: a station with its CSMS and its page, or headless for scripts."""

import typer

from ohmstead.cli import own_flags
from ohmstead.cli.run import flags

app = typer.Typer(rich_markup_mode="rich")

EXAMPLES = """[bold]Examples[/bold]

  ohmstead run

    The station of the certificate, an embedded CSMS, and a page: open its URL.

  ohmstead run --product flagship --security-profile 3

    Another product; it shows a client certificate.

  ohmstead run --csms ws://localhost:9000

    At a CSMS under development, without TLS; --security-profile 0 shows no password either.

  ohmstead run --csms wss://csms.example/ocpp --csms-root root.pem

    At somebody else's CSMS, which must know identity and password.

  ohmstead run --hardware acme_charger:open_machine --product acme.toml

    A real machine instead of the simulated one: docs/hardware.md.

  ohmstead run --headless --data /tmp/cs1 --log-wire wire.jsonl

    For scripts: one JSON line on stdout says where the control API is.

  curl http://127.0.0.1:8080/api/v1/hand/plug --json '{"evse_id": 1}'

    What a person can do, a script can: the API is described at /docs.

Ctrl+C stops it in good order; what was metered is in the data folder."""


@app.command("run", epilog=EXAMPLES)
def run(
    product: flags.Product = None,
    identity: flags.Identity = "OHM-0001",
    security_profile: flags.SecurityProfile = None,
    hardware: flags.Hardware = None,
    seed: flags.Seed = None,
    data: flags.Data = None,
    csms: flags.Csms = None,
    csms_root: flags.CsmsRoot = None,
    password_file: flags.PasswordFile = None,
    manufacturer_root: flags.ManufacturerRoot = None,
    client_cert: flags.ClientCert = None,
    client_key: flags.ClientKey = None,
    csms_port: flags.CsmsPort = None,
    host: flags.Host = "127.0.0.1",
    port: flags.Port = None,
    token: flags.Token = None,
    api: flags.Api = True,
    open_page: flags.OpenPage = False,
    follow: flags.Follow = None,
    headless: flags.Headless = False,
    log_wire: flags.LogWire = None,
    without_unbuilt: own_flags.WithoutUnbuilt = False,
    extensions: flags.Extensions = True,
    faults: flags.Faults = True,
    verbose: flags.Verbose = False,
) -> None:
    """Run a charging station: with an embedded CSMS and a page, or at somebody else's CSMS."""
    from ohmstead.cli.run import live, options

    live.start(
        options.RunOptions(
            product=product or options.usual_product(csms),
            product_given=product is not None,
            identity=identity,
            security_profile=security_profile,
            hardware=hardware,
            seed=seed,
            data=data,
            csms=csms,
            csms_root=csms_root,
            password_file=password_file,
            manufacturer_root=tuple(manufacturer_root or ()),
            client_cert=tuple(client_cert or ()),
            client_key=client_key,
            csms_port=csms_port,
            host=host,
            port=port,
            token=token or None,
            api=api,
            open_page=open_page,
            follow=follow,
            headless=headless,
            log_wire=log_wire,
            without_unbuilt=without_unbuilt,
            extensions=extensions,
            faults=faults,
            verbose=verbose,
        )
    )
