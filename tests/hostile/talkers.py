"""Servers and clients on loopback that say too much, too slowly, or nothing: small ones, in the loop of the test."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

PATIENCE = 30.0
"""Seconds of a loaded machine after which something did not end at all."""
Talk = Callable[["Talker"], Awaitable[None]]


class Talker:
    """One end of a raw connection, which counts what it could send."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.sent = 0

    async def say(self, data: bytes) -> None:
        """Send."""
        self.writer.write(data)
        await self.writer.drain()
        self.sent += len(data)

    async def endlessly(self, piece: bytes, every: float = 0.0) -> None:
        """Say it until the other side has had enough."""
        piece = piece if every else piece * max(1, 4096 // len(piece))
        while True:
            await self.say(piece)
            await asyncio.sleep(every)

    async def silently(self) -> None:
        """Say nothing until the other side leaves."""
        while await self.reader.read(4096):
            pass

    async def silently_waiting(self) -> None:
        """Say nothing, whatever comes."""
        await asyncio.sleep(10 * PATIENCE)

    async def head(self) -> bytes:
        """Return the head of an HTTP request, or answer."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def upgraded(self) -> None:
        """Answer a WebSocket handshake."""
        lines = (await self.head()).decode("latin-1").split("\r\n")
        (key,) = (line.split(": ")[1] for line in lines if line.lower().startswith("sec-websocket-key"))
        digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        accept = base64.b64encode(digest).decode()
        fields = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
        await self.say(f"HTTP/1.1 101 .\r\n{fields}Sec-WebSocket-Protocol: ocpp2.0.1\r\n\r\n".encode())

    async def end(self) -> bytes:
        """Return what still comes until the other side has ended the connection."""
        said = b""
        with suppress(OSError):
            while piece := await self.reader.read(4096):
                said = (said + piece)[-100_000:]
        return said


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[tuple[int, list[Talker]]]:
    """Serve everybody like this; yields the port, and who was served."""
    served: list[Talker] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talker = Talker(reader, writer)
        served.append(talker)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await talk(talker)
        writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], served
    finally:
        listening.close()
        for talker in served:
            talker.writer.transport.abort()


async def client(port: int) -> Talker:
    """Connect."""
    return Talker(*await asyncio.open_connection("127.0.0.1", port))


async def cut(talker: Talker, talk: Callable[[Talker], Awaitable[None]]) -> bytes:
    """Talk until the other side ends the connection, and return what it said last."""
    speaking = asyncio.ensure_future(talk(talker))
    try:
        async with asyncio.timeout(PATIENCE):
            return await talker.end()
    finally:
        speaking.cancel()
        with suppress(OSError, asyncio.CancelledError):
            await speaking
        talker.writer.transport.abort()
