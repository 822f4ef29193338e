"""Files that travel between the station and a file server: logs up, firmware down (L01, N01)."""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from ohmstead.wire.hosts import wrong_host
from ohmstead.wire.printable import printable

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here (or there) so far, and with the size of the whole where it is known."""


class Reason(StrEnum):
    """Why a transfer did not come about, or broke off."""

    BadUrl = "BadUrl"
    """Not a URL of a file on a server."""
    Unsupported = "Unsupported"
    """A scheme that the product does not have (ORS-24), or a method that the server does not."""
    Unreachable = "Unreachable"
    """Name not found, no route, refused."""
    TimedOut = "TimedOut"
    """The server stayed silent for too long."""
    Untrusted = "Untrusted"
    """The TLS handshake failed: chain, dates, name, version."""
    Denied = "Denied"
    """The server wants other credentials, or does not allow it to these."""
    NotFound = "NotFound"
    """There is no such file or place."""
    BadMessage = "BadMessage"
    """The server found the request badly formed, or answered what nobody can read."""
    TooLarge = "TooLarge"
    """More bytes than the limit."""
    Redirects = "Redirects"
    """Too many redirects, or one to where the station does not go."""
    Broken = "Broken"
    """The connection ended, or the server failed, in the middle."""
    NoRoom = "NoRoom"
    """The station's own disk is full, or cannot be written."""
    Severed = "Severed"
    """The station has no power any more."""


PASSING = frozenset({Reason.Unreachable, Reason.TimedOut, Reason.Broken})
"""Reasons that a later attempt may well not meet again."""


OWN_RETRIES = 2
"""Attempts after the first one if the CSMS does not say how many, and only after failures that may pass."""
OWN_INTERVAL = 10
"""Seconds between attempts if the CSMS does not say."""
LEAST_INTERVAL = 1
"""Seconds between attempts at least, so that many retries without an interval do not keep the station busy."""


LONGEST = 14 * 86_400
"""Seconds that all the waits between the attempts of one job may take together, so that no job blocks for years."""


def wrong_retries(retries: int | None, interval: int | None) -> str | None:
    """Say why a job is not tried as often and as slowly as the CSMS asks for; None: it is."""
    if retries is not None and retries < 0:
        return "retries must not be negative"
    if interval is not None and interval < 0:
        return "retryInterval must not be negative"
    if (OWN_RETRIES if retries is None else retries) * interval_of(interval) > LONGEST:
        return f"retries times retryInterval must not be more than {LONGEST} s"
    return None


def bounded(retries: int | None, interval: int) -> tuple[int | None, int]:
    """Return retries and interval of a stored job, which an earlier version may have accepted, within `LONGEST`."""
    wanted = OWN_RETRIES if retries is None else max(0, retries)
    if wanted * interval <= LONGEST:
        return retries, interval
    interval = min(interval, LONGEST // 100)
    return min(wanted, LONGEST // interval), interval


def interval_of(wanted: int | None) -> int:
    """Return the seconds between attempts for what the CSMS asked for; None: it did not say."""
    return OWN_INTERVAL if wanted is None else max(LEAST_INTERVAL, wanted)


def last_attempt(retries: int | None, failed: int, reason: Reason) -> bool:
    """Say whether no further attempt follows the one that has just failed.

    Args:
        retries: what the CSMS asked for; 3 makes four attempts. None: it left that to the station.
        failed: attempts that had failed before.
        reason: why this one did.
    """
    if retries is None:
        return reason not in PASSING or failed >= OWN_RETRIES
    return failed >= retries


class FileRefused(Exception):
    """The station does not even try.

    Attributes:
        reason: BadUrl or Unsupported.
        detail: one line for the log, without credentials.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class TransferFailed(Exception):
    """One attempt failed; what a download has got so far stays for the next one.

    Attributes:
        reason: the kind of failure.
        detail: one line for the log, without credentials.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class TransferTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of a transfer; docs/limits.md lists what bounds a server."""

    protocols: tuple[str, ...] = ("HTTP", "HTTPS", "FTP", "FTPS")
    """What the product supports (ORS-24)."""
    roots: tuple[str, ...] = ()
    """PEM certificates that vouch for servers (N01.FR.15)."""
    limit: int = 256 << 20
    """Bytes beyond which a download is given up."""
    silence: float = 30.0
    """Seconds that a server may stay silent."""
    answer: float = 120.0
    """Seconds in all until the file begins to travel, however busily the server talks, and until the last answer."""
    answer_bytes: int = 64 << 10
    """Bytes in all of what a server says beside the file: status, headers, greetings, replies."""
    whole: float = 3600.0
    """Seconds that one attempt may take; the next one goes on with what is here."""


class Files(Protocol):
    """File transfers, and the station's own place for what it has downloaded; one for each run of a station."""

    async def upload(
        self, url: str, name: str, chunks: Sequence[bytes], terms: TransferTerms, progress: Progress | None = None
    ) -> None:
        """Put a file at a URL: under this name where the URL is a directory's.

        Raises:
            FileRefused, TransferFailed: see there.
        """
        ...

    async def download(self, url: str, name: str, terms: TransferTerms, progress: Progress | None = None) -> None:
        """Get a file into the station's own place; what an earlier attempt left under this name is continued.

        Raises:
            FileRefused, TransferFailed: see there.
        """
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """Return a downloaded file in chunks. Raises TransferFailed with NotFound if it is not there."""
        ...

    def discard(self, name: str) -> None:
        """Remove a downloaded file, whole or not; one that is not there stays away."""
        ...

    def sever(self) -> None:
        """Cut off by a power cut: transfers end where they are, later use fails with Severed."""
        ...


MOST_URL = 2048
"""Characters of a URL that is still looked at."""
_PLACE = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?")
"""Host and port; the library takes `[::1]x` for `::1`, and digits of every script."""


def checked(url: str, protocols: Sequence[str]) -> str:
    """Return the scheme (lower case) of a URL that the station may go to. Raises FileRefused.

    A URL names a host and is of a protocol that the product has; so `file:` and the like never pass.
    """
    if len(url) > MOST_URL or any(char.isspace() for char in url) or printable(url) != url:
        raise FileRefused(Reason.BadUrl, "too long, or with characters that no URL has")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise FileRefused(Reason.BadUrl, "not a URL") from None
    if port == 0 or _PLACE.fullmatch(parts.netloc.rpartition("@")[2]) is None:
        raise FileRefused(Reason.BadUrl, "its host and port are no place")
    if parts.scheme.upper() not in protocols:
        raise FileRefused(Reason.Unsupported, f"the scheme {parts.scheme[:10]!r} is none of {', '.join(protocols)}")
    if not host:
        raise FileRefused(Reason.BadUrl, "it names no host")
    wrong = wrong_host(host)
    if wrong is not None:
        raise FileRefused(Reason.BadUrl, wrong)
    return parts.scheme


def shown(url: str) -> str:
    """Return a URL for the log: without credentials (whatever is before its last @), query and fragment."""
    scheme, found, rest = url.partition("://")
    if not found:
        return "(not a URL)"
    try:
        parts = urlsplit(f"{scheme}://{rest.rpartition('@')[2]}")
        port = f":{parts.port}" if parts.port else ""
        # Some write all of it in percent signs; a host has none.
        host = (parts.hostname or "").rpartition("%40")[2]
        host = f"[{host}]" if ":" in host else host
        path = re.split("%3f", parts.path, maxsplit=1, flags=re.IGNORECASE)[0]
        return printable(f"{parts.scheme}://{host}{port}{path}")
    except ValueError:
        return "(not a URL)"
