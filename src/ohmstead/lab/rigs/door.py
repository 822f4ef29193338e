"""An endpoint of the lab on sockets: TLS WebSocket listeners, good and hostile ones, with a switch before them."""

import functools
import ssl
from datetime import UTC, datetime, timedelta

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificates import Issued, Validity
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.lab.rig import Accept, Attempt, Meeting, Pretend, RejectUpgrade, ServerFault
from ohmstead.lab.rigs.authorities import ANOTHER, OVER, stranger
from ohmstead.lab.rigs.firmware_images import ALWAYS, authority_of, born_with
from ohmstead.lab.rigs.switch import Switch
from ohmstead.ports.link import Admit, Handshake, Serve
from ohmstead.product.profile import Product

ADDRESS = "127.0.0.1"
DOMAIN = "lab.localhost"
"""Names below `localhost` lead to this machine (RFC 6761, 6.3); this one is deep enough for a wildcard to match."""
NAME = f"csms.{DOMAIN}"
PATH = "/ocpp"
LATER = Validity(datetime(2100, 1, 1, tzinfo=UTC), timedelta(days=365))
"""Not yet valid on any rig."""
OLD = {ServerFault.Tls10: ssl.TLSVersion.TLSv1, ServerFault.Tls11: ssl.TLSVersion.TLSv1_1}


class SocketDoor:
    """One endpoint (`lab.rig.Door`): a switch in front of TLS WebSocket listeners."""

    def __init__(self, authority: Authority, product: Product, admit: Admit, serve: Serve) -> None:
        self._authority = authority
        self._next = functools.partial(authority_of, ANOTHER, product, own_root=True)
        self._suites = product.security.cipher_suites
        self._switch = Switch(ADDRESS, self._listen)
        self._plain = False
        self._admit = admit
        self._serve = serve
        self._listeners: dict[Accept | Pretend | RejectUpgrade, WebSocketListener] = {}

    @property
    def url(self) -> str:
        """What the station dials."""
        return f"{'ws' if self._plain else 'wss'}://{NAME}:{self._switch.port}{PATH}"

    @property
    def root(self) -> str:
        """PEM root of its certificate."""
        return self._authority.root

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """TCP connections that the station has opened."""
        return tuple(self._switch.attempts)

    def meet(self, how: Meeting) -> None:
        """Meet attempts this way from now on."""
        if isinstance(how, Accept):
            self._plain = how.plain
        self._switch.how = how

    async def open(self) -> None:
        """Listen on free ports."""
        await self._switch.open(await self._listen(Accept()))

    async def _listen(self, how: Accept | Pretend | RejectUpgrade) -> int:
        """Return the port of the listener for a way to meet attempts; it is opened at the first use.

        One for each, so that an attempt is met as it was when it began.
        """
        if how not in self._listeners:
            self._listeners[how] = await listen(
                ADDRESS,
                0,
                admit=functools.partial(self._decide, how),
                serve=self._serve,
                ssl_context=None if how == Accept(plain=True) else self._context(how),
                path=PATH,
                name=NAME,
            )
        return int(self._listeners[how].url.rsplit(":", 1)[1].split("/")[0])

    def _decide(self, how: Accept | Pretend | RejectUpgrade, handshake: Handshake) -> int:
        status = self._admit(handshake)
        return how.status if isinstance(how, RejectUpgrade) else status

    def _context(self, how: Accept | Pretend | RejectUpgrade) -> ssl.SSLContext:
        fault = how.fault if isinstance(how, Pretend) else None
        authority = self._next() if how == Accept(next_root=True) else self._authority
        # Not in a thread: two at once would make two authorities, and the cache would keep one of them.
        shown = _certificate(authority, fault)
        roots = (born_with().root,)
        if fault in OLD:
            old = OLD[fault]
            return server_context(shown.chain, shown.key, client_roots=roots, versions=(old, old), security_level=0)
        return server_context(shown.chain, shown.key, client_roots=roots, cipher_suites=self._suites)

    async def close(self) -> None:
        """End everything that is open."""
        await self._switch.close()
        for listener in self._listeners.values():
            await listener.close()


@functools.cache
def _certificate(authority: Authority, fault: ServerFault | None) -> Issued:
    match fault:
        case ServerFault.Expired:
            return authority.issue_server([NAME], validity=OVER)
        case ServerFault.NotYetValid:
            return authority.issue_server([NAME], validity=LATER)
        case ServerFault.UnknownRoot:
            return stranger().issue_server([NAME], validity=ALWAYS)
        case ServerFault.WrongName:
            return authority.issue_server([f"other.{DOMAIN}"], validity=ALWAYS)
        case ServerFault.Wildcard:
            return authority.issue_server([f"*.{DOMAIN}"], validity=ALWAYS)
        case _:
            return authority.issue_server([NAME], validity=ALWAYS)


async def open_door(number: int, product: Product, admit: Admit, serve: Serve, *, own_root: bool = False) -> SocketDoor:
    """Open an endpoint; see `lab.rig.Rig.open`."""
    door = SocketDoor(authority_of(number, product, own_root=own_root), product, admit, serve)
    await door.open()
    return door
