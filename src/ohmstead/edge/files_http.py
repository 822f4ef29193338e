"""HTTP(S) transfers: PUT (POST where the server wants that) and GET with Range; few redirects, never to less safety."""

import logging
import re
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import httpcore
import httpx

from ohmstead.edge.files_limits import AnswerTooLong, Ration, RationedBackend, Watch, watched
from ohmstead.edge.files_spool import Spool, SpoolOrigin, Writing
from ohmstead.ports.files import FileRefused, Progress, Reason, TransferFailed, TransferTerms, checked, shown

# At INFO the library writes every URL whole, and a query may be a signature that lets anybody in.
logging.getLogger("httpx").setLevel(logging.WARNING)

MOST_REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
SAME_METHOD = frozenset({307, 308})
"""Redirects after which an upload goes on elsewhere; the others would turn it into a GET."""
MOST_DIGITS = 20
"""Digits of a size that is still one."""
LONGEST_DETAIL = 200
"""Characters of what a library says."""
_QUOTED = re.compile(r"b?['\"]|bytearray|: ")
STATUSES = {
    400: Reason.BadMessage,
    401: Reason.Denied,
    403: Reason.Denied,
    404: Reason.NotFound,
    405: Reason.Unsupported,
    407: Reason.Denied,
    410: Reason.NotFound,
    413: Reason.TooLarge,
    501: Reason.Unsupported,
}
Alive = Callable[[], None]
"""Raises once the station has no power."""


class RequestTarget:
    """Where a request goes: the URL without credentials, and those apart, so that no log line can hold them."""

    def __init__(self, url: str, terms: TransferTerms) -> None:
        checked(url, terms.protocols)
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        self.url = urlunsplit((parts.scheme, f"{host}{port}", parts.path or "/", parts.query, ""))
        try:
            _ = httpx.URL(self.url).host  # which decodes it
            (parts.hostname or "").encode("idna")
        except (httpx.InvalidURL, ValueError) as error:
            raise TransferFailed(Reason.BadUrl, f"{shown(self.url)}: {error}") from None
        self.origin = (parts.scheme, parts.hostname, parts.port)
        self.auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None

    def moved(self, location: str, terms: TransferTerms) -> "RequestTarget":
        """Return where a redirect leads; credentials stay with their server.

        A refusal does not repeat the place: the server may have put into it what it was sent.
        """
        try:
            target = urljoin(self.url, location)
            place = RequestTarget(target, terms)
        except (FileRefused, TransferFailed) as refused:
            detail = f"{shown(self.url)} leads to where the station does not go: {refused.reason}"
            raise TransferFailed(Reason.Redirects, detail) from None
        except ValueError:
            raise TransferFailed(Reason.Redirects, f"{shown(self.url)} leads to what is no URL") from None
        if place.origin[0] not in ("https", self.origin[0]):
            raise TransferFailed(Reason.Redirects, f"{shown(self.url)} leads to less safety")
        if place.origin == self.origin:
            place.auth = place.auth or self.auth
        return place


class _Transport(httpx.AsyncHTTPTransport):
    """Reads no more of an answer than is allowed."""

    def __init__(self, trust: ssl.SSLContext, ration: Ration) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=trust, network_backend=RationedBackend(ration))


class _Client:
    """Asks for one file, or sends one: one answer after the other, each with its ration."""

    def __init__(self, http: httpx.AsyncClient, ration: Ration, watch: Watch) -> None:
        self._http = http
        self._ration = ration
        self.watch = watch

    @asynccontextmanager
    async def answer(
        self, method: str, place: RequestTarget, headers: dict[str, str], content: AsyncIterator[bytes] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and yield the head of its answer; who wants the body reads it."""
        self._ration.renew()
        self.watch.answering()
        headers = headers | {"Accept-Encoding": "identity"}
        stream = self._http.stream(method, place.url, headers=headers, content=content, auth=place.auth)
        async with stream as response:
            self._ration.lift()
            yield response


@asynccontextmanager
async def _client(terms: TransferTerms, trust: ssl.SSLContext) -> AsyncIterator[_Client]:
    """Open a client whose errors say which Reason they are."""
    timeout, ration = httpx.Timeout(terms.silence), Ration(terms.answer_bytes)
    try:
        async with (
            watched(terms) as watch,
            httpx.AsyncClient(transport=_Transport(trust, ration), timeout=timeout, trust_env=False) as http,
        ):
            yield _Client(http, ration, watch)
    except AnswerTooLong as error:
        raise TransferFailed(Reason.BadMessage, str(error)) from None
    except httpx.TimeoutException:
        raise TransferFailed(Reason.TimedOut, f"silent for {terms.silence:g} s") from None
    except httpx.ConnectError as error:
        reason = Reason.Untrusted if _tls_error(error) else Reason.Unreachable
        raise TransferFailed(reason, str(error)[:200]) from error
    except httpx.LocalProtocolError as error:
        raise TransferFailed(Reason.BadMessage, _unquoted(error)) from None
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise TransferFailed(Reason.Broken, f"{type(error).__name__}: {_unquoted(error)}") from None


def _unquoted(error: Exception) -> str:
    """Return what a library says, up to where it quotes: the server may repeat the credentials that it was sent."""
    return _QUOTED.split(str(error), maxsplit=1)[0].rstrip(" :(")[:LONGEST_DETAIL]


def _tls_error(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _check(response: httpx.Response, url: str) -> None:
    """Raise what a status means, unless it is a success."""
    status = response.status_code
    if response.is_success:
        return
    reason = STATUSES.get(status, Reason.Broken if status >= 500 else Reason.BadMessage)
    raise TransferFailed(reason, f"{shown(url)}: HTTP {status}")


class HttpTransfer:
    """One attempt.

    Args:
        terms: see the port.
        trust: TLS of the servers.
        tell: hears of every piece.
        alive: raises once the station has no power.
    """

    def __init__(self, terms: TransferTerms, trust: ssl.SSLContext, tell: Progress, alive: Alive) -> None:
        self._terms = terms
        self._trust = trust
        self._tell = tell
        self._alive = alive

    async def put(self, url: str, name: str, chunks: Sequence[bytes]) -> None:
        """Upload (N01.FR.18, N01.FR.19); the path of a directory is completed with the name."""
        place = RequestTarget(url, self._terms)
        if urlsplit(place.url).path.endswith("/") and not urlsplit(place.url).query:
            place.url += name
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'form-data; name="uploadfile"; filename="{name}"',
            "Content-Length": str(sum(map(len, chunks))),
        }
        method = "PUT"
        async with _client(self._terms, self._trust) as client:
            for _ in range(MOST_REDIRECTS + 1):
                body = self._body(chunks, client.watch)
                async with client.answer(method, place, headers, body) as response:  # nobody reads what it says beside
                    if response.status_code in SAME_METHOD and "Location" in response.headers:
                        place = place.moved(response.headers["Location"], self._terms)
                    elif response.status_code in (405, 501) and method == "PUT":
                        method = "POST"
                    else:
                        return _check(response, url)
        raise TransferFailed(Reason.Redirects, f"more than {MOST_REDIRECTS}")

    async def _body(self, chunks: Sequence[bytes], watch: Watch) -> AsyncIterator[bytes]:
        sent, size = 0, sum(map(len, chunks))
        watch.travelling()
        for chunk in chunks:
            self._alive()
            yield chunk
            sent += len(chunk)
            self._tell(sent, size)
        watch.answering()

    async def get(self, url: str, name: str, spool: Spool) -> None:
        """Download; what is here already is asked for no more, if the server still has the same file."""
        place = RequestTarget(url, self._terms)
        source = place.url
        offset, validator = spool.part(name, source)
        headers = {"Range": f"bytes={offset}-", "If-Range": validator} if offset else {}
        async with _client(self._terms, self._trust) as client:
            for _ in range(MOST_REDIRECTS + 1):
                async with client.answer("GET", place, headers) as response:
                    if response.status_code in MOVED and "Location" in response.headers:
                        place = place.moved(response.headers["Location"], self._terms)
                        continue
                    if response.status_code == 416 and _all_here(response, offset):
                        return
                    _check(response, url)
                    start = _start(response, offset)
                    origin = SpoolOrigin(url=source, validator=_validator(response))
                    client.watch.travelling()
                    with spool.open(name, origin, start) as file:
                        await self._take(response, file, start)
                    return
        raise TransferFailed(Reason.Redirects, f"more than {MOST_REDIRECTS}")

    async def _take(self, response: httpx.Response, file: Writing, start: int) -> None:
        limit = self._terms.limit
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() and len(length) < MOST_DIGITS else None
        if total is not None and total > limit:
            raise TransferFailed(Reason.TooLarge, f"{total} bytes are more than {limit}")
        async for piece in response.aiter_raw():
            self._alive()
            if file.size + len(piece) > limit:
                raise TransferFailed(Reason.TooLarge, f"more than {limit} bytes")
            file.write(piece)
            self._tell(file.size, total)


def _all_here(response: httpx.Response, offset: int) -> bool:
    """Say whether the server could send no range because every byte is here."""
    return offset > 0 and response.headers.get("Content-Range") == f"bytes */{offset}"


def _start(response: httpx.Response, offset: int) -> int:
    """Return where in the file the body begins. Raises TransferFailed for a range that nobody asked for."""
    if response.status_code != 206:
        return 0
    if not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
        raise TransferFailed(Reason.BadMessage, "the server sent another range")
    return offset


def _validator(response: httpx.Response) -> str:
    """Return what If-Range takes: a strong ETag, or the date (RFC 9110, 13.1.5); '' for what cannot be said again."""
    tag = str(response.headers.get("ETag", ""))
    known = tag if tag and not tag.startswith("W/") else str(response.headers.get("Last-Modified", ""))
    return known if known.isascii() and known.isprintable() else ""
