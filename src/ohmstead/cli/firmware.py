"""`ohmstead firmware keys | pack | sign`: firmware for stations, made and signed as a manufacturer does it."""

from pathlib import Path
from typing import Annotated

import typer

from ohmstead.cli.terminal import say, say_lines
from ohmstead.ports.firmware import ImageFault

app = typer.Typer(
    help="Firmware: the manufacturer's keys, images, signatures.", no_args_is_help=True, rich_markup_mode="rich"
)

EXAMPLE = """[bold]Example[/bold]

  ohmstead firmware keys my-keys
  ohmstead firmware pack --product sec1000-240y --version 2.0.0 -o firmware.bin
  ohmstead firmware sign firmware.bin --keys my-keys --location https://files.example/firmware.bin

The station needs the root first: InstallCertificate as ManufacturerRootCertificate, with my-keys/manufacturer-root.pem.

The last command prints the payload of an UpdateFirmware."""


@app.callback()
def firmware() -> None:
    """Firmware: make keys, pack an image, sign it."""


@app.command("keys", epilog=EXAMPLE)
def keys(
    folder: Annotated[Path, typer.Argument(help="Folder to write; only you can read it.", metavar="FOLDER")],
    manufacturer: Annotated[str, typer.Option(help="Name in the certificates.")] = "Ohmstead",
    force: Annotated[bool, typer.Option("--force", help="Replace the keys that are there.")] = False,
) -> None:
    """Make a manufacturer root and a key that signs firmware."""
    from ohmstead.edge.firmware_package import CERTIFICATE, KEY, ROOT, FirmwareKeys

    there = [name for name in (ROOT, CERTIFICATE, KEY) if (folder / name).exists()]
    if there and not force:
        raise typer.BadParameter(f"{folder} holds {', '.join(there)}; --force replaces them", param_hint="FOLDER")
    FirmwareKeys.generate(manufacturer).save(folder)
    say(f"{folder / ROOT}: install it in stations as ManufacturerRootCertificate")
    say(f"{folder / CERTIFICATE}: goes into UpdateFirmware as signingCertificate")
    say(f"{folder / KEY}: signs; keep it to yourself")


@app.command("pack", epilog=EXAMPLE)
def pack(
    version: Annotated[str, typer.Option("--version", help="What the station calls itself with it.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Image file to write.")],
    product: Annotated[str, typer.Option(help="Product that it is for: a name or a TOML file.")] = "sec1000-240y",
    program: Annotated[
        Path | None, typer.Option(help="File to put inside; without it 64 KiB of nothing, to have something to send.")
    ] = None,
    feature: Annotated[
        list[str] | None, typer.Option(help="A feature that is another thing with it: C-43=yes. Repeatable.")
    ] = None,
    fault: Annotated[
        ImageFault | None, typer.Option(help="What is wrong with it, to see the old one come back.")
    ] = None,
) -> None:
    """Pack an image."""
    from ohmstead.ports.firmware import Image, packed
    from ohmstead.product.load import load

    if not 1 <= len(version) <= 50:
        raise typer.BadParameter("1 to 50 characters", param_hint="--version")
    identity = load(product).identity
    image = Image(
        vendor=identity.vendor_name,
        model=identity.model,
        version=version,
        features=dict(_feature(text) for text in feature or []),
        fault=fault,
    )
    data = packed(image, bytes(64 * 1024) if program is None else program.read_bytes())
    out.write_bytes(data)
    say(f"{out}: {identity.vendor_name} {identity.model} {version}, {len(data)} bytes")


def _feature(text: str) -> tuple[str, bool]:
    identifier, _, value = text.partition("=")
    if value.lower() not in ("yes", "no") or not identifier:
        raise typer.BadParameter(f"{text!r} is not of the form C-43=yes", param_hint="--feature")
    return identifier, value.lower() == "yes"


@app.command("sign", epilog=EXAMPLE)
def sign(
    file: Annotated[Path, typer.Argument(help="Image file; any file can be signed.", metavar="FILE")],
    keys: Annotated[Path, typer.Option(help="Folder made by `ohmstead firmware keys`.")],
    location: Annotated[
        str | None, typer.Option(help="URL of the file: prints the payload of an UpdateFirmware instead.")
    ] = None,
    request_id: Annotated[int, typer.Option(help="requestId of that payload.")] = 1,
) -> None:
    """Sign a file, and print the signature."""
    from ohmstead.edge.firmware_package import FirmwareKeys

    signer = FirmwareKeys.load(keys)
    signature = signer.sign(file.read_bytes())
    if location is None:
        say(signature)
        return
    say_lines(_payload(location, signer.certificate, signature, request_id))


def _payload(location: str, certificate: str, signature: str, request_id: int) -> str:
    from datetime import UTC, datetime

    from ohmstead.wire.codec import encode
    from ohmstead.wire.messages import Firmware, UpdateFirmwareRequest
    from ohmstead.wire.printable import json_line

    payload = encode(
        UpdateFirmwareRequest(
            request_id=request_id,
            firmware=Firmware(
                location=location,
                retrieve_date_time=datetime.now(UTC).replace(microsecond=0),
                signing_certificate=certificate,
                signature=signature,
            ),
        )
    )
    return json_line(payload).decode()
