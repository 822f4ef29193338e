"""Whose CALL goes next: one may be outstanding (Part 4, 4.1.1), and what somebody waits for goes first."""

import asyncio
from collections import deque

from ohmstead.ports.calls import Rank

BREATH = 0.05
"""Seconds that a report waits behind another call: what follows from its answer, such as the event of a start that has
just been authorized, goes before it."""


class Turns:
    """A queue for each rank; within a rank, first in first out."""

    def __init__(self) -> None:
        self._waiting: dict[Rank, deque[asyncio.Future[None]]] = {rank: deque() for rank in sorted(Rank)}
        self._present: Rank | None = None
        """The rank of the call whose turn it is."""
        self._breath: asyncio.TimerHandle | None = None
        self._held = False
        self.over = False

    async def take(self, rank: Rank) -> None:
        """Return when it is the caller's turn, or `over`; a turn that was taken is to be released."""
        if self.over:
            return
        behind_others = rank is Rank.Report and self._breath is not None
        if self._present is None and not self._held and not behind_others:
            self._stop_breath()
            self._present = rank
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[rank].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """The call of the present turn is settled: the next one goes."""
        before, self._present = self._present, None
        if self._next_rank() is Rank.Report and before is not Rank.Report:
            self._breath = asyncio.get_running_loop().call_later(BREATH, self._grant)
        else:
            self._grant()

    def hold(self) -> None:
        """Give nobody a turn any more; who waits then waits for the end."""
        self._held = True

    def end(self) -> None:
        """Let everybody go who waits: there is nothing left to wait for."""
        self.over = True
        self._stop_breath()
        for queue in self._waiting.values():
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)

    def _next_rank(self) -> Rank | None:
        for rank, queue in self._waiting.items():
            while queue and queue[0].done():
                queue.popleft()
            if queue:
                return rank
        return None

    def _grant(self) -> None:
        self._breath = None
        rank = self._next_rank()
        if rank is not None and not self._held:
            self._present = rank
            self._waiting[rank].popleft().set_result(None)

    def _stop_breath(self) -> None:
        if self._breath is not None:
            self._breath.cancel()
            self._breath = None
