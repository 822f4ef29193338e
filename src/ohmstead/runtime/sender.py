"""What is told without waiting for the answer: one message after the other, in the order of telling."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec

from ohmstead.ports.calls import PAUSE, CallFailed, CallTimeout, Cause, NotSent
from ohmstead.ports.link import LinkLost
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import InvalidMessage

CROWDED = 32
"""Messages that may wait; beyond this a new one takes the place of an older one about the same thing."""

Call = Callable[[Request[Response], Cause], Awaitable[Response]]
_log = logging.getLogger(__name__)


class _PendingMessage(msgspec.Struct, frozen=True, eq=False):
    """A message that waits to be told."""

    request: Request[Response]
    cause: Cause
    undelivered: Callable[[], None]

    @property
    def topic(self) -> tuple[object, ...]:
        """What it is about; of two messages about the same thing the newer one says all."""
        place = (getattr(self.request, name, None) for name in ("evse_id", "connector_id", "request_id"))
        return (type(self.request), *place)


class Sender:
    """Tells the CSMS what waits, while there is a connection. The number of what waits is bounded."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._waiting: deque[_PendingMessage] = deque()
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def tell(self, request: Request[Response], cause: Cause, undelivered: Callable[[], None]) -> None:
        """Take a message into the line."""
        told = _PendingMessage(request, cause, undelivered)
        if len(self._waiting) >= CROWDED:
            older = next((other for other in self._waiting if other.topic == told.topic), None)
            if older is not None:
                self._waiting.remove(older)
        self._waiting.append(told)
        self._wake.set()

    async def run(self) -> None:
        """Tell for as long as the station runs."""
        while True:
            while self._waiting:
                await self._tell(self._waiting.popleft())
            self._wake.clear()
            await self._wake.wait()

    async def _tell(self, told: _PendingMessage) -> None:
        name = type(told.request).__name__
        try:
            await self._sent(told, name)
        except (NotSent, LinkLost) as lost:
            _log.info("%s is lost: %s", name, lost)
        except (CallFailed, CallTimeout, InvalidMessage) as failure:
            _log.warning("%s failed: %s", name, failure)
        except Exception:
            told.undelivered()
            raise
        else:
            return
        told.undelivered()

    async def _sent(self, told: _PendingMessage, name: str) -> None:
        """Send it, and once more after a CALLERROR, before anything newer goes."""
        try:
            await self._call(told.request, told.cause)
        except CallFailed as failure:
            _log.info("%s is repeated: %s", name, failure)
            await asyncio.sleep(PAUSE)
            await self._call(told.request, told.cause)
