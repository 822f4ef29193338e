"""What bounds an attempt to move a file, whatever the server does: bytes beside the file, and time in all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore

from ohmstead.ports.files import Reason, TransferFailed, TransferTerms


class AnswerTooLong(Exception):
    """The server has said more beside the file than anybody reads."""


class Watch:
    """The time of one attempt: a short one until the file travels, a long one in all.

    Args:
        terms: say how long.
        timeout: what ends the attempt.
    """

    def __init__(self, terms: TransferTerms, timeout: asyncio.Timeout) -> None:
        self._terms = terms
        self._timeout = timeout
        self._end = asyncio.get_running_loop().time() + terms.whole
        self.answering()

    def answering(self) -> None:
        """From now on the server has to answer."""
        self._until(asyncio.get_running_loop().time() + self._terms.answer)

    def travelling(self) -> None:
        """From now on the file travels."""
        self._until(self._end)

    def _until(self, moment: float) -> None:
        if not self._timeout.expired():
            self._timeout.reschedule(min(moment, self._end))


@asynccontextmanager
async def watched(terms: TransferTerms) -> AsyncIterator[Watch]:
    """Bound the time of an attempt. Raises TransferFailed with TimedOut."""
    try:
        async with asyncio.timeout(None) as timeout:
            yield Watch(terms, timeout)
    except TimeoutError:
        detail = f"no end within {terms.whole:g} s, or no answer within {terms.answer:g} s"
        raise TransferFailed(Reason.TimedOut, detail) from None


class Ration:
    """Bytes that may still be read of one answer; None: the file is read, which its own limit bounds."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.left: int | None = size

    def renew(self) -> None:
        """Another answer begins."""
        self.left = self._size

    def lift(self) -> None:
        """The answer is here, the file follows."""
        self.left = None

    def take(self, size: int) -> None:
        """Count what was read. Raises TooTalkative."""
        if self.left is not None:
            self.left -= size
            if self.left < 0:
                raise AnswerTooLong(f"more than {self._size} bytes beside the file")


class RationedStream(httpcore.AsyncNetworkStream):
    """A connection whose reader counts."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, ration: Ration) -> None:
        self._inner = inner
        self._ration = ration

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read; see httpcore."""
        data = await self._inner.read(max_bytes, timeout)
        self._ration.take(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write; see httpcore."""
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close; see httpcore."""
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Begin TLS; see httpcore."""
        inner = await self._inner.start_tls(ssl_context, server_hostname, timeout)  # type: ignore[arg-type]
        return RationedStream(inner, self._ration)

    def get_extra_info(self, info: str) -> object:
        """Tell of the connection; see httpcore."""
        return self._inner.get_extra_info(info)


class RationedBackend(httpcore.AnyIOBackend):
    """Opens connections whose readers count."""

    def __init__(self, ration: Ration) -> None:
        self._ration = ration

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; see httpcore."""
        inner = await super().connect_tcp(host, port, timeout, local_address, socket_options)  # type: ignore[arg-type]
        return RationedStream(inner, self._ration)
