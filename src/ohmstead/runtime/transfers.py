"""File transfers, watched: what is under way, and how far it has come."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ohmstead.ports.bench import TransferView
from ohmstead.ports.files import Files, Progress, TransferTerms


class WatchedFiles:
    """The port `Files` of one run, with a view of its running transfers."""

    def __init__(self, files: Files, changed: Callable[[], None]) -> None:
        self._files = files
        self._changed = changed
        self._running: dict[int, TransferView] = {}
        self._count = 0

    @property
    def running(self) -> tuple[TransferView, ...]:
        """The transfers that are under way, oldest first."""
        return tuple(self._running.values())

    async def upload(
        self, url: str, name: str, chunks: Sequence[bytes], terms: TransferTerms, progress: Progress | None = None
    ) -> None:
        """Put a file at a URL; see the port."""
        with self._watch(name, upload=True, then=progress) as told:
            await self._files.upload(url, name, chunks, terms, told)

    async def download(self, url: str, name: str, terms: TransferTerms, progress: Progress | None = None) -> None:
        """Get a file; see the port."""
        with self._watch(name, upload=False, then=progress) as told:
            await self._files.download(url, name, terms, told)

    def read(self, name: str) -> Iterator[bytes]:
        """Return a downloaded file in chunks; see the port."""
        return self._files.read(name)

    def discard(self, name: str) -> None:
        """Remove a downloaded file; see the port."""
        self._files.discard(name)

    def sever(self) -> None:
        """Cut off by a power cut; see the port."""
        self._files.sever()

    @contextmanager
    def _watch(self, name: str, *, upload: bool, then: Progress | None) -> Iterator[Progress]:
        self._count += 1
        number = self._count

        def told(done: int, size: int | None) -> None:
            self._running[number] = TransferView(name=name, upload=upload, done=done, size=size)
            self._changed()
            if then is not None:
                then(done, size)

        told(0, None)
        try:
            yield told
        finally:
            del self._running[number]
            self._changed()
