"""An endpoint of the lab on sockets: TLS WebSocket listeners, good and hostile ones, with a switch before them."""

import functools
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TypeAlias

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued, KeyKind
from ohmstead.edge.cipher_suites import is_tls13
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.lab.rig import Accept, Attempt, ConnectionPolicy, Pretend, RejectUpgrade, ServerFault
from ohmstead.lab.rigs.attempt_watch import AttemptWatchers
from ohmstead.lab.rigs.listen_address import LOOPBACK, ListenAddress
from ohmstead.lab.rigs.switch import Switch
from ohmstead.ports.link import Admit, Handshake, Serve
from ohmstead.product.features import SUITE_PAIRS

OLD = {ServerFault.Tls10: ssl.TLSVersion.TLSv1, ServerFault.Tls11: ssl.TLSVersion.TLSv1_1}

Listening: TypeAlias = Accept | Pretend | RejectUpgrade
"""The policies that take a listener."""


def key_kind(suites: Iterable[str]) -> KeyKind:
    """Return the kind of key with which a server can agree on the suite that a product lists first.

    Those of the pairs that every CSMS has (A00.FR.318) come before others, for which it may lack parameters (DHE). The
    names of TLS 1.3 leave it open, so they have no say.
    """
    listed = [suite for suite in suites if not is_tls13(suite)]
    first = next((suite for suite in listed if any(suite in pair for pair in SUITE_PAIRS)), "".join(listed[:1]))
    return KeyKind.EC if "_ECDSA_" in first else KeyKind.RSA


class SocketEndpoint(ABC):
    """One endpoint (`lab.rig.ListenEndpoint`): a switch on the outside, listeners on loopback behind it.

    Attributes:
        first: attempts before this one belong to earlier cases.
        watch: hears of the attempts that are treated as usual.
    """

    def __init__(
        self, place: ListenAddress, authority: Authority, suites: tuple[str, ...], client_roots: Iterable[str]
    ) -> None:
        """Make an endpoint that is not open yet.

        Args:
            place: where.
            authority: vouches for it.
            suites: cipher suites that it speaks.
            client_roots: PEM roots of station certificates.
        """
        self.first = 0
        self._place = place
        self._authority = authority
        self._suites = suites
        self._kind = key_kind(suites)
        self._client_roots = tuple(client_roots)
        self._plain = False
        self.watch = AttemptWatchers(tls=place.tls)
        self._switch = Switch(place.address, self._listen, watch=self.watch)
        self._listeners: dict[Listening, WebSocketListener] = {}
        self._admit: Admit
        self._serve: Serve

    @property
    def url(self) -> str:
        """What the station dials."""
        scheme = "wss" if self._place.tls and not self._plain else "ws"
        return f"{scheme}://{self._place.host}:{self._switch.port}{self._place.path}"

    @property
    def port(self) -> int:
        """The port that it listens on, once it is open."""
        return self._switch.port

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

    def set_policy(self, policy: ConnectionPolicy) -> None:
        """Treat connection attempts by this policy from now on."""
        if isinstance(policy, Accept):
            self._plain = policy.plain
        self._switch.policy = policy

    async def open(self, admit: Admit, serve: Serve) -> None:
        """Listen. Raises OSError when the port cannot be had."""
        self._admit, self._serve = admit, serve
        await self._switch.open(await self._listen(Accept()), self._place.port)

    async def _listen(self, policy: Listening) -> int:
        """Return the port of the listener for a policy; it is opened at the first use.

        One for each, so that an attempt keeps the policy that it began under.
        """
        if policy not in self._listeners:
            self._listeners[policy] = await listen(
                LOOPBACK,
                0,
                admit=functools.partial(self._decide, policy),
                serve=self._serve,
                ssl_context=self._context(policy) if self._place.tls and policy != Accept(plain=True) else None,
                path=self._place.path,
                watch=self.watch,
            )
        return int(self._listeners[policy].url.rsplit(":", 1)[1].split("/")[0])

    def _decide(self, policy: Listening, handshake: Handshake) -> int:
        status = self._admit(handshake)
        return policy.status if isinstance(policy, RejectUpgrade) else status

    def _context(self, policy: Listening) -> ssl.SSLContext:
        # Not in a thread: two at once would make two authorities, and their caches would keep one of them.
        shown, roots = self._shown(policy), self._client_roots
        if isinstance(policy, Pretend) and policy.fault in OLD:
            old = OLD[policy.fault]
            return server_context(shown.chain, shown.key, client_roots=roots, versions=(old, old), security_level=0)
        return server_context(
            shown.chain, shown.key, client_roots=roots, cipher_suites=self._suites, on_failure=self.watch.tls_failed
        )

    @abstractmethod
    def _shown(self, policy: Listening) -> Issued:
        """Return the certificate that is shown to attempts under this policy."""

    async def close(self) -> None:
        """End everything that is open."""
        await self._switch.close()
        for listener in self._listeners.values():
            await listener.close()
