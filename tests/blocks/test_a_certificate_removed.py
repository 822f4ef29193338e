"""The last certificate of a station goes by the maker's tool; no way leads up to profile 3 then (AQ-3, A05.FR.03)."""

import pytest
from msgspec.structs import replace

from ohmstead.edge.authority import Authority
from ohmstead.edge.virtual_time import run
from ohmstead.ports.hand import HandRefused
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.blocks.test_b_network import PROFILE, VALIDITY, Accepted, put
from tests.runtime.site import CONFIG, Site, site

PRIORITY = ("OCPPCommCtrlr", "NetworkConfigurationPriority")
SetStatus = wire.SetVariableStatusEnum


def removable(product: Product) -> Product:
    return replace(product, features={**product.features, "AQ-3": True})


async def upgrade(here: Site) -> wire.SetVariableStatusEnum:
    """Try to put a slot with security profile 3 first."""
    assert (await put(here, replace(PROFILE, security_profile=3))).status is Accepted
    return await here.set(*PRIORITY, "2,1")


def test_without_its_certificate_a_station_does_not_go_up_to_profile_3() -> None:
    async def scene() -> None:
        authority = Authority.generate(validity=VALIDITY)
        client = authority.issue_client("CS-001", validity=VALIDITY)
        config = replace(CONFIG, roots=(authority.root,), client_certificate=client.chain, client_key=client.key)
        async with site(product=removable(load("sec1000-240y")), config=config) as here:
            assert await upgrade(here) is SetStatus.RebootRequired
            assert await here.set(*PRIORITY, "1") is SetStatus.RebootRequired
            await here.hand.remove_certificate()
            assert await upgrade(here) is SetStatus.Rejected
            await here.hand.cut_power()
            await here.hand.restore_power()
            await here.csms.until(lambda: bool(here.csms.of(wire.BootNotificationRequest)))
            assert await upgrade(here) is SetStatus.Rejected, "a later life has it again"

    run(scene(), limit=10_000)


def test_a_new_one_can_be_asked_for_after_that() -> None:
    async def scene() -> None:
        async with site(product=removable(load("sec1000-240y"))) as here:
            await here.hand.remove_certificate()
            sign = wire.MessageTriggerEnum.SignChargingStationCertificate
            response = await here.csms.call(wire.TriggerMessageRequest(requested_message=sign))
            assert response.status is wire.TriggerMessageStatusEnum.Accepted
            await here.csms.until(lambda: bool(here.csms.of(wire.SignCertificateRequest)))

    run(scene(), limit=10_000)


def test_where_the_last_one_stays_there_is_no_tool_for_it() -> None:
    async def scene() -> None:
        async with site() as here:
            with pytest.raises(HandRefused, match="AQ-3"):
                await here.hand.remove_certificate()

    run(scene(), limit=10_000)
