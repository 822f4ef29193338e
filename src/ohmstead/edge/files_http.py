"""HTTP(S) transfers: PUT (POST where the server wants that) and GET with Range; few redirects, never to less safety."""

import logging
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import httpx

from ohmstead.edge.files_spool import Origin, Spool, Writing
from ohmstead.ports.files import FileRefused, Progress, Reason, Terms, TransferFailed, checked, shown

# At INFO the library writes every URL whole, and a query may be a signature that lets anybody in.
logging.getLogger("httpx").setLevel(logging.WARNING)

MOST_REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
SAME_METHOD = frozenset({307, 308})
"""Redirects after which an upload goes on elsewhere; the others would turn it into a GET."""
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


class Place:
    """Where a request goes: the URL without credentials, and those apart, so that no log line can hold them."""

    def __init__(self, url: str, terms: Terms) -> None:
        checked(url, terms.protocols)
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        self.url = urlunsplit((parts.scheme, f"{host}{port}", parts.path or "/", parts.query, ""))
        self.origin = (parts.scheme, parts.hostname, parts.port)
        self.auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None

    def moved(self, location: str, terms: Terms) -> "Place":
        """Return where a redirect leads; credentials stay with their server."""
        target = urljoin(self.url, location)
        try:
            place = Place(target, terms)
        except FileRefused as refused:
            raise TransferFailed(Reason.Redirects, f"{shown(target)}: {refused.detail}") from None
        if place.origin[0] not in ("https", self.origin[0]):
            raise TransferFailed(Reason.Redirects, f"{shown(self.url)} does not lead to {shown(target)}")
        if place.origin == self.origin:
            place.auth = place.auth or self.auth
        return place


@asynccontextmanager
async def _client(terms: Terms, trust: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client whose errors say which Reason they are."""
    timeout = httpx.Timeout(terms.silence)
    try:
        async with httpx.AsyncClient(verify=trust, timeout=timeout, trust_env=False) as client:
            yield client
    except httpx.TimeoutException:
        raise TransferFailed(Reason.TimedOut, f"silent for {terms.silence:g} s") from None
    except httpx.ConnectError as error:
        reason = Reason.Untrusted if _tls_error(error) else Reason.Unreachable
        raise TransferFailed(reason, str(error)[:200]) from error
    except httpx.LocalProtocolError as error:
        raise TransferFailed(Reason.BadMessage, str(error)[:200]) from error
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise TransferFailed(Reason.Broken, f"{type(error).__name__}: {error}"[:200]) from error


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

    def __init__(self, terms: Terms, trust: ssl.SSLContext, tell: Progress, alive: Alive) -> None:
        self._terms = terms
        self._trust = trust
        self._tell = tell
        self._alive = alive

    async def put(self, url: str, name: str, chunks: Sequence[bytes]) -> None:
        """Upload (N01.FR.18, N01.FR.19); the path of a directory is completed with the name."""
        place = Place(url, self._terms)
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
                body = self._body(chunks)
                response = await client.request(method, place.url, content=body, headers=headers, auth=place.auth)
                if response.status_code in SAME_METHOD and "Location" in response.headers:
                    place = place.moved(response.headers["Location"], self._terms)
                elif response.status_code in (405, 501) and method == "PUT":
                    method = "POST"
                else:
                    return _check(response, place.url)
        raise TransferFailed(Reason.Redirects, f"more than {MOST_REDIRECTS}")

    async def _body(self, chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
        sent, size = 0, sum(map(len, chunks))
        for chunk in chunks:
            self._alive()
            yield chunk
            sent += len(chunk)
            self._tell(sent, size)

    async def get(self, url: str, name: str, spool: Spool) -> None:
        """Download; what is here already is asked for no more, if the server still has the same file."""
        place = Place(url, self._terms)
        source = place.url
        offset, validator = spool.part(name, source)
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers |= {"Range": f"bytes={offset}-", "If-Range": validator}
        async with _client(self._terms, self._trust) as client:
            for _ in range(MOST_REDIRECTS + 1):
                async with client.stream("GET", place.url, headers=headers, auth=place.auth) as response:
                    if response.status_code in MOVED and "Location" in response.headers:
                        place = place.moved(response.headers["Location"], self._terms)
                        continue
                    if response.status_code == 416 and _all_here(response, offset):
                        return
                    _check(response, place.url)
                    start = _start(response, offset)
                    origin = Origin(url=source, validator=_validator(response))
                    with spool.open(name, origin, start) as file:
                        await self._take(response, file, start)
                    return
        raise TransferFailed(Reason.Redirects, f"more than {MOST_REDIRECTS}")

    async def _take(self, response: httpx.Response, file: Writing, start: int) -> None:
        limit = self._terms.limit
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdecimal() else None
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
    """Return what If-Range takes: a strong ETag, or the date (RFC 9110, 13.1.5)."""
    tag = str(response.headers.get("ETag", ""))
    return tag if tag and not tag.startswith("W/") else str(response.headers.get("Last-Modified", ""))
