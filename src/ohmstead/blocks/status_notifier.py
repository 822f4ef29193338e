"""Status notifications of a job: one after the other, each until the CSMS has it, whatever link and power do."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from ohmstead.blocks.backlog import Backlog
from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.work import Work
from ohmstead.wire.base import Request, Response

S = TypeVar("S", bound=str)
MOST = 64
"""Statuses that may wait before no further work is taken on."""


class PendingStatus(msgspec.Struct, frozen=True):
    """A status that the CSMS does not have yet."""

    number: int
    status: str
    request_id: int

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.number:09d}"


class StatusNotifier(Generic[S]):
    """Sends the statuses of a kind of job in their order (L01.FR.01, N01.FR.07).

    Args:
        work, csms, world: parts of the station whose they are.
        kind: of their rows.
        request: makes the notification of a status and a requestId.
    """

    def __init__(
        self, work: Work, csms: Csms, world: World, kind: str, request: Callable[[str, int], Request[Response]]
    ) -> None:
        self._work = work
        self._csms = csms
        self._backlog = Backlog(
            work, csms, world, kind, PendingStatus, lambda told: request(told.status, told.request_id)
        )
        self._number = self._backlog.waiting[-1].number if self._backlog.waiting else 0
        self.delivered = self._backlog.delivered

    @property
    def full(self) -> bool:
        """Say whether the CSMS lacks so many statuses that there is no use in further work."""
        return len(self._backlog.waiting) >= MOST

    def tell(self, status: S, request_id: int) -> None:
        """Say that a job has reached a status, as part of the open unit of work.

        What waits to be told already is told once: an attempt a second would fill the store while the link is down.
        """
        if self._waits(str(status), request_id):
            return
        self._number += 1
        self._backlog.keep(PendingStatus(self._number, str(status), request_id))
        self._work.after(self.resume)

    def _waits(self, status: str, request_id: int) -> bool:
        """Say whether the last of what waits is the same, and not on its way."""
        on_its_way = 1 if self._backlog.sending else 0
        waiting = self._backlog.waiting
        last = waiting[-1] if len(waiting) > on_its_way else None
        return last is not None and (last.status, last.request_id) == (status, request_id)

    def resume(self) -> None:
        """Go on where the link or the power stopped it."""
        if self._csms.calls.online:
            self._backlog.resume()
