"""The embedded CSMS of a fleet in a process of its own: `python -m ohmstead.cli.fleet.embedded`, for `fleet run`."""

import asyncio
import logging
import ssl

import msgspec

from ohmstead.cli.fleet.lines import EmbeddedLine, EmbeddedOrder, standard_input, tell
from ohmstead.cli.logs import log_to_stderr
from ohmstead.cli.run.embedded_csms import HOST, PATH, REQUIRED_SUITES
from ohmstead.cli.run.live import loop_factory
from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.csms.settings import CsmsSettings, CsmsToken, KnownStation, check
from ohmstead.edge.authority import Authority
from ohmstead.edge.certificate_builder import KeyKind
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.sources import real
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import listen
from ohmstead.wire.messages import IdTokenEnum

SPARE_LINKS = 100
"""Connections beside one for each station: of those that reconnect before the old one is gone."""


async def serve() -> None:
    """Serve every station of the order until the parent says something, or ends."""
    parent = await standard_input()
    order = msgspec.json.decode(await parent.readline(), type=EmbeddedOrder)
    settings = _settings(order)
    csms = EmbeddedCsms(settings, clock=LoopClock(), sources=real())
    root, secure = _tls() if order.tls else ("", None)
    links = len(order.passwords) + SPARE_LINKS
    listener = await listen(
        HOST, 0, admit=csms.admit, serve=csms.serve, ssl_context=secure, path=PATH, most_links=links
    )
    csms.listens_at(listener.url)
    tell(EmbeddedLine(url=listener.url, root=root))
    await parent.readline()
    await listener.close()


def _settings(order: EmbeddedOrder) -> CsmsSettings:
    stations = tuple(KnownStation(identity=one, password=password) for one, password in order.passwords.items())
    cards = tuple(CsmsToken(id_token=card, type=IdTokenEnum(kind)) for card, kind in order.cards)
    settings = CsmsSettings(stations=stations, tokens=cards, master_pass_group="")
    check(settings)
    return settings


def _tls() -> tuple[str, ssl.SSLContext]:
    """Return a new authority's root and the TLS of a server that it vouches for."""
    authority = Authority.generate()
    rsa, ec = (authority.issue_server(["localhost"], [HOST], kind=kind) for kind in KeyKind)
    context = server_context(rsa.chain, rsa.key, others=((ec.chain, ec.key),), cipher_suites=REQUIRED_SUITES)
    return authority.root, context


def main() -> None:
    """Serve until the end of the parent."""
    log_to_stderr(logging.ERROR)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve())


if __name__ == "__main__":
    main()
