"""The Files port on real servers: HTTP(S), FTP(S) and SFTP, into a directory of the station's own.

The clients are imported when the first file travels: they cost 10 MB that an idle station does not need.
"""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from ohmstead.edge.files_spool import Spool
from ohmstead.edge.virtual_time import VirtualLoop
from ohmstead.ports.files import Progress, Reason, TransferFailed, TransferTerms, checked, shown


class TransferAttempt(Protocol):
    """One attempt, whatever the protocol."""

    async def put(self, url: str, name: str, chunks: Sequence[bytes]) -> None:
        """Upload. Raises TransferFailed, FileRefused."""
        ...

    async def get(self, url: str, name: str, spool: Spool) -> None:
        """Download. Raises TransferFailed, FileRefused."""
        ...


class RemoteFiles:
    """The Files port; one for each run of a station.

    Args:
        directory: where downloads go; it outlives the station.
        system_roots: whether authorities that the operating system knows are trusted too (N01.FR.16).
        known_hosts: file with the keys of SFTP servers; None: one of its own beside the directory.
    """

    def __init__(self, directory: Path, *, system_roots: bool = False, known_hosts: Path | None = None) -> None:
        self._spool = Spool(directory)
        self._known_hosts = known_hosts or directory.with_name("known_hosts")
        self._system_roots = system_roots
        self._severed = False

    async def upload(
        self, url: str, name: str, chunks: Sequence[bytes], terms: TransferTerms, progress: Progress | None = None
    ) -> None:
        """Put a file at a URL; see the port."""
        scheme, trust = self._prepare(url, terms)
        with _real(), _utterable(url):
            await self._transfer(scheme, terms, trust, progress or _quiet).put(url, name, chunks)

    async def download(self, url: str, name: str, terms: TransferTerms, progress: Progress | None = None) -> None:
        """Get a file; see the port."""
        scheme, trust = self._prepare(url, terms)
        with _real(), _utterable(url):
            await self._transfer(scheme, terms, trust, progress or _quiet).get(url, name, self._spool)

    def read(self, name: str) -> Iterator[bytes]:
        """Return a downloaded file in chunks; see the port."""
        self._alive()
        return self._spool.read(name)

    def discard(self, name: str) -> None:
        """Remove a downloaded file; see the port."""
        self._alive()
        self._spool.discard(name)

    def sever(self) -> None:
        """End every use; see the port."""
        self._severed = True

    def _prepare(self, url: str, terms: TransferTerms) -> tuple[str, ssl.SSLContext]:
        self._alive()
        return checked(url, terms.protocols).lower(), _trust(terms.roots, self._system_roots)

    def _transfer(self, scheme: str, terms: TransferTerms, trust: ssl.SSLContext, tell: Progress) -> "TransferAttempt":
        """Return one attempt over the protocol of a scheme."""
        if scheme in ("http", "https"):
            from ohmstead.edge.files_http import HttpTransfer

            return HttpTransfer(terms, trust, tell, self._alive)
        if scheme == "sftp":
            from ohmstead.edge.files_sftp import SftpTransfer
            from ohmstead.edge.known_hosts import KnownHosts

            return SftpTransfer(terms, KnownHosts(self._known_hosts), tell, self._alive)
        from ohmstead.edge.files_ftp import FtpTransfer

        return FtpTransfer(terms, trust, tell)

    def _alive(self) -> None:
        if self._severed:
            raise TransferFailed(Reason.Severed, "the station has no power")


@lru_cache(maxsize=8)
def _trust(roots: tuple[str, ...], system_roots: bool) -> ssl.SSLContext:
    """Return the TLS settings of a client that trusts these roots; chain and name of every server are checked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if system_roots:
        context.load_default_certs()
    if roots:
        try:
            context.load_verify_locations(cadata="\n".join(roots))
        except ssl.SSLError as error:
            raise TransferFailed(Reason.Untrusted, f"a root certificate cannot be read: {error.reason}") from None
    return context


def _quiet(_so_far: int, _total: int | None) -> None:
    """Nobody wants to know."""


def _real() -> AbstractContextManager[None]:
    """Let virtual time wait for servers in other threads and processes (decided case 23)."""
    loop = asyncio.get_running_loop()
    return loop.real() if isinstance(loop, VirtualLoop) else nullcontext()


@contextmanager
def _utterable(url: str) -> Iterator[None]:
    """Refuse a URL that a client cannot put on the wire; what it cannot read of an answer is the server's fault.

    Names with empty labels, what only looks like punycode, and line breaks in an FTP command cannot be said.
    """
    parts = urlsplit(url)
    try:
        (parts.hostname or "").encode("idna")
    except UnicodeError as error:
        raise TransferFailed(Reason.BadUrl, f"{shown(url)}: {error}") from None
    said = (parts.path, parts.username or "", parts.password or "")
    if parts.scheme.lower().startswith("ftp") and any(set(unquote(part)) & set("\r\n\0") for part in said):
        raise TransferFailed(Reason.BadUrl, f"{shown(url)}: it has line breaks")
    try:
        yield
    except ValueError as error:
        detail = f"{shown(url)}: the server's answer cannot be read ({type(error).__name__})"
        raise TransferFailed(Reason.BadMessage, detail) from None
