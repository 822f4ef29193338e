"""What was promised to the CSMS and is no part of the outbox: kept, and sent one after the other until it is taken."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from ohmstead.blocks.context import Csms, World
from ohmstead.blocks.work import Lifetime, Task, Work
from ohmstead.ports.calls import PAUSE, CallFailed, CallTimeout, Cause, NotSent
from ohmstead.ports.link import LinkLost
from ohmstead.ports.store import Delete, Put
from ohmstead.wire.base import Request, Response
from ohmstead.wire.codec import InvalidMessage
from ohmstead.wire.rows import from_row, to_row

ATTEMPTS = 3
"""Times that a message is sent while nobody answers and the link seems up: silence may be a link that is dead."""

_log = logging.getLogger(__name__)


class BacklogRow(Protocol):
    """One row of a backlog."""

    @property
    def key(self) -> str:
        """The key of its row; sorts in the order of sending."""
        ...


E = TypeVar("E", bound=BacklogRow)


class Backlog(Generic[E]):
    """Sends the entries of a kind in their order, whatever link and power do.

    Args:
        work, csms, world: parts of the station whose they are.
        kind: of their rows.
        entry: the type of an entry.
        message: makes the message of an entry.
        rest: what is left of an entry whose message has been answered; None: nothing.
        cause: why they are sent.
        attempts: how often a message is sent while nobody answers.

    Attributes:
        waiting: what the CSMS does not have yet, oldest first; the first is on its way if `sending`.
    """

    def __init__(
        self,
        work: Work,
        csms: Csms,
        world: World,
        kind: str,
        entry: type[E],
        message: Callable[[E], Request[Response]],
        rest: Callable[[E], E | None] = lambda _entry: None,
        *,
        cause: Cause = Cause.Own,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._work = work
        self._csms = csms
        self._kind = kind
        self._message = message
        self._rest = rest
        self._cause = cause
        self._attempts = attempts
        self.waiting = deque(from_row(value, entry) for _, value in world.store.rows(kind))
        self._task: Task | None = None
        self._empty = asyncio.Event()
        self._note()

    @property
    def sending(self) -> bool:
        """Say whether the first entry is on its way."""
        return self._task is not None and not self._task.done()

    def keep(self, entry: E) -> None:
        """Take an entry, as part of the open unit of work; its key has to come behind those that wait."""
        self._work.write(Put(self._kind, entry.key, to_row(entry)))
        self._work.after(lambda: self._take(entry))

    def _take(self, entry: E) -> None:
        self.waiting.append(entry)
        self._note()

    def resume(self) -> None:
        """Begin to send, or go on where the link or the power stopped it."""
        if self.waiting and not self.sending:
            self._task = self._work.spawn(self._kind, self._deliver, Lifetime.Job, self._skip)

    async def delivered(self, seconds: float) -> None:
        """Return once the CSMS has everything; without a connection, after so many seconds."""
        await self._csms.delivered(self._empty, seconds)
        if self.waiting:
            _log.warning("%s: the CSMS does not have everything", self._kind)

    def _note(self) -> None:
        if self.waiting:
            self._empty.clear()
        else:
            self._empty.set()

    async def _deliver(self) -> None:
        while self.waiting:
            entry = self.waiting[0]
            try:
                await self._send(self._message(entry))
            except (NotSent, LinkLost):
                return
            with self._work.unit():
                self._done(entry)

    def _done(self, entry: E) -> None:
        """Keep what is left of an entry, as part of the open unit of work."""
        rest = self._rest(entry)
        if rest is not None:
            self._work.write(Put(self._kind, rest.key, to_row(rest)))
        else:
            self._work.write(Delete(self._kind, entry.key))

        def step() -> None:
            self.waiting.popleft()
            if rest is not None:
                self.waiting.appendleft(rest)
            self._note()

        self._work.after(step)

    def _skip(self) -> None:
        """An entry that cannot be sent must not keep the others back."""
        if not self.waiting:
            return
        _log.error("%s: %s is left out", self._kind, self.waiting[0].key)
        self._done(self.waiting[0])
        self._work.later(PAUSE, self.resume)

    async def _send(self, message: Request[Response]) -> None:
        """Send until it is answered, and once more after a CALLERROR. Raises NotSent, LinkLost."""
        refused = False
        for _ in range(self._attempts):
            try:
                await self._csms.calls.call(message, self._cause)
                return
            except CallTimeout as silence:
                _log.warning("%s: %s", self._kind, silence)
            except InvalidMessage as fault:
                _log.error("%s: it cannot be sent: %s", self._kind, fault)
                return
            except CallFailed as failure:
                _log.warning("%s was not taken: %s", self._kind, failure)
                if refused:
                    return
                refused = True
                await asyncio.sleep(PAUSE)
