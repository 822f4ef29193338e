"""The back office behind a real TLS listener on loopback."""

import asyncio

import pytest

from ohmstead.csms.backoffice import EmbeddedCsms
from ohmstead.edge.authority import Authority
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.interfaces import Interfaces
from ohmstead.edge.sources import real
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_dialer import WebSocketDialer
from ohmstead.edge.websocket_listener import listen
from ohmstead.ports.link import Credentials, Target
from ohmstead.rpc.connection import RpcConnection
from ohmstead.wire import messages as m
from tests.csms.office import PASSWORD, SETTINGS, refuse


@pytest.mark.parametrize("profile", [2, 3])
def test_a_station_boots_over_tls(profile: int) -> None:
    async def main() -> None:
        authority = Authority.generate()
        server, client = authority.issue_server(["localhost"], ["127.0.0.1"]), authority.issue_client("CP1")
        context = server_context(server.chain, server.key, client_roots=(authority.root,))
        csms = EmbeddedCsms(SETTINGS, clock=LoopClock(), sources=real(), sign_csr=authority.sign_csr)
        listener = await listen(
            "127.0.0.1", 0, admit=csms.admit, serve=csms.serve, ssl_context=context, path="/ocpp", name="localhost"
        )
        csms.listens_at(listener.url)
        shown = Credentials(client_certificate=client.chain, client_key=client.key)
        target = Target(
            url=csms.url,
            identity="CP1",
            security_profile=profile,
            credentials=shown if profile == 3 else Credentials(password=PASSWORD),
            roots=(authority.root,),
        )
        link = await WebSocketDialer(Interfaces()).dial(target)
        ids = iter("abcdef")
        station = RpcConnection(link, handler=refuse, new_id=lambda: next(ids), message_timeout=lambda: 60.0)
        running = asyncio.create_task(station.run())
        about = m.ChargingStation(model="Model", vendor_name="Vendor", serial_number="CP1")
        boot = m.BootNotificationRequest(charging_station=about, reason=m.BootReasonEnum.PowerUp)
        assert (await station.call(boot)).status is m.RegistrationStatusEnum.Accepted
        assert csms.stations()[0].security_profile == profile
        await link.close()
        await running
        await listener.close()

    asyncio.run(main())
