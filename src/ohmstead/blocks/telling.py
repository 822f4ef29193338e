"""Status notifications of a job: one after the other, each until the CSMS has it, whatever link and power do."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from ohmstead.blocks.context import Context
from ohmstead.ports.calls import CallFailed, CallTimeout, NotSent
from ohmstead.ports.link import LinkLost
from ohmstead.ports.store import Delete, Put
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.rows import from_row, to_row

S = TypeVar("S", bound=str)
ATTEMPTS = 3
"""Times that a status is sent while nobody answers and the link seems up."""
_log = logging.getLogger(__name__)


class Told(msgspec.Struct, frozen=True):
    """A status that the CSMS does not have yet."""

    number: int
    status: str
    request_id: int


class Telling(Generic[S]):
    """Sends the statuses of a kind of job in their order (L01.FR.01, N01.FR.07).

    Args:
        station: whose they are.
        kind: of their rows.
        request: makes the notification of a status and a requestId.
    """

    def __init__(self, station: Context, kind: str, request: Callable[[str, int], Request[Response]]) -> None:
        self._station = station
        self._kind = kind
        self._request = request
        self._waiting = deque(from_row(value, Told) for _, value in station.store.rows(kind))
        self._number = self._waiting[-1].number if self._waiting else 0
        self._sending = False
        self._empty = asyncio.Event()
        self._note()

    def tell(self, status: S, request_id: int) -> None:
        """Say that a job has reached a status, as part of the open unit of work.

        What waits to be told already is told once: an attempt a second would fill the store while the link is down.
        """
        if self._waits(str(status), request_id):
            return
        self._number += 1
        told = Told(self._number, str(status), request_id)
        self._station.write(Put(self._kind, self._key(told), to_row(told)))
        self._station.after(lambda: self._take(told))

    def _waits(self, status: str, request_id: int) -> bool:
        """Say whether the last of what waits is the same, and not on its way."""
        on_its_way = 1 if self._sending else 0
        last = self._waiting[-1] if len(self._waiting) > on_its_way else None
        return last is not None and (last.status, last.request_id) == (status, request_id)

    def resume(self) -> None:
        """Go on where the link or the power stopped it."""
        if self._waiting and not self._sending and self._station.calls.online:
            self._sending = True
            self._station.spawn(self._kind, self._deliver())

    async def delivered(self, seconds: float) -> None:
        """Return once the CSMS has everything; without a connection, after so many seconds."""
        await self._station.delivered(self._empty, seconds)
        if self._waiting:
            _log.warning("%s: the CSMS does not have every status", self._kind)

    def _take(self, told: Told) -> None:
        self._waiting.append(told)
        self._note()
        self.resume()

    def _note(self) -> None:
        if self._waiting:
            self._empty.clear()
        else:
            self._empty.set()

    async def _deliver(self) -> None:
        try:
            while self._waiting:
                told = self._waiting[0]
                await self._send(told)
                self._station.write(Delete(self._kind, self._key(told)))
                self._waiting.popleft()
                self._note()
        except (NotSent, LinkLost):
            return
        finally:
            self._sending = False

    async def _send(self, told: Told) -> None:
        """Send until it is answered; silence may be a link that is dead already. Raises NotSent, LinkLost."""
        for _ in range(ATTEMPTS):
            try:
                await self._station.calls.call(self._request(told.status, told.request_id))
                return
            except CallTimeout:
                _log.warning("%s %s: no response in time", self._kind, told.status)
            except (CallFailed, InvalidMessage) as failure:
                _log.warning("%s %s was not taken: %s", self._kind, told.status, failure)
                return

    @staticmethod
    def _key(told: Told) -> str:
        return f"{told.number:09d}"
