"""A file server over HTTP and HTTPS: GET with ranges, PUT, and the ways in which the lab lets it misbehave."""

import asyncio
import re
import ssl
from collections.abc import Awaitable
from contextlib import suppress

from ohmstead.edge.file_servers import Arrived

PIECE = 4096
HEAD_TIME = 10.0
"""Seconds for the head of a request."""
SILENCE = 30.0
"""Seconds between two pieces of a body, and in which a piece of a file must be taken."""
WHOLE = 3600.0
"""Seconds for one request."""
LARGEST_HEAD = 64 << 10
LARGEST_UPLOAD = 64 << 20
"""Bytes of a file that is still taken."""
MOST_CONNECTIONS = 50
"""At once; further ones are cut."""
_RANGE = re.compile(r"bytes=(\d+)-")


class HttpFileServer:
    """A file server over HTTP on a free port.

    Args:
        address: to listen on.
        head: seconds for the head of a request.
        silence: seconds between two pieces.
        whole: seconds for one request.
        largest: bytes of a file that is still taken.
        most: connections at once.
        tls: HTTPS instead.
        arrived: told of what arrives; None: it is kept in `uploads`.
    """

    def __init__(
        self,
        address: str,
        *,
        head: float = HEAD_TIME,
        silence: float = SILENCE,
        whole: float = WHOLE,
        largest: int = LARGEST_UPLOAD,
        most: int | None = None,
        tls: ssl.SSLContext | None = None,
        arrived: Arrived | None = None,
    ) -> None:
        self._tls = tls
        self._address = address
        self._head, self._silence, self._whole, self._largest = head, silence, whole, largest
        self._server: asyncio.Server | None = None
        self._files: dict[str, bytes] = {}
        self._places: set[str] = set()
        self._uploads: list[tuple[str, bytes]] = []
        self._arrived = arrived or (lambda url, content: self._uploads.append((url, content)))
        self._most = most or MOST_CONNECTIONS
        self._attempts: list[str] = []
        self._rate = 0.0
        self._refused = False
        self._answering = asyncio.Event()
        self._answering.set()
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        """Listen on a free port."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self._address, 0, limit=LARGEST_HEAD, ssl=self._tls)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()

    def _url(self, path: str) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{self._address}:{self.port}{path}"

    def offer(self, path: str, content: bytes) -> str:
        """Let a file be downloaded."""
        self._files[f"/{path}"] = content
        return self._url(f"/{path}")

    def withdraw(self, path: str) -> None:
        """Let a file be downloaded no more."""
        self._files.pop(f"/{path}", None)

    def place(self, path: str) -> str:
        """Take uploads."""
        place = f"/{path.strip('/')}/"
        self._places.add(place)
        return self._url(place)

    @property
    def uploads(self) -> tuple[tuple[str, bytes], ...]:
        """What arrived."""
        return tuple(self._uploads)

    @property
    def attempts(self) -> tuple[str, ...]:
        """What was begun."""
        return tuple(self._attempts)

    def hold(self, held: bool) -> None:
        """Stay silent, or answer again."""
        if held:
            self._answering.clear()
        else:
            self._answering.set()

    def throttle(self, bytes_per_second: float) -> None:
        """Move no more than this."""
        self._rate = bytes_per_second

    def refuse(self, refused: bool) -> None:
        """Answer "not found", or serve again."""
        self._refused = refused

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._most:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            async with asyncio.timeout(self._whole):
                await self._request(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            writer.transport.abort()  # TimeoutError is an OSError: whoever is late, or sends what is no HTTP, is cut
        finally:
            self._open.discard(writer)
            with suppress(OSError):
                writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(self._head):
            method, path, headers = await _head(reader)
        self._attempts.append(self._url(path))
        await self._answering.wait()
        if self._refused:
            await _answer(writer, "404 Not Found")
        elif method == "GET" and path in self._files:
            await self._send(writer, self._files[path], headers.get("range", ""))
        elif method in ("PUT", "POST") and _length(headers) > self._largest:
            await _answer(writer, "413 Content Too Large")
        elif method in ("PUT", "POST") and any(path.startswith(place) for place in self._places):
            if headers.get("expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._arrived(self._url(path), await self._body(reader, headers))
            await _answer(writer, "201 Created")
        else:
            await _answer(writer, "404 Not Found")

    async def _send(self, writer: asyncio.StreamWriter, content: bytes, wanted: str) -> None:
        match = _RANGE.match(wanted)
        start = int(match[1]) if match else 0
        if match and start >= len(content):
            await _answer(writer, "416 Range Not Satisfiable", f"Content-Range: bytes */{len(content)}\r\n")
            return
        status = "206 Partial Content" if match else "200 OK"
        part = f"Content-Range: bytes {start}-{len(content) - 1}/{len(content)}\r\n" if match else ""
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content) - start}\r\n{part}Connection: close\r\n\r\n"
        writer.write(head.encode())
        for at in range(start, len(content), PIECE):
            piece = content[at : at + PIECE]
            await self._pace(len(piece))
            writer.write(piece)
            async with asyncio.timeout(self._silence):
                await writer.drain()

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        content = bytearray()
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int((await self._next(reader.readline())).split(b";")[0], 16):
                if len(content) + size > self._largest:
                    raise ValueError("more than is taken")
                content += await self._next(reader.readexactly(size))
                await self._next(reader.readline())
                await self._pace(size)
            await self._next(reader.readline())
            return bytes(content)
        missing = _length(headers)
        while missing:
            piece = await self._next(reader.readexactly(min(missing, PIECE)))
            content += piece
            missing -= len(piece)
            await self._pace(len(piece))
        return bytes(content)

    async def _next(self, piece: Awaitable[bytes]) -> bytes:
        async with asyncio.timeout(self._silence):
            return await piece

    async def _pace(self, size: int) -> None:
        if self._rate:
            await asyncio.sleep(size / self._rate)


async def _head(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _version = lines[0].split(" ")
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    return method, path, {name.lower(): value.strip() for name, value in pairs}


def _length(headers: dict[str, str]) -> int:
    """Return the size of a body. Raises ValueError."""
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValueError(f"no length: {text[:20]!r}")
    return int(text)


async def _answer(writer: asyncio.StreamWriter, status: str, headers: str = "") -> None:
    writer.write(f"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
