"""A log up and a firmware down over every protocol of the product, with real servers and real TLS (ORS-24)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec
import pytest

from ohmstead.edge.certificate_builder import DAY, Validity
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.virtual_time import run
from ohmstead.ports.firmware import Image, packed
from ohmstead.product.load import load
from ohmstead.wire import messages as wire
from tests.edge.file_servers import authority, ftp_server, http_server
from tests.runtime.site import CONFIG, START, Site, site

PROTOCOLS = ["http", "https", "ftp", "ftps"]


@cache
def keys() -> FirmwareKeys:
    """Return the manufacturer's keys."""
    return FirmwareKeys.generate(validity=Validity(START - DAY, 400 * DAY))


def firmware() -> bytes:
    """Return a firmware file."""
    identity = load("sec1000-240y").identity
    return packed(Image(vendor=identity.vendor_name, model=identity.model, version="9.9.9"), bytes(300_000))


@contextmanager
def server(protocol: str, folder: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Run a server that has the firmware at `/fw.bin`; yields its URL and what was uploaded to it over HTTP."""
    if protocol.startswith("http"):
        with http_server(tls=protocol == "https") as running:
            running.content = firmware()
            yield running.url, running.received
        return
    root = folder / "root"
    (root / "logs").mkdir(parents=True)
    (root / "fw.bin").write_bytes(firmware())
    with ftp_server(root, tls=protocol == "ftps") as place:
        yield f"{protocol}://station:p%40ss@{place}", {}


async def real_files(here: Site, folder: Path) -> None:
    """Let the station use real files from its next run on."""
    here.files = lambda: RemoteFiles(folder)
    await here.hand.reboot()
    await here.csms.until(lambda: len(here.csms.of(wire.StatusNotificationRequest)) >= 2)
    here.csms.received.clear()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_log_goes_up(protocol: str, tmp_path: Path) -> None:
    """N01.FR.02, N01.FR.15."""

    async def scene(url: str, received: dict[str, bytes]) -> None:
        async with site(config=msgspec.structs.replace(CONFIG, roots=(authority().root,))) as here:
            await real_files(here, tmp_path / "station")
            log = wire.LogParameters(remote_location=f"{url}/logs/")
            kind = wire.LogEnum.SecurityLog
            response = await here.csms.call(wire.GetLogRequest(log=log, log_type=kind, request_id=1))
            await here.csms.until(lambda: len(here.csms.of(wire.LogStatusNotificationRequest)) == 2)
            statuses = [n.status.value for n in here.csms.of(wire.LogStatusNotificationRequest)]
            assert statuses == ["Uploading", "Uploaded"]
            name = response.filename or ""
            if protocol.startswith("ftp"):
                received[f"/logs/{name}"] = (tmp_path / "root" / "logs" / name).read_bytes()
            assert b"StartupOfTheDevice" in received[f"/logs/{name}"]

    with server(protocol, tmp_path) as (url, received):
        run(scene(url, received), limit=3600)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_firmware_comes_down_and_runs(protocol: str, tmp_path: Path) -> None:
    """TC_L_01 over every protocol."""

    async def scene(url: str) -> None:
        async with site(config=msgspec.structs.replace(CONFIG, roots=(authority().root,))) as here:
            await real_files(here, tmp_path / "station")
            root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
            await here.csms.call(wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root))
            request = wire.Firmware(
                location=f"{url}/fw.bin",
                retrieve_date_time=START,
                signing_certificate=keys().certificate,
                signature=keys().sign(firmware()),
            )
            await here.csms.call(wire.UpdateFirmwareRequest(request_id=1, firmware=request))
            statuses = here.csms.of
            await here.csms.until(
                lambda: "Installed" in [n.status for n in statuses(wire.FirmwareStatusNotificationRequest)]
            )
            await asyncio.sleep(1)
            assert here.host.product.identity.firmware_version == "9.9.9"
            assert [path.name for path in (tmp_path / "station").iterdir()] == []

    with server(protocol, tmp_path) as (url, _):
        run(scene(url), limit=3600)
