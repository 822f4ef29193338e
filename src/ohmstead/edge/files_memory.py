"""File servers in memory, and the Files port to reach them: they hold, throttle, cut and refuse as they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from ohmstead.ports.files import Progress, Reason, TransferFailed, TransferTerms, checked, shown

CHUNK = 4096
"""Bytes that travel at once."""


class Behavior(msgspec.Struct, frozen=True, kw_only=True):
    """What a server does with a transfer."""

    latency: float = 0.01
    """Seconds until it answers."""
    hold: bool = False
    """Stay silent until another behavior is set."""
    rate: float = 0.0
    """Bytes a second; 0: all at once."""
    cut_after: int | None = None
    """Bytes of one transfer after which the connection breaks."""
    refuse: Reason | None = None
    """Answer every transfer with this."""


class MemoryTransfer(msgspec.Struct, kw_only=True):
    """One attempt, as the servers saw it; it grows while it runs."""

    time: float
    """When it began, seconds of the loop."""
    kind: str
    """`upload` or `download`."""
    url: str
    """Without credentials."""
    name: str = ""
    """The file name that an upload brings along."""
    offset: int = 0
    """Where a download went on."""
    content: bytes = b""
    """What has been moved in this attempt."""
    outcome: str = ""
    """`done`, `cancelled`, or the Reason; empty while it runs."""


class MemoryFileServers:
    """All file servers of a site.

    Attributes:
        files: URL (without credentials) -> what can be downloaded there.
        places: URLs below which uploads are taken.
        uploads: (URL, content) of every upload that arrived, oldest first.
        transfers: every attempt, oldest first.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.places: set[str] = set()
        self.uploads: list[tuple[str, bytes]] = []
        self.transfers: list[MemoryTransfer] = []
        self._behaviors: dict[str, Behavior] = {}
        self._changed = asyncio.Event()

    def behave(self, behavior: Behavior, prefix: str = "") -> None:
        """Set what happens to transfers whose URL begins with a prefix; running ones notice too."""
        self._behaviors[prefix] = behavior
        self._changed.set()
        self._changed = asyncio.Event()

    def behavior(self, url: str) -> Behavior:
        """Return what is set for a URL: the longest prefix counts."""
        matching = [prefix for prefix in self._behaviors if url.startswith(prefix)]
        return self._behaviors[max(matching, key=len)] if matching else Behavior()

    async def answer(self, url: str) -> None:
        """Wait as long as the server is silent. Raises TransferFailed if it refuses."""
        await asyncio.sleep(self.behavior(url).latency)
        while self.behavior(url).hold:
            await self._changed.wait()
        refusal = self.behavior(url).refuse
        if refusal is not None:
            raise TransferFailed(refusal, f"{url}: refused")

    def target(self, url: str, name: str) -> str:
        """Return where an upload goes. Raises TransferFailed with NotFound outside of every place."""
        if not any(url.startswith(place) for place in self.places):
            raise TransferFailed(Reason.NotFound, f"{url}: no such place")
        return url + name if url.endswith("/") else url


class MemoryFiles:
    """The Files port on servers in memory, for one run of a station.

    Args:
        servers: what there is to reach.
        disk: the station's own files; the next run gets the same.
        passable: whether the network is up.
        room: bytes that the disk holds.
    """

    def __init__(
        self,
        servers: MemoryFileServers,
        disk: dict[str, bytes],
        *,
        passable: Callable[[], bool] = lambda: True,
        room: int = 1 << 30,
    ) -> None:
        self._servers = servers
        self._disk = disk
        self._passable = passable
        self._room = room
        self._severed = False

    async def upload(
        self, url: str, name: str, chunks: Sequence[bytes], terms: TransferTerms, progress: Progress | None = None
    ) -> None:
        """Put a file at a URL; see the port."""
        checked(url, terms.protocols)
        transfer = self._begin("upload", url, name)
        content = b"".join(chunks)
        with _noted(transfer):
            await self._answered(transfer.url, terms)
            target = self._servers.target(transfer.url, name)
            async for piece in self._travel(transfer.url, content):
                transfer.content += piece
                if progress is not None:
                    progress(len(transfer.content), len(content))
            self._servers.uploads.append((target, content))

    async def download(self, url: str, name: str, terms: TransferTerms, progress: Progress | None = None) -> None:
        """Get a file; see the port."""
        checked(url, terms.protocols)
        transfer = self._begin("download", url, name)
        with _noted(transfer):
            await self._answered(transfer.url, terms)
            whole = self._servers.files.get(transfer.url)
            if whole is None:
                raise TransferFailed(Reason.NotFound, f"{transfer.url}: no such file")
            if len(whole) > terms.limit:
                raise TransferFailed(Reason.TooLarge, f"{len(whole)} bytes are more than {terms.limit}")
            part = self._disk.get(name, b"")
            transfer.offset = len(part) if len(part) <= len(whole) else 0
            self._disk[name] = part[: transfer.offset]
            async for piece in self._travel(transfer.url, whole[transfer.offset :]):
                transfer.content += piece
                self._keep(name, piece)
                if progress is not None:
                    progress(len(self._disk[name]), len(whole))

    def read(self, name: str) -> Iterator[bytes]:
        """Return a downloaded file in chunks; see the port."""
        self._check()
        if name not in self._disk:
            raise TransferFailed(Reason.NotFound, f"{name} is not there")
        content = self._disk[name]
        return (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))

    def discard(self, name: str) -> None:
        """Remove a downloaded file."""
        self._check()
        self._disk.pop(name, None)

    def sever(self) -> None:
        """End every use; see the port."""
        self._severed = True

    def _begin(self, kind: str, url: str, name: str) -> MemoryTransfer:
        self._check()
        transfer = MemoryTransfer(time=asyncio.get_running_loop().time(), kind=kind, url=shown(url), name=name)
        self._servers.transfers.append(transfer)
        return transfer

    async def _answered(self, url: str, terms: TransferTerms) -> None:
        if not self._passable():
            raise TransferFailed(Reason.Unreachable, f"{url}: no network")
        try:
            async with asyncio.timeout(terms.silence):
                await self._servers.answer(url)
        except TimeoutError:
            raise TransferFailed(Reason.TimedOut, f"{url}: silent for {terms.silence:g} s") from None

    async def _travel(self, url: str, content: bytes) -> AsyncIterator[bytes]:
        """Yield the pieces of a content as they arrive."""
        moved = 0
        for start in range(0, len(content), CHUNK):
            behavior = self._servers.behavior(url)
            piece = content[start : start + CHUNK]
            await asyncio.sleep(len(piece) / behavior.rate if behavior.rate else 0)
            self._check()
            limit = self._servers.behavior(url).cut_after
            if not self._passable() or (limit is not None and moved + len(piece) > limit):
                raise TransferFailed(Reason.Broken, f"{url}: the connection broke after {moved} bytes")
            moved += len(piece)
            yield piece

    def _keep(self, name: str, piece: bytes) -> None:
        used = sum(len(content) for content in self._disk.values())
        if used + len(piece) > self._room:
            raise TransferFailed(Reason.NoRoom, f"{self._room} bytes are full")
        self._disk[name] += piece

    def _check(self) -> None:
        if self._severed:
            raise TransferFailed(Reason.Severed, "the station has no power")


@contextmanager
def _noted(transfer: MemoryTransfer) -> Iterator[None]:
    """Write down how a transfer ended."""
    try:
        yield
        transfer.outcome = "done"
    except TransferFailed as failure:
        transfer.outcome = failure.reason.value
        raise
    finally:
        transfer.outcome = transfer.outcome or "cancelled"
