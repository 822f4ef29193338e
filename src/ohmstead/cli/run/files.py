"""The file servers of `ohmstead run`: they take the logs of its station, and serve firmware that is made for it."""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

import msgspec

from ohmstead.csms.change_signal import ChangeSignal
from ohmstead.edge.certificate_builder import Issued
from ohmstead.edge.file_servers import FTP_INSTALL, Arrived, can_serve
from ohmstead.edge.file_servers.http import HttpFileServer
from ohmstead.edge.firmware_making import image_file, signature_of
from ohmstead.edge.firmware_package import FirmwareKeys
from ohmstead.edge.received_logs import LogFolder
from ohmstead.edge.tls import server_context
from ohmstead.ports.bench import CsmsFileJob
from ohmstead.ports.file_service import (
    VERSION,
    FilePlace,
    FileProtocol,
    FilesView,
    FirmwareNotMade,
    MadeFirmware,
    ReceivedLog,
)
from ohmstead.ports.firmware import FirmwareKind
from ohmstead.product.profile import Product

LOOPBACK = "127.0.0.1"
SERVED = ("HTTP", "HTTPS", "FTP", "FTPS")
MOST_CONNECTIONS = 8
"""At once, of each server."""
MOST_FIRMWARE = 8
"""Images that are offered at once."""
PROGRAM = bytes(64 << 10)
"""Inside of an image: long enough that its download can be seen."""
EXPECTED = {
    FirmwareKind.Good: "Installed",
    FirmwareKind.BadSignature: "InvalidSignature",
    FirmwareKind.UntrustedSigner: "InvalidCertificate",
    FirmwareKind.BrokenAtInstall: "InstallVerificationFailed",
    FirmwareKind.DoesNotBoot: "InstallationFailed",
    FirmwareKind.DoesNotConnect: "InstallationFailed",
}

_log = logging.getLogger(__name__)


class LoopbackServer(Protocol):
    """A file server of one protocol."""

    async def open(self) -> None:
        """Listen."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded, and return its URL."""
        ...

    def withdraw(self, path: str) -> None:
        """Let it be downloaded no more."""
        ...

    def place(self, path: str) -> str:
        """Take uploads below a path, and return its URL."""
        ...


class RunFiles:
    """`FileService` on loopback, below a path that nobody can guess.

    Args:
        product: whose protocols are served, and for whom firmware is made.
        logs: where logs are kept.
        shown: makes the certificate of servers with TLS.
        keys: sign firmware; None: none is made.
        not_signed: why none is made.
        jobs: the logs that the CSMS asked for.
        now: wall time.
    """

    def __init__(
        self,
        product: Product,
        logs: LogFolder,
        shown: Callable[[], Issued],
        keys: FirmwareKeys | None,
        not_signed: str,
        jobs: Callable[[], tuple[CsmsFileJob, ...]],
        now: Callable[[], datetime],
    ) -> None:
        self._product = product
        self._logs = logs
        self._shown = shown
        self._keys = keys
        self._stranger: FirmwareKeys | None = None
        self._not_signed = not_signed
        self._jobs = jobs
        self._now = now
        self._changes = ChangeSignal()
        self._opening = asyncio.Lock()
        self._servers: dict[FileProtocol, LoopbackServer] = {}
        self._places: tuple[FilePlace, ...] = ()
        self._firmware: list[MadeFirmware] = []
        self._made = 0
        self._secret = secrets.token_urlsafe(12)
        wanted = [one for one in product.file_protocols if one in SERVED and can_serve(one)]
        self._protocols = cast("list[FileProtocol]", wanted)

    async def open(self) -> None:
        """Listen, where that has not begun yet. Raises OSError."""
        async with self._opening:
            if self._servers or not self._protocols:
                return
            issued = None
            if any(protocol.endswith("S") for protocol in self._protocols):
                issued = await asyncio.to_thread(self._shown)
            loop = asyncio.get_running_loop()

            def take(url: str, content: bytes) -> None:
                loop.call_soon_threadsafe(lambda: self._take(url, content))

            servers = {one: await asyncio.to_thread(self._server, one, issued, take) for one in self._protocols}
            for server in servers.values():
                await server.open()
            self._servers = servers
            self._places = tuple(
                FilePlace(protocol=one, url=server.place(f"{self._secret}/logs")) for one, server in servers.items()
            )
            self._changes.touch()

    async def close(self) -> None:
        """Stop listening; logs stay, firmware does not."""
        for server in self._servers.values():
            await server.close()

    def view(self) -> FilesView:
        """Return all there is."""
        return FilesView(
            places=self._places,
            not_served=_not_served(self._product),
            not_signed=self._not_signed,
            logs=tuple(self._related(log) for log in self._logs.logs()),
            firmware=tuple(reversed(self._firmware)),
        )

    def log(self, number: int) -> bytes:
        """Return a log. Raises UnknownLog."""
        return self._logs.content(number)

    def remove(self, number: int) -> None:
        """Remove a log. Raises UnknownLog."""
        self._logs.remove(number)
        self._changes.touch()

    async def make(self, kind: FirmwareKind, version: str) -> MadeFirmware:
        """Make a firmware and offer it over every protocol. Raises FirmwareNotMade."""
        if self._keys is None:
            raise FirmwareNotMade(self._not_signed)
        if re.fullmatch(VERSION, version) is None:
            raise FirmwareNotMade("a version is 1 to 50 characters of A-Z a-z 0-9 . _ + -")
        await self.open()
        if not self._servers:
            raise FirmwareNotMade(_not_served(self._product))
        content = image_file(kind, self._product, version, PROGRAM)
        certificate, signature = await asyncio.to_thread(self._sign, kind, content)
        self._made += 1
        path = self._path(self._made)
        made = MadeFirmware(
            id=self._made,
            version=version,
            kind=kind,
            size=len(content),
            at=self._now(),
            expected=EXPECTED[kind],
            locations=tuple(
                FilePlace(protocol=one, url=server.offer(path, content)) for one, server in self._servers.items()
            ),
            signing_certificate=certificate,
            signature=signature,
        )
        self._firmware.append(made)
        while len(self._firmware) > MOST_FIRMWARE:
            oldest = self._firmware.pop(0)
            for server in self._servers.values():
                server.withdraw(self._path(oldest.id))
        self._changes.touch()
        return made

    async def wait_changed(self, version: int) -> int:
        """Return the present version once it is greater than the given one."""
        return await self._changes.wait(version)

    def _path(self, number: int) -> str:
        return f"{self._secret}/firmware/{number}.bin"

    def _sign(self, kind: FirmwareKind, content: bytes) -> tuple[str, str]:
        assert self._keys is not None, "who asks has looked"
        signer = self._keys
        if kind is FirmwareKind.UntrustedSigner:
            self._stranger = self._stranger or FirmwareKeys.generate("Stranger")
            signer = self._stranger
        return signer.certificate, signature_of(kind, content, signer)

    def _server(self, protocol: FileProtocol, issued: Issued | None, arrived: Arrived) -> LoopbackServer:
        secure = issued if protocol.endswith("S") else None
        if protocol.startswith("HTTP"):
            tls = server_context(secure.chain, secure.key) if secure is not None else None
            return HttpFileServer(LOOPBACK, most=MOST_CONNECTIONS, tls=tls, arrived=arrived)
        # Takes 0.1 s and 7 MB, which only a station with FTP needs.
        from ohmstead.edge.file_servers.ftp import FtpFileServer

        return FtpFileServer(LOOPBACK, secure, arrived, MOST_CONNECTIONS)

    def _take(self, url: str, content: bytes) -> None:
        name = unquote(urlsplit(url).path).rpartition("/")[2]
        log = self._related(ReceivedLog(id=0, name=name, size=0, at=self._now()))
        try:
            self._logs.add(log, content)
        except OSError as error:
            _log.error("a log that came is not kept: %s", error)
        self._changes.touch()

    def _related(self, log: ReceivedLog) -> ReceivedLog:
        """Return a log with the GetLog that it answers: the station has said what it would call it."""
        if log.request_id is not None:
            return log
        job = next((job for job in self._jobs() if job.action == "GetLog" and job.filename == log.name), None)
        if job is None:
            return log
        related = msgspec.structs.replace(log, station=job.station, request_id=job.request_id, log_type=job.log_type)
        if log.id:
            with suppress(OSError):  # it is found again
                self._logs.know(related)
        return related


def _not_served(product: Product) -> str:
    """Say which protocols of a product are not served here, and why; empty: all are."""
    unknown = [one for one in product.file_protocols if one not in SERVED]
    missing = [one for one in product.file_protocols if one in SERVED and not can_serve(one)]
    told = []
    if unknown:
        told.append(f"{' and '.join(unknown)}: not served by this program")
    if missing:
        told.append(f"{' and '.join(missing)}: comes with {FTP_INSTALL}")
    return "; ".join(told)
