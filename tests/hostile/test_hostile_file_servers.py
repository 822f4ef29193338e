"""URLs of files that are none, and servers that answer what nobody can read: each ends in the status that is right for
it, told to the CSMS, and the next job is taken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ohmstead.edge.files import RemoteFiles
from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from tests.blocks.test_real_file_servers import keys, real_files
from tests.hostile.file_talk import ftp_of, http_of
from tests.hostile.odd_files import ANSWERS, DONE, FTP_REPLIES, REFUSED, URLS, Ending
from tests.runtime.site import START, Site, site


class Station:
    """A station with real file transfers, and what a CSMS asks of it."""

    def __init__(self, here: Site) -> None:
        self._here = here
        self._number = 0

    async def ends(self, url: str) -> Ending:
        """Give both jobs for a URL, one after the other; return how each ended."""
        return await self._log(url), await self._firmware(url)

    async def _log(self, url: str) -> str:
        self._number += 1
        log = wire.LogParameters(remote_location=url)
        request = wire.GetLogRequest(log=log, log_type=wire.LogEnum.SecurityLog, request_id=self._number, retries=0)
        response = await self._here.csms.call(request)
        if response.status is not wire.LogStatusEnum.Accepted:
            return _refused(response.status, response.status_info)
        told = await self._told(wire.LogStatusNotificationRequest)
        assert isinstance(told, wire.LogStatusNotificationRequest)
        return told.status.value

    async def _firmware(self, url: str) -> str:
        self._number += 1
        firmware = wire.Firmware(
            location=url,
            retrieve_date_time=START,
            signing_certificate=keys().certificate,
            signature=keys().sign(b"other"),
        )
        request = wire.UpdateFirmwareRequest(request_id=self._number, firmware=firmware, retries=0)
        response = await self._here.csms.call(request)
        if response.status is not wire.UpdateFirmwareStatusEnum.Accepted:
            return _refused(response.status, response.status_info)
        told = await self._told(wire.FirmwareStatusNotificationRequest)
        assert isinstance(told, wire.FirmwareStatusNotificationRequest)
        return told.status.value

    async def _told(
        self, kind: type[wire.LogStatusNotificationRequest] | type[wire.FirmwareStatusNotificationRequest]
    ) -> wire.LogStatusNotificationRequest | wire.FirmwareStatusNotificationRequest:
        """Return the last status of the present job."""
        on_the_way = ("Uploading", "Downloading", "Downloaded", "DownloadScheduled")

        def last() -> list[wire.LogStatusNotificationRequest | wire.FirmwareStatusNotificationRequest]:
            mine = [one for one in self._here.csms.of(kind) if one.request_id == self._number]
            return [one for one in mine if one.status.value not in on_the_way]

        await self._here.csms.until(lambda: bool(last()))
        return last()[0]


def _refused(status: str, info: wire.StatusInfo | None) -> str:
    return f"{status} {info.reason_code if info else ''}".strip()


@asynccontextmanager
async def station(folder: Path) -> AsyncIterator[Station]:
    async with site() as here:
        here.files = lambda: RemoteFiles(folder / "files")
        await real_files(here, folder / "files")
        root = wire.InstallCertificateUseEnum.ManufacturerRootCertificate
        await here.csms.call(wire.InstallCertificateRequest(certificate_type=root, certificate=keys().root))
        yield Station(here)


async def _all(folder: Path, cells: dict[str, tuple[str, Ending]]) -> None:
    """Ask one station for every cell, so that each shows that the one before left nothing."""
    async with station(folder) as here, ftp_of({}) as ftp, http_of(GOOD) as http:
        wrong = {}
        for name, (url, right) in cells.items():
            ended = await here.ends(url.replace("FTP", str(ftp)).replace("HTTP", str(http)))
            if ended != right:
                wrong[name] = ended
        assert wrong == {}
        assert await here.ends(f"ftp://u:p@127.0.0.1:{ftp}/a") == DONE


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize("kind", REFUSED)
def test_a_url_that_is_none_is_rejected_at_the_request(kind: str, tmp_path: Path) -> None:
    cells = {url: (url, ("Rejected InvalidURL", "Rejected InvalidURL")) for url in REFUSED[kind]}
    run(_all(tmp_path, cells), limit=10_000)


@pytest.mark.parametrize("kind", URLS)
def test_a_url_that_leads_nowhere_ends_in_a_status(kind: str, tmp_path: Path) -> None:
    run(_all(tmp_path, {url: (url, right) for url, right in URLS[kind].items()}), limit=10_000)


@pytest.mark.parametrize("kind", FTP_REPLIES)
def test_an_ftp_answer_that_is_odd_ends_in_a_status(kind: str, tmp_path: Path) -> None:
    async def scene() -> None:
        wrong = {}
        async with station(tmp_path) as here:
            for name, (odd, right) in FTP_REPLIES[kind].items():
                async with ftp_of(odd) as port:
                    if (ended := await here.ends(f"ftp://u:p@127.0.0.1:{port}/a")) != right:
                        wrong[name] = ended
            async with ftp_of({}) as port:
                assert await here.ends(f"ftp://u:p@127.0.0.1:{port}/a") == DONE
        assert wrong == {}

    run(scene(), limit=10_000)


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_http_answer_that_is_odd_ends_in_a_status(kind: str, tmp_path: Path) -> None:
    async def scene() -> None:
        wrong = {}
        async with station(tmp_path) as here:
            for name, (answer, right) in ANSWERS[kind].items():
                async with http_of(answer) as port:
                    if (ended := await here.ends(f"http://u:p@127.0.0.1:{port}/a")) != right:
                        wrong[name] = ended
            async with http_of(GOOD) as port:
                assert await here.ends(f"http://u:p@127.0.0.1:{port}/a") == DONE
        assert wrong == {}

    run(scene(), limit=10_000)
