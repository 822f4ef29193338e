"""SIGINT (Ctrl-C) and SIGTERM: the program ends within two seconds, without a traceback, and leaves no process behind.

The first one ends the program in its handler: nothing is thrown into whatever runs just then, an import, a destructor,
a callback, where it could be swallowed or shown. What has to be kept is written as it comes, so it is there already. A
command that ends in good order asks for that (`gently`) and has some time for it. A second signal ends it at once.
"""

import _thread
import atexit
import os
import select
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEADLINE = 1.7
"""Seconds after the first signal at which the program is gone, whatever still runs."""
CODE = 128
"""Plus the number of the signal: the exit code, as a shell tells it."""
WORDS = "stopped"
SHOW_CURSOR = b"\r\x1b[2K\x1b[?25h"
"""Takes away what a progress bar has left in its line."""

T = TypeVar("T")
Words = Callable[[], str]


class _Interruption:
    """What is known of it in this process."""

    def __init__(self) -> None:
        self.number = 0
        """Of the first signal; 0: none has come."""
        self.gentle: Callable[[], object] | None = None
        self.within = DEADLINE
        self.words: list[Words] = []
        self.pipe: tuple[int, int] | None = None

    def strike(self, number: int, _frame: "FrameType | None") -> None:
        """Take a signal."""
        if self.number:
            leave(number)
        self.number = number
        if self.pipe is not None:
            os.write(self.pipe[1], b"\0")
        if self.gentle is not None:
            self.gentle()
            return
        self.tell()
        leave(number)

    def tell(self) -> None:
        """Say that it was stopped, and what a command has to say of that."""
        _restore_terminal()
        said = [WORDS]
        for words in reversed(self.words):
            with suppress(Exception):
                said.append(words())
        with suppress(OSError):
            os.write(2, f"ohmstead: {'; '.join(filter(None, said))}\n".encode())

    def watch(self, read: int) -> None:
        """See to it that the program ends in time, even while its main thread is in a library and hears of no signal.

        Bytes that come are numbers of signals, from the interpreter, and zeros, from the handler: of some loops one of
        the two comes only.
        """
        heard, noticed = 0, 0
        number = signal.SIGINT.value
        while max(heard, noticed) < 2:
            patient = None if not heard + noticed else self.within
            if not select.select([read], [], [], patient)[0]:
                break
            for byte in os.read(read, 64):
                noticed += not byte
                heard += byte in SIGNALS
                number = byte or self.number or number
        leave(number)


_here = _Interruption()


def install() -> None:
    """Take both signals from now on, in the main thread."""
    if _here.pipe is not None:
        return
    for number in SIGNALS:
        # Whoever starts a program with a signal ignored (nohup, a shell's `&`) wants it so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _here.strike)
    read, write = os.pipe()
    os.set_blocking(write, False)
    _here.pipe = read, write
    atexit.register(_disregard)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    _thread.start_new_thread(_here.watch, (read,))


def _disregard() -> None:
    """Hear no signal any more: the command is over, and how it ended is its exit code."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def struck() -> int:
    """Return the number of the signal that has come; 0: none."""
    return _here.number


@contextmanager
def gently(end: Callable[[], object], within: float = DEADLINE) -> Iterator[None]:
    """Let a first signal begin the end of the block in good order.

    Args:
        end: begins it, and returns at once: it is called in the main thread between any two steps of it.
        within: seconds after which the program ends all the same.
    """
    before = _here.gentle, _here.within
    _here.gentle, _here.within = end, within
    try:
        yield
    finally:
        _here.gentle, _here.within = before


async def cancelled_by_signal(work: Awaitable[T]) -> T:
    """Wait for some work; a signal cancels it: it puts in order what it has begun at somebody else's station."""
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel() -> None:
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    with gently(cancel):
        return await work


@contextmanager
def telling(words: Words) -> Iterator[None]:
    """Say something more, should the block be interrupted: how to go on. Empty words are not said."""
    _here.words.append(words)
    try:
        yield
    finally:
        _here.words.remove(words)


def leave(number: int) -> None:
    """End the process now, and every process that it has started."""
    with suppress(Exception):
        _end_descendants()
    _restore_terminal()
    for stream in (sys.stdout, sys.stderr):
        # Without waiting for whoever holds the lock of a stream.
        with suppress(Exception):
            stream.flush()
    with suppress(Exception):
        _remove_temporary_folders()
    os._exit(CODE + number)


def _remove_temporary_folders() -> None:
    """Remove the folders of this process (`edge.private_files.temporary_folder`)."""
    # Imported here: until the handlers are set, a signal would end in a traceback.
    from shutil import rmtree
    from tempfile import gettempdir

    with os.scandir(gettempdir()) as entries:
        for entry in entries:
            name = entry.name.split("-")
            if name[:1] == ["ohmstead"] and name[2:3] == [str(os.getpid())]:
                if entry.is_dir(follow_symlinks=False):
                    rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - `pathlib` is imported late here


def _restore_terminal() -> None:
    for descriptor in (1, 2):
        with suppress(OSError):
            if os.isatty(descriptor):
                os.write(descriptor, SHOW_CURSOR)
                return


def _end_descendants() -> None:
    """Kill what this process has started, and what that has started; a whole group where it has one of its own."""
    for pid in descendants(os.getpid()):
        with suppress(OSError):
            own_group = os.getpgid(pid) == pid
            (os.killpg if own_group else os.kill)(pid, signal.SIGKILL)


def descendants(ancestor: int) -> list[int]:
    """Return the ids of all processes below one, parents before their children."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found, ahead = [], [ancestor]
    while ahead:
        below = children.get(ahead.pop(0), [])
        found += below
        ahead += below
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """Yield (process, its parent) of all that run."""
    from pathlib import Path

    processes = Path("/proc")
    if not (processes / "self" / "stat").exists():
        yield from _parents_by_ps()
        return
    for entry in processes.iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                # The name in parentheses may have anything in it.
                yield int(entry.name), int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])


def _parents_by_ps() -> Iterator[tuple[int, int]]:
    from subprocess import DEVNULL, run

    listed = run(["ps", "-Ao", "pid=,ppid="], capture_output=True, stdin=DEVNULL, text=True, check=False, timeout=1.0)
    for line in listed.stdout.splitlines():
        pid, parent = line.split()
        yield int(pid), int(parent)
