"""One attempt to connect as the lab saw it, and what the lab waits for."""

import msgspec

from ohmstead.lab.client_hello import ClientHello
from ohmstead.lab.waiting.request_head import RequestHead
from ohmstead.ports.link import TlsFacts


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """What the lab waits for."""

    tls: bool
    listen: str
    """`wss://0.0.0.0:9000`: the port at which the lab listens."""
    url: str
    """What the station has to dial, without the identity."""
    path: str
    """Of that URL."""
    names: tuple[str, ...]
    """Host names and addresses that stand in the lab's certificate."""
    identity: str
    password: str
    security_profile: int
    suites: tuple[str, ...]
    """Cipher suites that the lab speaks, names of the IANA registry."""
    root: str = ""
    """Where the root certificate lies that the station has to trust."""

    def __repr__(self) -> str:
        return f"Awaited({self.url!r}, {self.identity!r})"

    @property
    def dialed(self) -> str:
        """The whole URL, with the identity."""
        return f"{self.url}/{self.identity}"

    @property
    def host(self) -> str:
        """Host and port of the URL."""
        return self.url.partition("://")[2].partition("/")[0]


class SeenAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What one connection attempt showed until it was over, or until the station was let in."""

    address: str
    """Where it came from."""
    first: bytes = b""
    """The first bytes on the socket."""
    hello: ClientHello | None = None
    """What it offers for TLS."""
    fault: str = ""
    """Why the TLS handshake failed, in OpenSSL's word."""
    opened: bool = False
    """The way was open for a request."""
    tls: TlsFacts | None = None
    """What was agreed."""
    head: bytes = b""
    """What came instead of a request, or how it began."""
    request: RequestHead | None = None
    status: int = 0
    """With which the request was answered; 0: there was no answer."""
    ending: str = ""
    """How the connection ended that was let in; empty: it is open, or was not let in."""
    waited: bool = False
    """Nothing came within the time that a connection has to begin."""
    replaces: str = ""
    """The address of a connection of the same identity that was still open."""

    def __repr__(self) -> str:
        return f"SeenAttempt({self.address!r}, {self.request!r}, {self.status})"
