"""A small NTP client: one question, one answer checked, the time when it came (RFC 5905; RFC 4330 for the client).

The question carries a random number where a client's time could stand, so that an answer to nothing is seen; how long
it was on the way is counted by the loop, which no clock disturbs.
"""

import asyncio
import secrets
import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ohmstead.ports.network_time import NoTime
from ohmstead.wire.instants import can_be_now

PORT = 123
PATIENCE = 5.0
"""Seconds for one answer."""
LEASES = Path("/run/systemd/netif/leases")
"""Of systemd-networkd."""
PACKET = struct.Struct(">BBbb11I")
"""Leap, version and mode; stratum; poll; precision; delay, dispersion, id; then four timestamps of two words each."""
QUESTION = 0x23
"""No warning, version 4, mode 3: a client."""
SERVER, UNSYNCHRONIZED, HIGHEST_STRATUM = 4, 3, 15
ERAS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2036, 2, 7, 6, 28, 16, tzinfo=UTC))
"""Where the seconds of a timestamp begin: those with a high first bit are of the first era (RFC 4330, 3)."""
FRACTION = 1 << 32


class NtpClient:
    """Implements `ports.network_time.NetworkTime`.

    Args:
        patience: seconds for one answer.
        leases: where the operating system keeps what DHCP has told it.
    """

    def __init__(self, patience: float = PATIENCE, leases: Path = LEASES) -> None:
        self._patience = patience
        self._leases = leases

    def offered(self) -> tuple[str, ...]:
        """Return the servers of the leases, which networkd keeps a file an interface."""
        found: list[str] = []
        with suppress(OSError):
            for lease in sorted(self._leases.iterdir()):
                lines = lease.read_text("utf-8", "replace").splitlines()
                found += [server for line in lines if line.startswith("NTP=") for server in line[4:].split()]
        return tuple(dict.fromkeys(found))

    async def ask(self, server: str) -> datetime:
        """Return what the time is now, by a server; see the port."""
        host, port = _place(server)
        loop = asyncio.get_running_loop()
        nonce = secrets.randbits(64)
        answer: asyncio.Future[bytes] = loop.create_future()
        try:
            transport, _ = await loop.create_datagram_endpoint(lambda: _Answer(answer), remote_addr=(host, port))
        except (OSError, ValueError) as error:
            raise NoTime(f"{server}: {error}") from None
        try:
            asked = loop.time()
            transport.sendto(PACKET.pack(QUESTION, 0, 0, 0, *(0,) * 9, nonce >> 32, nonce % FRACTION))
            async with asyncio.timeout(self._patience):
                data = await answer
            return _read(server, data, nonce, loop.time() - asked)
        except TimeoutError:
            raise NoTime(f"{server}: no answer within {self._patience:g} s") from None
        except OSError as error:
            raise NoTime(f"{server}: {error}") from None
        finally:
            transport.close()


class _Answer(asyncio.DatagramProtocol):
    """Takes the first datagram; the socket is connected, so that it is of the server."""

    def __init__(self, answer: asyncio.Future[bytes]) -> None:
        self._answer = answer

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Take it."""
        del addr
        if not self._answer.done():
            self._answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there."""
        if not self._answer.done():
            self._answer.set_exception(exc)


def _place(server: str) -> tuple[str, int]:
    """Read `host`, `host:port`, `[address]:port` or a bare address. Raises NoTime."""
    text = server.removeprefix("ntp://").rstrip("/")
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, port = text, str(PORT)
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        raise NoTime(f"{server}: right would be a host name or an address, and a port where it is not {PORT}")
    return host.strip("[]"), int(port)


def _read(server: str, data: bytes, nonce: int, waited: float) -> datetime:
    """Return the time when an answer came. Raises NoTime for one that is none, or of a server without the time."""
    if len(data) < PACKET.size:
        raise NoTime(f"{server}: {len(data)} bytes are no answer")
    flags, stratum, _, _, *words = PACKET.unpack_from(data)
    if (words[5], words[6]) != (nonce >> 32, nonce % FRACTION) or flags & 7 != SERVER:
        raise NoTime(f"{server}: an answer to another question")
    if flags >> 6 == UNSYNCHRONIZED or not 0 < stratum <= HIGHEST_STRATUM or words[9] == words[10] == 0:
        raise NoTime(f"{server}: it does not know the time itself")
    received, sent = _instant(words[7], words[8]), _instant(words[9], words[10])
    on_the_way = max(0.0, waited - (sent - received).total_seconds())
    moment = sent + timedelta(seconds=on_the_way / 2)
    if not can_be_now(moment):
        raise NoTime(f"{server}: {moment.isoformat()} cannot be now")
    return moment


def _instant(seconds: int, fraction: int) -> datetime:
    return ERAS[seconds < FRACTION // 2] + timedelta(seconds=seconds + fraction / FRACTION)
