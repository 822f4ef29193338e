"""The figures of one station: what its host counts, and its frames, over reboots and power cuts."""

import asyncio

from ohmstead.ports.figures import StationFigures
from ohmstead.ports.link import Link
from ohmstead.rpc.call_statistics import CallStatistics
from ohmstead.rpc.connection import Direction
from ohmstead.runtime.host import Host


class FigureKeeper:
    """Keeps the figures; `seen` is the hook for the frames of the station."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._calls = CallStatistics(host.config.max_frame)
        self._link: Link | None = None
        host.watch(self._look)

    def seen(self, direction: Direction, text: str) -> None:
        """Take note of a frame."""
        way = direction is Direction.Sent
        self._calls.seen("sent" if way else "received", text, asyncio.get_running_loop().time())

    def _look(self) -> None:
        station = self._host.station
        link = None if station is None else station.connection.link
        if link is not self._link:
            if self._link is not None:
                self._calls.disconnected()
            self._link = link

    def figures(self) -> StationFigures:
        """Return them as they are now."""
        counts = self._host.counts
        return StationFigures(
            calls=self._calls.calls,
            unreadable=self._calls.unreadable,
            boots=self._host.runs,
            connections=counts.connections,
            failed_attempts=counts.failed_attempts,
            commits=counts.commits,
            events=dict(counts.events),
            ended=dict(counts.ended),
            discarded=counts.discarded,
        )
