"""`python -m ohmstead.cli.run.forker`: has all of `ohmstead run` loaded, and forks a station for each line that comes.

A station takes a second of CPU to load and a tenth to start, and a campaign on the wire starts hundreds. What is forked
runs the same command line in a process of its own. Lines are JSON:

    to it:    {"number": 7, "start": ["run", "--headless", ...], "errors": "/tmp/.../stderr.txt"}
              {"number": 7, "signal": 15}
    from it:  {"number": 7, "pid": 4711} when it is forked
              {"number": 7, "said": "..."} for each line of the station's stdout
              {"number": 7, "ended": 143} in the end

When stdin ends, so do it and all its stations: whoever started it is gone.
"""

import gc
import os
import selectors
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import msgspec

LOADED = (
    "ohmstead.cli.main",
    "ohmstead.cli.run.command",
    "ohmstead.cli.run.live",
    "ohmstead.cli.run.page",
)
"""What every station needs. None of it starts a thread or a loop when it is imported."""
READ = 1 << 16


class ForkOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line to the forker."""

    number: int
    start: tuple[str, ...] = ()
    """Arguments of `ohmstead`."""
    errors: str = ""
    """File for its stderr."""
    signal: int = 0


class ForkNews(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line from it."""

    number: int
    pid: int | None = None
    said: str | None = None
    ended: int | None = None


class Forker:
    """Forks stations, and follows them."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._processes: dict[int, int] = {}
        """Number of a station -> its process."""
        self._rests: dict[int, bytes] = {}
        """Descriptor -> the beginning of a line."""

    def run(self) -> None:
        """Serve until stdin ends, then end all that run."""
        self._selector.register(0, selectors.EVENT_READ, None)
        while True:
            for key, _ in self._selector.select():
                lines, over = self._read(key.fd)
                if key.data is None:
                    for line in lines:
                        self._obey(msgspec.json.decode(line, type=ForkOrder))
                    if over:
                        return self._end_all()
                else:
                    for line in lines:
                        self._tell(ForkNews(number=key.data, said=line.decode("utf-8", "replace")))
                    if over:
                        self._reap(key.fd, key.data)

    def _read(self, descriptor: int) -> tuple[list[bytes], bool]:
        """Return the whole lines that have come, and whether that was all."""
        data = os.read(descriptor, READ)
        *lines, self._rests[descriptor] = (self._rests.get(descriptor, b"") + data).split(b"\n")
        return lines, not data

    def _obey(self, order: ForkOrder) -> None:
        if order.start:
            self._start(order)
        elif order.number in self._processes:
            os.kill(self._processes[order.number], order.signal)

    def _start(self, order: ForkOrder) -> None:
        read, write = os.pipe()
        process = os.fork()
        if not process:
            self._become_station(order, write)
        os.close(write)
        self._processes[order.number] = process
        self._tell(ForkNews(number=order.number, pid=process))
        self._selector.register(read, selectors.EVENT_READ, order.number)

    def _become_station(self, order: ForkOrder, stdout: int) -> NoReturn:
        code = 1
        try:
            errors = os.open(order.errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            nothing = os.open(os.devnull, os.O_RDONLY)
            for ours, standard in ((nothing, 0), (stdout, 1), (errors, 2)):
                os.dup2(ours, standard)
            self._selector.close()
            os.closerange(3, max(key for key in (stdout, errors, nothing, *self._rests)) + 1)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.argv = ["ohmstead", *order.start]
            from ohmstead.cli.entry import main

            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _reap(self, descriptor: int, number: int) -> None:
        self._selector.unregister(descriptor)
        self._rests.pop(descriptor, None)
        os.close(descriptor)
        _, status = os.waitpid(self._processes.pop(number), 0)
        self._tell(ForkNews(number=number, ended=os.waitstatus_to_exitcode(status)))

    def _tell(self, news: ForkNews) -> None:
        os.write(1, msgspec.json.encode(news) + b"\n")

    def _end_all(self) -> None:
        for process in self._processes.values():
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def main() -> None:
    """Load a station, and fork."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    for name in LOADED:
        import_module(name)
    gc.freeze()
    with suppress(BrokenPipeError):
        Forker().run()


if __name__ == "__main__":
    main()
