"""Lines that could be broken without a test that noticed: each has one now."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.own_certificate import AUTHORITY, YEAR
from tests.runtime.own_certificate import config as certified
from tests.runtime.site import CONFIG, URL, Site, site

GROUP = wire.IdToken(id_token="FLEET-7", type=wire.IdTokenEnum.Central)
CARD = wire.IdToken(id_token="04A1B2C3", type=wire.IdTokenEnum.ISO14443)
NO_KEY = msgspec.structs.replace(
    CONFIG, roots=(AUTHORITY.root,), client_certificate=certified(YEAR).client_certificate, client_key=None
)


def in_virtual_time(scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene."""

    async def played() -> None:
        await scene()

    run(played(), limit=86_400)


def test_a_certificate_without_its_key_is_none_for_profile_3() -> None:
    """A05.FR.03: a slot with security profile 3 needs a certificate that the station can show."""

    async def scene() -> None:
        async with site(config=NO_KEY) as here:
            data = wire.NetworkConnectionProfile(
                ocpp_version=wire.OCPPVersionEnum.OCPP20,
                ocpp_transport=wire.OCPPTransportEnum.JSON,
                ocpp_csms_url=URL,
                message_timeout=30,
                security_profile=3,
                ocpp_interface=wire.OCPPInterfaceEnum.Wired0,
            )
            request = wire.SetNetworkProfileRequest(configuration_slot=2, connection_data=data)
            assert (await here.csms.call(request)).status == "Accepted"
            assert await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "2,1") == "Rejected"

    in_virtual_time(scene)


async def _told(here: Site) -> str:
    """Return what the station tells of the card."""
    told: list[wire.NotifyCustomerInformationRequest] = []

    def hear(request: Request[Response]) -> Response:
        assert isinstance(request, wire.NotifyCustomerInformationRequest)
        told.append(request)
        return wire.NotifyCustomerInformationResponse()

    here.csms.answers[wire.NotifyCustomerInformationRequest] = hear
    request = wire.CustomerInformationRequest(request_id=1, report=True, clear=False, id_token=CARD)
    assert (await here.csms.call(request)).status == "Accepted"
    await here.csms.until(lambda: bool(told) and not told[-1].tbc)
    return "".join(part.data for part in told)


@pytest.mark.parametrize("plugged", [False, True], ids=["cached", "charging"])
def test_a_report_on_a_customer_names_the_group_of_the_card(plugged: bool) -> None:
    """N09: the group is of what is stored with a token, in the cache and in a session, and has no secret."""

    async def scene() -> None:
        async with site() as here:
            info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=GROUP)
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=info)
            if plugged:
                await here.hand.plug(1)
            await here.hand.present(CARD.id_token)
            await asyncio.sleep(30 if plugged else 300)
            lines = (await _told(here)).splitlines()
            about = [line for line in lines if line.startswith("Session" if plugged else "Authorization cache")]
            assert about
            assert all("group Central FLEET-7" in line for line in about), about

    in_virtual_time(scene)


def test_the_journal_goes_on_after_a_reboot() -> None:
    """What happened before it is still there, in its order: no line takes the place of an older one."""

    async def scene() -> None:
        async with site() as here:
            station = here.host.station
            assert station is not None
            before = station.store.rows("journal")
            await here.hand.reboot()
            await asyncio.sleep(60)
            assert here.host.station is not None
            after = here.host.station.store.rows("journal")
            assert after[: len(before)] == before
            assert len(after) > len(before)

    in_virtual_time(scene)


def test_an_empty_network_configuration_priority_is_refused() -> None:
    """B10: without a slot the station could never connect again."""

    async def scene() -> None:
        async with site() as here:
            assert await here.set("OCPPCommCtrlr", "NetworkConfigurationPriority", "") == "Rejected"
            await here.hand.reboot()
            await asyncio.sleep(60)
            assert here.csms.of(wire.BootNotificationRequest)

    in_virtual_time(scene)
