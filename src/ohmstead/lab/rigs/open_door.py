"""Endpoints for a station that is none of ours: on an address that it reaches, TLS or not, under a root of our own."""

import functools
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ohmstead.edge.authority import DEFAULT_VALIDITY, Authority
from ohmstead.edge.certificates import Issued, Validity
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.lab.rig import Accept, Attempt, Meeting, Pretend, RejectUpgrade, ServerFault
from ohmstead.lab.rigs.authorities import OVER, stranger
from ohmstead.lab.rigs.door import LATER, OLD
from ohmstead.lab.rigs.switch import Switch
from ohmstead.lab.verdict import Inconclusive
from ohmstead.ports.link import Admit, Handshake, Serve

LOOPBACK = "127.0.0.1"
ANY = ("0.0.0.0", "::")


class PlaceError(ValueError):
    """A `--csms-listen` that cannot be used."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the lab listens, and what a station calls it."""

    tls: bool
    address: str
    """To bind: one of this machine, or 0.0.0.0 for all."""
    port: int
    path: str
    names: tuple[str, ...]
    """Host names that stations may dial; the first one stands in URLs, unless there is none."""
    ips: tuple[str, ...]

    @classmethod
    def parse(cls, url: str, names: tuple[str, ...] = ()) -> "Place":
        """Read `wss://0.0.0.0:9000/ocpp` with the names of this machine, or those given. Raises PlaceError."""
        if not url:
            raise PlaceError("--csms-listen is missing: ws://address:port or wss://address:port")
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise PlaceError(f"{url}: {error}") from None
        if parts.scheme not in ("ws", "wss") or not parts.hostname or port is None:
            raise PlaceError(f"{url} is not ws://address:port or wss://address:port")
        address = parts.hostname
        given = names or _own_names(address)
        return cls(
            tls=parts.scheme == "wss",
            address=address,
            port=port,
            path=parts.path.rstrip("/") or "/ocpp",
            names=tuple(name for name in given if not _is_ip(name)),
            ips=tuple(dict.fromkeys([name for name in given if _is_ip(name)] + _own_ips(address))),
        )

    @property
    def host(self) -> str:
        """What stands in URLs."""
        return (self.names or self.ips)[0]

    @property
    def reachable(self) -> str:
        """An address of this machine that the station can reach, for other servers."""
        return self.ips[0] if self.address in ANY else self.address


def _own_names(address: str) -> tuple[str, ...]:
    if address not in ANY and ip_address_or_none(address) is None:
        return (address,)
    return tuple(dict.fromkeys((socket.getfqdn(), socket.gethostname(), "localhost")))


def _own_ips(address: str) -> list[str]:
    if address not in ANY:
        return [address] if _is_ip(address) else [LOOPBACK]
    found = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: this only asks which address the way out has.
        probe.connect(("192.0.2.1", 9))
        found.append(str(probe.getsockname()[0]))
    return [*found, LOOPBACK]


def ip_address_or_none(text: str) -> str | None:
    """Return the text if it is an IP address."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _is_ip(text: str) -> bool:
    return ip_address_or_none(text) is not None


class OpenDoor:
    """One endpoint (`lab.rig.Door`): a switch on the outside, listeners on loopback behind it."""

    def __init__(
        self,
        place: Place,
        authority: Authority,
        successor: Callable[[], Authority],
        suites: tuple[str, ...],
        client_roots: tuple[str, ...],
        folder: Path,
    ) -> None:
        """Make an endpoint that is not open yet.

        Args:
            place: where.
            authority: vouches for it.
            successor: returns the authority that follows (`rig.Accept.next_root`).
            suites: cipher suites that it speaks.
            client_roots: PEM roots of station certificates.
            folder: keeps its certificate.
        """
        self._place = place
        self._authority = authority
        self._successor = successor
        self._suites = suites
        self._client_roots = client_roots
        self._folder = folder
        self._plain = False
        self._switch = Switch(place.address, self._listen)
        self._listeners: dict[Accept | Pretend | RejectUpgrade, WebSocketListener] = {}
        self._admit: Admit = lambda _handshake: 101
        self._serve: Serve
        self.first = 0
        """Attempts before this one belong to earlier cases."""

    @property
    def url(self) -> str:
        """What the station dials."""
        scheme = "wss" if self._place.tls and not self._plain else "ws"
        return f"{scheme}://{self._place.host}:{self._switch.port}{self._place.path}"

    @property
    def root(self) -> str:
        """PEM root of its certificate."""
        return self._authority.root if self._place.tls else ""

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """TCP connections that the station has opened in this case."""
        return tuple(self._switch.attempts[self.first :])

    @property
    def seen(self) -> int:
        """How many attempts there were in all."""
        return len(self._switch.attempts)

    def meet(self, how: Meeting) -> None:
        """Meet attempts this way from now on."""
        if (isinstance(how, Pretend) or how == Accept(next_root=True)) and not self._place.tls:
            raise Inconclusive("there is no TLS at this endpoint")
        if how == Pretend(ServerFault.Wildcard):
            # Said now: at the attempt it would look as if the station had turned away.
            self._domain()
        if isinstance(how, Accept):
            self._plain = how.plain
        self._switch.how = how

    async def open(self, admit: Admit, serve: Serve) -> None:
        """Listen. Raises OSError when the port cannot be had."""
        self._admit, self._serve = admit, serve
        await self._switch.open(await self._listen(Accept()), self._place.port)

    async def _listen(self, how: Accept | Pretend | RejectUpgrade) -> int:
        """Return the port of the listener for a way to meet attempts, which is opened at the first use."""
        if how not in self._listeners:
            self._listeners[how] = await listen(
                LOOPBACK,
                0,
                admit=functools.partial(self._decide, how),
                serve=self._serve,
                ssl_context=self._context(how) if self._place.tls and how != Accept(plain=True) else None,
                path=self._place.path,
            )
        return int(self._listeners[how].url.rsplit(":", 1)[1].split("/")[0])

    def _decide(self, how: Accept | Pretend | RejectUpgrade, handshake: Handshake) -> int:
        status = self._admit(handshake)
        return how.status if isinstance(how, RejectUpgrade) else status

    def _context(self, how: Accept | Pretend | RejectUpgrade) -> ssl.SSLContext:
        fault = how.fault if isinstance(how, Pretend) else None
        shown = (
            self._shown(fault) if how != Accept(next_root=True) else self._issue(DEFAULT_VALIDITY, self._successor())
        )
        if fault in OLD:
            versions = (OLD[fault], OLD[fault])
            return server_context(
                shown.chain, shown.key, client_roots=self._client_roots, versions=versions, security_level=0
            )
        return server_context(shown.chain, shown.key, client_roots=self._client_roots, cipher_suites=self._suites)

    def _shown(self, fault: ServerFault | None) -> Issued:
        names, ips = self._place.names, self._place.ips
        match fault:
            case ServerFault.Expired:
                return self._issue(OVER)
            case ServerFault.NotYetValid:
                return self._issue(LATER)
            case ServerFault.UnknownRoot:
                return stranger().issue_server(names, ips, validity=DEFAULT_VALIDITY)
            case ServerFault.WrongName:
                return self._authority.issue_server(["other.invalid"])
            case ServerFault.Wildcard:
                return self._authority.issue_server([f"*.{self._domain()}"])
            case _:
                return self._authority.server_certificate(self._folder, names, ips)

    def _domain(self) -> str:
        _, _, domain = self._place.host.partition(".")
        if not domain or not self._place.names:
            raise Inconclusive(f"a wildcard needs a host name with a domain, not {self._place.host}: --csms-name")
        return domain

    def _issue(self, validity: Validity, authority: Authority | None = None) -> Issued:
        return (authority or self._authority).issue_server(self._place.names, self._place.ips, validity=validity)

    async def close(self) -> None:
        """End everything that is open."""
        await self._switch.close()
        for listener in self._listeners.values():
            await listener.close()
