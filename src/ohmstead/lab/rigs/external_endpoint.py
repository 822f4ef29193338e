"""Endpoints for a station that is none of ours: on an address that it reaches, TLS or not, under a root of our own."""

from collections.abc import Callable
from pathlib import Path

from ohmstead.edge.authority import DEFAULT_VALIDITY, Authority
from ohmstead.edge.certificate_builder import Issued, Validity
from ohmstead.lab.rig import Accept, ConnectionPolicy, Pretend, ServerFault
from ohmstead.lab.rigs.authorities import LATER, OVER, stranger
from ohmstead.lab.rigs.listen_address import ListenAddress
from ohmstead.lab.rigs.socket_endpoint import Listening, SocketEndpoint
from ohmstead.lab.verdict import Inconclusive


class ExternalEndpoint(SocketEndpoint):
    """An endpoint at a place of its own."""

    def __init__(
        self,
        place: ListenAddress,
        authority: Authority,
        successor: Callable[[], Authority],
        suites: tuple[str, ...],
        client_roots: tuple[str, ...],
        folder: Path,
    ) -> None:
        """Make an endpoint that is not open yet; see `SocketEndpoint` for the other arguments.

        Args:
            successor: returns the authority that follows (`lab.rig.Accept.next_root`).
            folder: keeps its certificate.
        """
        super().__init__(place, authority, suites, client_roots)
        self._successor = successor
        self._folder = folder

    def set_policy(self, policy: ConnectionPolicy) -> None:
        """Treat attempts by this policy from now on. Raises Inconclusive for what cannot be had at this place."""
        if (isinstance(policy, Pretend) or policy == Accept(next_root=True)) and not self._place.tls:
            raise Inconclusive("there is no TLS at this endpoint")
        if policy == Pretend(ServerFault.Wildcard):
            # Said now: at the attempt it would look as if the station had turned away.
            self._domain()
        super().set_policy(policy)

    def _shown(self, policy: Listening) -> Issued:
        if policy == Accept(next_root=True):
            return self._issue(DEFAULT_VALIDITY, self._successor())
        names, ips = self._place.names, self._place.ips
        match policy.fault if isinstance(policy, Pretend) else None:
            case ServerFault.Expired:
                return self._issue(OVER)
            case ServerFault.NotYetValid:
                return self._issue(LATER)
            case ServerFault.UnknownRoot:
                return stranger().issue_server(names, ips, validity=DEFAULT_VALIDITY, kind=self._kind)
            case ServerFault.WrongName:
                return self._authority.issue_server(["other.invalid"], kind=self._kind)
            case ServerFault.Wildcard:
                return self._authority.issue_server([f"*.{self._domain()}"], kind=self._kind)
            case _:
                return self._authority.server_certificate(self._folder, names, ips, kind=self._kind)

    def _domain(self) -> str:
        _, _, domain = self._place.host.partition(".")
        if not domain or not self._place.names:
            raise Inconclusive(f"a wildcard needs a host name with a domain, not {self._place.host}: --csms-name")
        return domain

    def _issue(self, validity: Validity, authority: Authority | None = None) -> Issued:
        signer = authority or self._authority
        return signer.issue_server(self._place.names, self._place.ips, validity=validity, kind=self._kind)
