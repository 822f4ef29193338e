"""The file servers of `ohmstead run`, as the station meets them, and as somebody does who should not be there."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ftplib import FTP, error_perm
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from ohmstead.cli.run import files as run_files
from ohmstead.cli.run.data import DataFolder
from ohmstead.cli.run.embedded_csms import open_csms
from ohmstead.cli.run.options import RunOptions
from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.signatures import X509Signatures
from ohmstead.ports.bench import CsmsFileJob
from ohmstead.ports.file_service import FilesView, FirmwareNotMade
from ohmstead.ports.files import Reason, TransferFailed, TransferTerms
from ohmstead.ports.firmware import FirmwareKind
from ohmstead.product.feature_table import Feature
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from tests.web.files import KeptFiles, authority, keys
from tests.web.station import START


def speaking(*protocols: str) -> Product:
    """Return a product with these protocols for files."""
    product = load("sec1000-240y")
    return msgspec.structs.replace(
        product, variables={}, settings={**product.settings, Feature.FILE_TRANSFER_PROTOCOLS: ",".join(protocols)}
    )


@asynccontextmanager
async def served(product: Product, jobs: tuple[CsmsFileJob, ...] = ()) -> AsyncIterator[KeptFiles]:
    files = KeptFiles(product, lambda: jobs)
    try:
        await files.open()
        yield files
    finally:
        await files.close()


def play(scene: Callable[[], object]) -> None:
    asyncio.run(asyncio.wait_for(scene(), 60))  # type: ignore[arg-type]


def terms(product: Product) -> TransferTerms:
    return TransferTerms(protocols=product.file_protocols, roots=(authority().root,))


async def until(files: KeptFiles, holds: Callable[[FilesView], bool]) -> FilesView:
    for _ in range(3000):
        if holds(files.view()):
            return files.view()
        await asyncio.sleep(0.01)
    raise AssertionError(f"in vain: {files.view()}")


@pytest.mark.parametrize("protocol", ["HTTP", "HTTPS", "FTP", "FTPS"])
def test_a_log_comes_and_firmware_goes(tmp_path: Path, protocol: str) -> None:
    product = speaking(protocol)
    job = CsmsFileJob(
        station="OHM-0001",
        action="GetLog",
        request_id=17,
        asked_at=START,
        answer="Accepted",
        log_type="SecurityLog",
        filename="s.log",
    )

    async def scene() -> None:
        async with served(product, (job,)) as files:
            (place,) = files.view().places
            assert place.protocol == protocol and place.url.startswith(f"{protocol.lower()}://127.0.0.1:")
            station = RemoteFiles(tmp_path / "files")
            await station.upload(place.url, "s.log", [b"one ", b"two"], terms(product))
            (log,) = (await until(files, lambda view: bool(view.logs))).logs
            assert (log.name, log.size, log.request_id, log.log_type) == ("s.log", 7, 17, "SecurityLog")
            assert files.log(log.id) == b"one two"
            made = await files.make(FirmwareKind.Good, "2.0")
            await station.download(made.locations[0].url, "image", terms(product))
            assert len(b"".join(station.read("image"))) == made.size

    play(scene)


def test_signatures_are_right_and_wrong_as_wanted() -> None:
    product, judge = speaking("HTTP"), X509Signatures()

    async def scene() -> None:
        async with served(product) as files, httpx.AsyncClient() as client:
            found = {}
            for kind in FirmwareKind:
                made = await files.make(kind, "2.0")
                content = (await client.get(made.locations[0].url)).content

                async def chunks(data: bytes = content) -> AsyncIterator[bytes]:
                    yield data

                trusted = judge.fault(made.signing_certificate, [keys().root], made.at) is None
                found[kind] = trusted, await judge.signed(made.signing_certificate, made.signature, chunks())
            wrong = {FirmwareKind.BadSignature: (True, False), FirmwareKind.UntrustedSigner: (False, True)}
            assert found == {kind: wrong.get(kind, (True, True)) for kind in FirmwareKind}

    play(scene)


def test_old_firmware_goes() -> None:
    async def scene() -> None:
        async with served(speaking("HTTP")) as files, httpx.AsyncClient() as client:
            first = await files.make(FirmwareKind.Good, "0")
            for number in range(run_files.MOST_FIRMWARE):
                await files.make(FirmwareKind.Good, f"1.{number}")
            assert len(files.view().firmware) == run_files.MOST_FIRMWARE
            assert (await client.get(first.locations[0].url)).status_code == 404

    play(scene)


def test_http_takes_and_gives_nothing_else() -> None:
    async def scene() -> None:
        async with served(speaking("HTTP")) as files, httpx.AsyncClient() as client:
            place = files.view().places[0].url
            root = place.removesuffix(urlsplit(place).path)
            assert (await client.put(f"{place}../../../etc/passwd", content=b"x")).status_code == 404
            assert (await client.put(f"{place}%2e%2e%2f%2e%2e%2fa", content=b"x")).status_code == 201
            assert (await client.put(f"{root}/logs/a", content=b"x")).status_code == 404
            assert (await client.get(place)).status_code == 404
            assert (await client.get(f"{root}/")).status_code == 404
            view = await until(files, lambda view: bool(view.logs))
            assert [log.name for log in view.logs] == ["a"]

    play(scene)


def test_ftp_lists_nothing_and_leaves_its_folder_for_nobody() -> None:
    async def scene() -> None:
        async with served(speaking("FTP")) as files:
            await asyncio.to_thread(intrude, urlsplit(files.view().places[0].url))

    def intrude(place: object) -> None:
        with FTP() as ftp:
            ftp.connect(place.hostname, place.port)  # type: ignore[attr-defined]
            ftp.login()
            for command in ("LIST", "NLST", "MLSD", "STAT /", "DELE /x", "MKD /x", "RNFR /x", "SITE CHMOD 777 /"):
                with pytest.raises(error_perm):
                    ftp.sendcmd(command)
            with pytest.raises(error_perm):
                ftp.sendcmd("RETR ../../../../etc/passwd")

    play(scene)


@pytest.mark.parametrize("protocol", ["HTTP", "FTP"])
def test_what_is_too_large_is_not_kept(tmp_path: Path, protocol: str) -> None:
    product = speaking(protocol)

    async def scene() -> None:
        async with served(product) as files:
            with pytest.raises(TransferFailed) as failed:
                await RemoteFiles(tmp_path / "files").upload(
                    files.view().places[0].url, "big.log", [bytes(1 << 20)] * 65, terms(product)
                )
            assert failed.value.reason in (Reason.TooLarge, Reason.Broken)  # some hear of the cut before the answer
            assert files.view().logs == ()

    play(scene)


def test_a_product_is_served_what_it_speaks_and_told_what_not() -> None:
    async def scene(*protocols: str) -> FilesView:
        async with served(speaking(*protocols)) as files:
            return files.view()

    view = asyncio.run(scene("SFTP", "HTTPS"))
    assert [place.protocol for place in view.places] == ["HTTPS"]
    assert view.not_served == "SFTP: not served by this program"
    view = asyncio.run(scene("SFTP"))
    assert view.places == ()
    with patch("ohmstead.cli.run.files.can_serve", lambda protocol: not protocol.startswith("FTP")):
        view = asyncio.run(scene("HTTP", "FTP", "FTPS"))
    assert [place.protocol for place in view.places] == ["HTTP"]
    assert view.not_served == "FTP and FTPS: comes with pip install 'ohmstead[files]'"


@pytest.mark.parametrize("version", ["", "x" * 51, "1.0\n", "a b", "ä"])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    async def scene() -> None:
        async with served(speaking("HTTP")) as files:
            with pytest.raises(FirmwareNotMade, match="1 to 50 characters"):
                await files.make(FirmwareKind.Good, version)

    play(scene)


def test_without_a_key_none_is_made() -> None:
    async def scene() -> None:
        files = KeptFiles(speaking("HTTP"), not_signed="the key is elsewhere")
        with pytest.raises(FirmwareNotMade, match="elsewhere"):
            await files.make(FirmwareKind.Good, "2.0")
        assert re.search("elsewhere", files.view().not_signed)
        await files.close()

    play(scene)


def test_the_station_trusts_whoever_signs_here_unless_it_is_given_another(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)

    async def office(**options: object) -> tuple[tuple[str, ...], str]:
        wanted = RunOptions(product="minimal", identity="CS-1", csms_port=0, **options)  # type: ignore[arg-type]
        running = await open_csms(wanted, load("minimal"), data, "Wired0", lambda _: None)
        await running.close()
        return running.config.manufacturer_roots, running.files.view().not_signed

    async def scene() -> None:
        own = await office()
        assert len(own[0]) == 1 and own[1] == ""
        assert await office() == own
        for other in ({"manufacturer_root": (Path("root.pem"),)}, {"hardware": "package:factory"}):
            roots, why = await office(**other)
            assert roots == () and "ohmstead firmware sign" in why

    play(scene)
