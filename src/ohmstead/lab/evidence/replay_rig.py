"""The rig that a tape is (`lab.rig.Rig`): the counterpart of `recording`."""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import NoReturn

from ohmstead.lab.evidence.border import Lent, TapedEndpoint, TapedLink, TapedRig
from ohmstead.lab.evidence.digests import restored
from ohmstead.lab.evidence.replay import Misfit, Player, frame, value
from ohmstead.lab.evidence.tape import TapeEntry, TapeHead
from ohmstead.lab.rig import ListenEndpoint, PersistentStation
from ohmstead.ports.link import Admit, Handshake, Link, LinkLost, Serve


def nothing() -> NoReturn:
    """Stand where a rig would be: the tape carries nothing out."""
    raise RuntimeError("a tape has no rig")


class ReplayClock:
    """The lab's clock as it was (`ports.clock.Clock`)."""

    def __init__(self, head: TapeHead) -> None:
        self._anchor = head.wall
        self._anchored_at = head.began

    def now(self) -> datetime:
        """Return the moment that it was."""
        return self._anchor + timedelta(seconds=asyncio.get_running_loop().time() - self._anchored_at)

    def set(self, moment: datetime) -> None:
        """Set it."""
        self._anchor, self._anchored_at = moment, asyncio.get_running_loop().time()

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for a moment."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


class ReplayLink(TapedLink):
    """A connection of the tape (`ports.link.Link`)."""

    def __init__(self, player: Player, number: int, handshake: Handshake) -> None:
        super().__init__(player, number, handshake, nothing)
        self._frames: deque[str | bytes] = deque()
        self._lost: str | None = None
        self._news = asyncio.Event()

    def bring(self, text: str | bytes) -> None:
        """A frame came."""
        self._frames.append(text)
        self._news.set()

    def lose(self, reason: str) -> None:
        """The connection ended."""
        self._lost = reason
        self._news.set()

    async def receive(self) -> str | bytes:
        """Return the next frame."""
        while not self._frames:
            if self._lost is not None:
                raise LinkLost(self._lost)
            self._news.clear()
            await self._news.wait()
        return self._frames.popleft()


class ReplayRig(TapedRig):
    """The rig of one tape (`lab.rig.Rig`)."""

    def __init__(self, player: Player) -> None:
        head = player.head
        super().__init__(player, head.bench, head.tolerance, head.patience, ReplayClock(head), nothing)
        self._player = player
        self._endpoints: dict[int, tuple[Admit, Serve]] = {}
        self._links: dict[int, ReplayLink] = {}
        self._serving: set[asyncio.Task[None]] = set()
        player.on = {"handshake": self._handshake, "link": self._link, "frame": self._frame, "lost": self._lost}

    async def open(self, number: int, admit: Admit, serve: Serve, *, own_root: bool = False) -> ListenEndpoint:
        """Open an endpoint."""
        self._endpoints[number] = (admit, serve)
        url, root = await self._player.act("bench.open", tuple[str, str], nothing, number, own_root)
        return TapedEndpoint(self._player, number, url, root, nothing)

    # What comes

    def _handshake(self, number: int, entry: TapeEntry) -> None:
        handshake, status = value(entry.value, tuple[Handshake, int])
        answered = self._endpoints[number][0](restored(handshake))
        if answered != status:
            raise Misfit(f"the case answers the handshake with {answered}, the log has {status}")

    def _link(self, number: int, entry: TapeEntry) -> None:
        key, handshake = value(entry.value, tuple[int, Handshake])
        link = self._links[key] = ReplayLink(self._player, key, restored(handshake))
        task = asyncio.get_running_loop().create_task(self._serve(self._endpoints[number][1], link))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, serve: Serve, link: Link) -> None:
        try:
            await serve(link)
        except Misfit:
            # The player has noted it, which ends the case.
            return

    def _frame(self, number: int, entry: TapeEntry) -> None:
        self._links[number].bring(frame(entry, self._player.head))

    def _lost(self, number: int, entry: TapeEntry) -> None:
        self._links[number].lose(value(entry.value, str))


class ReplayPersistentRig(ReplayRig, Lent):
    """The rig of a tape whose station outlived the case (`lab.rig.PersistentRig`)."""

    def __init__(self, player: Player, persistent: PersistentStation) -> None:
        ReplayRig.__init__(self, player)
        Lent.__init__(self, player, nothing)
        self.persistent = persistent
