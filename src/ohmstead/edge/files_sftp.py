"""SFTP transfers by asyncssh; the URL brings user and password, the host shows who it is by its key (`known_hosts`)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import asyncssh

from ohmstead.edge.files_limits import Watch, watched
from ohmstead.edge.files_spool import Spool, SpoolOrigin
from ohmstead.edge.known_hosts import PORT, KnownHosts
from ohmstead.ports.files import Progress, Reason, TransferFailed, TransferTerms, checked, shown

T = TypeVar("T")

BLOCK = 1 << 15
"""Bytes that are moved at once."""
NOBODY = "anonymous"
"""Who logs in where the URL names no user."""

REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (asyncssh.HostKeyNotVerifiable, Reason.Untrusted),
    (asyncssh.KeyExchangeFailed, Reason.Untrusted),
    (asyncssh.PermissionDenied, Reason.Denied),
    (asyncssh.SFTPPermissionDenied, Reason.Denied),
    (asyncssh.SFTPWriteProtect, Reason.Denied),
    (asyncssh.SFTPNoSuchFile, Reason.NotFound),
    (asyncssh.SFTPNoSuchPath, Reason.NotFound),
    (asyncssh.SFTPNotADirectory, Reason.NotFound),
    (asyncssh.SFTPFileIsADirectory, Reason.NotFound),
    (asyncssh.SFTPNoSpaceOnFilesystem, Reason.TooLarge),
    (asyncssh.SFTPQuotaExceeded, Reason.TooLarge),
    (asyncssh.SFTPOpUnsupported, Reason.Unsupported),
    (asyncssh.SFTPBadMessage, Reason.BadMessage),
    (asyncssh.ProtocolError, Reason.BadMessage),
    (asyncssh.Error, Reason.Broken),
    (ConnectionRefusedError, Reason.Unreachable),
    (socket.gaierror, Reason.Unreachable),
    (OSError, Reason.Broken),
    (ValueError, Reason.BadMessage),
)
"""What the library raises -> the reason; the first that fits."""


class SftpTransfer:
    """One attempt.

    Args:
        terms: see the port.
        hosts: who may answer for a name.
        tell: hears of every piece.
        alive: raises TransferFailed once the station has no power.
    """

    def __init__(self, terms: TransferTerms, hosts: KnownHosts, tell: Progress, alive: Callable[[], None]) -> None:
        self._terms = terms
        self._hosts = hosts
        self._tell = tell
        self._alive = alive

    async def put(self, url: str, name: str, chunks: Sequence[bytes]) -> None:
        """Upload; under the name where the path is a directory's."""
        content = b"".join(chunks)
        async with self._session(url) as (sftp, path, watch):
            into = path.endswith("/") or await self._soon(sftp.isdir(path))
            target = f"{path.rstrip('/')}/{name}" if into else path
            file = await self._soon(sftp.open(target, "wb"))
            watch.travelling()
            for start in range(0, len(content), BLOCK):
                piece = content[start : start + BLOCK]
                await self._soon(file.write(piece, start))
                self._piece(start + len(piece), len(content))
            watch.answering()
            await self._soon(file.close())

    async def get(self, url: str, name: str, spool: Spool) -> None:
        """Download; a part that is here is continued, if the server still has the same file."""
        async with self._session(url) as (sftp, path, watch):
            told = await self._soon(sftp.stat(path))
            total = told.size
            if total is not None and total > self._terms.limit:
                raise TransferFailed(Reason.TooLarge, f"{total} bytes are more than {self._terms.limit}")
            validator = f"{total} {told.mtime}" if total is not None and told.mtime is not None else ""
            offset, known = spool.part(name, shown(url))
            if not validator or known != validator or (total is not None and offset > total):
                offset = 0
            source = await self._soon(sftp.open(path, "rb"))
            watch.travelling()
            with spool.open(name, SpoolOrigin(url=shown(url), validator=validator), offset) as file:
                while piece := await self._soon(_read(source, file.size)):
                    if file.size + len(piece) > self._terms.limit:
                        raise TransferFailed(Reason.TooLarge, f"more than {self._terms.limit} bytes")
                    file.write(piece)
                    self._piece(file.size, total)
                if total is not None and file.size != total:
                    raise TransferFailed(Reason.Broken, f"{file.size} of {total} bytes arrived")

    @asynccontextmanager
    async def _session(self, url: str) -> AsyncIterator[tuple[asyncssh.SFTPClient, str, Watch]]:
        checked(url, self._terms.protocols)
        parts = urlsplit(url)
        async with watched(self._terms) as watch:
            with _reasons(shown(url), self._terms.silence):
                connection = await self._connect(
                    parts.hostname or "", parts.port or PORT, unquote(parts.username or NOBODY), parts.password
                )
                try:
                    yield await self._soon(connection.start_sftp_client()), unquote(parts.path) or "/", watch
                finally:
                    connection.abort()  # all that matters has been answered, or nothing will be
                    await connection.wait_closed()

    async def _connect(self, host: str, port: int, user: str, password: str | None) -> asyncssh.SSHClientConnection:
        """Connect with what the URL says and nothing else of this machine: no configuration, agent or key of a user."""
        return await self._soon(
            asyncssh.connect(
                host,
                port,
                username=user,
                password=None if password is None else unquote(password),
                client_factory=lambda: self._hosts.judge(host, port),
                known_hosts=self._hosts.trusted(host, port),
                config=None,
                agent_path=None,
                client_keys=None,
                gss_host=None,
            )
        )

    async def _soon(self, answer: Awaitable[T]) -> T:
        """Wait for an answer of the server. Raises TimeoutError after its longest silence."""
        async with asyncio.timeout(self._terms.silence):
            return await answer

    def _piece(self, so_far: int, total: int | None) -> None:
        self._alive()
        self._tell(so_far, total)


async def _read(source: asyncssh.SFTPClientFile, offset: int) -> bytes:
    data = await source.read(BLOCK, offset)
    assert isinstance(data, bytes), "opened as text"
    return data


@contextmanager
def _reasons(url: str, silence: float) -> Iterator[None]:
    """Let errors say which Reason they are; what the server said is not repeated, it may repeat the password."""
    try:
        yield
    except TransferFailed:
        raise
    except TimeoutError:
        raise TransferFailed(Reason.TimedOut, f"{url}: silent for {silence:g} s") from None
    except Exception as error:
        reason = next((reason for kind, reason in REASONS if isinstance(error, kind)), None)
        if reason is None:
            raise
        raise TransferFailed(reason, f"{url}: {type(error).__name__}") from None
