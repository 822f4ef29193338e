"""Endpoints for our own station: on this machine, under the root that stations are born with or another one."""

import functools

from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import Issued, KeyKind
from ohmstead.lab.rig import Accept, Pretend, ServerFault
from ohmstead.lab.rigs.authorities import ANOTHER, LATER, OVER, stranger
from ohmstead.lab.rigs.firmware_images import ALWAYS, authority_of, born_with
from ohmstead.lab.rigs.listen_address import LOOPBACK, ListenAddress
from ohmstead.lab.rigs.socket_endpoint import Listening, SocketEndpoint
from ohmstead.ports.link import Admit, Serve
from ohmstead.product.profile import Product

DOMAIN = "lab.localhost"
"""Names below `localhost` lead to this machine (RFC 6761, 6.3); this one is deep enough for a wildcard to match."""
NAME = f"csms.{DOMAIN}"
HERE = ListenAddress(tls=True, address=LOOPBACK, port=0, path="/ocpp", names=(NAME,), ips=())


class OwnStationEndpoint(SocketEndpoint):
    """An endpoint on a free port of loopback."""

    def __init__(self, authority: Authority, product: Product) -> None:
        super().__init__(HERE, authority, product.security.cipher_suites, (born_with(product).root,))
        self._next = functools.partial(authority_of, ANOTHER, product, own_root=True)

    def _shown(self, policy: Listening) -> Issued:
        authority = self._next() if policy == Accept(next_root=True) else self._authority
        return _certificate(authority, policy.fault if isinstance(policy, Pretend) else None, self._kind)


@functools.cache
def _certificate(authority: Authority, fault: ServerFault | None, kind: KeyKind) -> Issued:
    match fault:
        case ServerFault.Expired:
            return authority.issue_server([NAME], validity=OVER, kind=kind)
        case ServerFault.NotYetValid:
            return authority.issue_server([NAME], validity=LATER, kind=kind)
        case ServerFault.UnknownRoot:
            return stranger().issue_server([NAME], validity=ALWAYS, kind=kind)
        case ServerFault.WrongName:
            return authority.issue_server([f"other.{DOMAIN}"], validity=ALWAYS, kind=kind)
        case ServerFault.Wildcard:
            return authority.issue_server([f"*.{DOMAIN}"], validity=ALWAYS, kind=kind)
        case _:
            return authority.issue_server([NAME], validity=ALWAYS, kind=kind)


async def open_endpoint(
    number: int, product: Product, admit: Admit, serve: Serve, *, own_root: bool = False
) -> OwnStationEndpoint:
    """Open an endpoint; see `lab.rig.Rig.open`."""
    endpoint = OwnStationEndpoint(authority_of(number, product, own_root=own_root), product)
    await endpoint.open(admit, serve)
    return endpoint
