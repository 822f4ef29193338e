"""FTP(S) transfers: ftplib in a thread; FTPS is AUTH TLS, on port 990 TLS from the start."""

import asyncio
import ftplib
import io
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

from ohmstead.edge.files_ftp_client import Client, ImplicitClient, SecureClient
from ohmstead.edge.files_limits import AnswerTooLong, Ration, Watch, watched
from ohmstead.edge.files_spool import Spool, SpoolOrigin
from ohmstead.ports.files import Progress, Reason, TransferFailed, TransferTerms, checked, shown

IMPLICIT = 990
"""The port of FTPS that is TLS from the start."""
BLOCK = 1 << 15
"""Bytes that are read at once."""
DENIED = frozenset({"430", "530", "532", "534"})
ABSENT = frozenset({"550", "553"})
UNSUPPORTED = frozenset({"500", "502", "504"})
FULL = frozenset({"452", "552"})


_CODE = re.compile(r"[1-5][0-9]{2}(?![^ -])", re.ASCII)


class _Stopped(Exception):
    """Nobody waits for the transfer any more."""


class FtpTransfer:
    """One attempt.

    Args:
        terms: see the port.
        trust: TLS of the servers.
        tell: hears of every piece, on the loop's thread.
    """

    def __init__(self, terms: TransferTerms, trust: ssl.SSLContext, tell: Progress) -> None:
        self._terms = terms
        self._trust = trust
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._ftp: Client | None = None

    async def put(self, url: str, name: str, chunks: Sequence[bytes]) -> None:
        """Upload; under the name where the path is a directory's."""
        await self._run(url, lambda ftp, path: self._store(ftp, path, name, chunks))

    async def get(self, url: str, name: str, spool: Spool) -> None:
        """Download; a part that is here is continued (REST), if the server still has the same file."""
        await self._run(url, lambda ftp, path: self._fetch(ftp, path, shown(url), name, spool))

    async def _run(self, url: str, work: Callable[[ftplib.FTP, str], None]) -> None:
        checked(url, self._terms.protocols)
        async with watched(self._terms) as watch:
            try:
                await asyncio.to_thread(self._work, url, work, watch)
            except asyncio.CancelledError:
                self.stop()
                raise

    def stop(self) -> None:
        """Let the thread end: its next use of the connection fails."""
        self._stop.set()
        connection = self._ftp
        for end in () if connection is None else (connection.sock, connection.data):
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _work(self, url: str, work: Callable[[ftplib.FTP, str], None], watch: Watch) -> None:
        with _reasons(shown(url), self._terms.silence):
            ftp = self._ftp = self._client(url)
            ftp.ration = Ration(self._terms.answer_bytes)
            ftp.on_data = lambda: self._later(watch.travelling)
            try:
                self._log_in(ftp, url)
                work(ftp, unquote(urlsplit(url).path) or "/")
                with suppress(ftplib.Error, OSError, EOFError):
                    ftp.quit()
            finally:
                ftp.close()

    def _client(self, url: str) -> Client:
        parts = urlsplit(url)
        if parts.scheme.lower() != "ftps":
            return Client(timeout=self._terms.silence)
        kind = ImplicitClient if parts.port == IMPLICIT else SecureClient
        return kind(context=self._trust, timeout=self._terms.silence)

    @staticmethod
    def _log_in(ftp: ftplib.FTP, url: str) -> None:
        parts = urlsplit(url)
        ftp.connect(parts.hostname or "", parts.port or ftplib.FTP_PORT)
        ftp.login(unquote(parts.username or ""), unquote(parts.password or ""))
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()

    def _store(self, ftp: ftplib.FTP, path: str, name: str, chunks: Sequence[bytes]) -> None:
        target = _join(path, name) if path.endswith("/") or _is_directory(ftp, path) else path
        size = sum(map(len, chunks))
        sent = 0

        def piece(data: bytes) -> None:
            nonlocal sent
            sent += len(data)
            self._piece(sent, size)

        ftp.storbinary(f"STOR {target}", io.BytesIO(b"".join(chunks)), BLOCK, piece)

    def _fetch(self, ftp: ftplib.FTP, path: str, source: str, name: str, spool: Spool) -> None:
        ftp.voidcmd("TYPE I")
        total = _size(ftp, path)
        if total is not None and total > self._terms.limit:
            raise TransferFailed(Reason.TooLarge, f"{total} bytes are more than {self._terms.limit}")
        validator = _validator(ftp, path, total)
        offset, known = spool.part(name, source)
        if not validator or known != validator or (total is not None and offset > total):
            offset = 0
        with spool.open(name, SpoolOrigin(url=source, validator=validator), offset) as file:

            def piece(data: bytes) -> None:
                if file.size + len(data) > self._terms.limit:
                    raise TransferFailed(Reason.TooLarge, f"more than {self._terms.limit} bytes")
                file.write(data)
                self._piece(file.size, total)

            ftp.retrbinary(f"RETR {path}", piece, BLOCK, rest=offset or None)
            if total is not None and file.size != total:
                raise TransferFailed(Reason.Broken, f"{file.size} of {total} bytes arrived")

    def _piece(self, so_far: int, total: int | None) -> None:
        if self._stop.is_set():
            raise _Stopped
        self._later(self._tell, so_far, total)

    def _later(self, call: Callable[..., None], *arguments: int | None) -> None:
        with suppress(RuntimeError):  # the loop may be closed already
            self._loop.call_soon_threadsafe(call, *arguments)


def _join(directory: str, name: str) -> str:
    return f"{directory.rstrip('/')}/{name}"


def _is_directory(ftp: ftplib.FTP, path: str) -> bool:
    """Say whether a path is a directory's; the working directory stays."""
    here = ftp.pwd()
    try:
        ftp.cwd(path)
    except ftplib.error_perm:
        return False
    ftp.cwd(here)
    return True


def _size(ftp: ftplib.FTP, path: str) -> int | None:
    """Return the bytes of a file; None where the server does not say (SIZE is of RFC 3659, younger than FTP)."""
    try:
        return ftp.size(path)
    except ftplib.error_perm:
        return None


def _validator(ftp: ftplib.FTP, path: str, total: int | None) -> str:
    """Return what tells one version of a file from the next: size and time; '' where the server does not say."""
    try:
        return f"{total} {ftp.voidcmd(f'MDTM {path}')[4:]}"
    except ftplib.error_perm:
        return ""


@contextmanager
def _reasons(url: str, silence: float) -> Iterator[None]:
    """Let errors say which Reason they are.

    What the server said is not repeated: it may repeat the password (`530 station:p@ss is wrong`), or a part of it.
    """
    try:
        yield
    except _Stopped:
        raise TransferFailed(Reason.Broken, f"{url}: stopped") from None
    except TimeoutError:
        raise TransferFailed(Reason.TimedOut, f"{url}: silent for {silence:g} s") from None
    except ssl.SSLError as error:
        raise TransferFailed(Reason.Untrusted, f"{url}: {error.reason or error}") from error
    except AnswerTooLong as error:
        raise TransferFailed(Reason.BadMessage, f"{url}: {error}") from None
    except ftplib.Error as error:
        code = match[0] if (match := _CODE.match(str(error))) else ""
        raise TransferFailed(_reason(code), f"{url}: FTP {code or 'reply without a code'}") from None
    except (ConnectionRefusedError, socket.gaierror) as error:
        raise TransferFailed(Reason.Unreachable, f"{url}: {error}") from error
    except (OSError, EOFError) as error:
        raise TransferFailed(Reason.Broken, f"{url}: {error or 'the connection ended'}") from error
    except (ValueError, ArithmeticError, LookupError) as error:  # of ftplib, over a reply that is none
        raise TransferFailed(Reason.BadMessage, f"{url}: a reply cannot be read ({type(error).__name__})") from None


def _reason(code: str) -> Reason:
    for codes, reason in ((DENIED, Reason.Denied), (ABSENT, Reason.NotFound), (FULL, Reason.TooLarge)):
        if code in codes:
            return reason
    if code in UNSUPPORTED:
        return Reason.Unsupported
    return Reason.Broken if code.startswith("4") else Reason.BadMessage
