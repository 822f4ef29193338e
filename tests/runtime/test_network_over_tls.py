"""Over real TLS WebSockets: a new password, and the way up to security profile 3 (A01, A05, B10)."""

import asyncio
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.websocket_listener import WebSocketListener, listen
from ohmstead.ports.link import Handshake, Link
from ohmstead.wire import messages as wire
from tests.peers.real_station import IDENTITY, PASSWORD, RealStation, authority, csms_context, provisioning
from tests.runtime.site import ScriptedCsms

NEW = "staple-of-the-horses"


class TlsCsms(ScriptedCsms):
    """A scripted CSMS behind a real port, which remembers every handshake that it let in."""

    def __init__(self, password: str) -> None:
        super().__init__(LoopClock())
        self.password = password
        self.seen: list[Handshake] = []

    def admit(self, handshake: Handshake) -> int:
        """Check the password where one is shown."""
        if handshake.password not in (None, self.password):
            return 401
        self.seen.append(handshake)
        return 101

    async def serve(self, link: Link) -> None:
        """Serve one connection, and say that it is there."""
        asyncio.get_running_loop().call_soon(self._arrived.set)
        await super().serve(link)

    async def listen(self, profile: int) -> WebSocketListener:
        """Open the port."""
        context = csms_context(profile)
        return await listen(
            "127.0.0.1",
            0,
            admit=self.admit,
            serve=self.serve,
            ssl_context=context,
            path="/ocpp",
            name="localhost",
            subprotocol="ocpp2.0.1",
        )

    async def set(self, component: str, name: str, value: str) -> wire.SetVariableStatusEnum:
        """Set a variable."""
        data = wire.SetVariableData(
            attribute_value=value, component=wire.Component(name=component), variable=wire.Variable(name=name)
        )
        response = await self.call(wire.SetVariablesRequest(set_variable_data=(data,)))
        return response.set_variable_result[0].attribute_status


def test_a_new_password_and_then_a_client_certificate(tmp_path: Path) -> None:
    async def scene() -> None:
        first, second = TlsCsms(PASSWORD), TlsCsms("nobody's")
        basic, certified = await first.listen(2), await second.listen(3)
        client = authority().issue_client(IDENTITY)
        config = replace(provisioning(basic.url, 2), client_certificate=client.chain, client_key=client.key)
        station = RealStation(config, tmp_path)
        life = asyncio.create_task(station.host.run())
        try:
            await first.until(lambda: len(first.of(wire.StatusNotificationRequest)) == 2, 20)
            first.password = NEW
            assert await first.set("SecurityCtrlr", "BasicAuthPassword", NEW) is wire.SetVariableStatusEnum.Accepted
            await first.until(lambda: len(first.seen) == 2 and first.rpc is not None, 20)
            assert [handshake.password for handshake in first.seen] == [PASSWORD, NEW]

            profile = wire.NetworkConnectionProfile(
                ocpp_version=wire.OCPPVersionEnum.OCPP20,
                ocpp_transport=wire.OCPPTransportEnum.JSON,
                ocpp_csms_url=certified.url,
                message_timeout=20,
                security_profile=3,
                ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
            )
            slot = wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=profile)
            assert (await first.call(slot)).status is wire.SetNetworkProfileStatusEnum.Accepted
            status = await first.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1")
            assert status is wire.SetVariableStatusEnum.RebootRequired
            await first.call(wire.ResetRequest(type=wire.ResetEnum.Immediate))
            await second.until(lambda: len(second.of(wire.StatusNotificationRequest)) == 2, 30)
            (handshake,) = second.seen
            assert handshake.password is None
            assert handshake.tls is not None
            assert f"CN={IDENTITY}" in (handshake.tls.client_certificate_subject or "")
            assert station.host.station is not None
            assert station.host.station.access.network.slots.keys() == {2}
        finally:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life
            await basic.close()
            await certified.close()

    asyncio.run(scene())
