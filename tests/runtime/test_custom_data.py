"""customData is legal in every type of every message (Part 4, 9): whatever a CSMS adds, the station does its work."""

import asyncio

import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from ohmstead.wire.base import CustomData
from tests.runtime.site import Site, site

EXTRA = CustomData({"vendorId": "com.example", "tariff": {"name": "night", "prices": [0.25, None]}})
CARD = wire.IdToken(id_token="04E9A1B2C3D480", type=wire.IdTokenEnum.ISO14443)


def info(status: str) -> wire.IdTokenInfo:
    """An answer about a token with an extension at each place that has room for one."""
    return wire.IdTokenInfo(
        status=wire.AuthorizationStatusEnum(status),
        group_id_token=wire.IdToken(id_token="GROUP", type=wire.IdTokenEnum.Central, custom_data=EXTRA),
        personal_message=wire.MessageContent(format=wire.MessageFormatEnum.UTF8, content="Welcome", custom_data=EXTRA),
        custom_data=EXTRA,
    )


def authorizes(here: Site) -> None:
    here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(
        id_token_info=info("Accepted"), custom_data=EXTRA
    )


async def charging(here: Site) -> None:
    """A card and a cable, and energy flows."""
    await here.hand.present(CARD.id_token)
    await asyncio.sleep(2)
    await here.hand.plug(1)
    await here.csms.until(
        lambda: any(
            event.transaction_info.charging_state is wire.ChargingStateEnum.Charging for event in here.csms.events
        )
    )


def test_a_card_starts() -> None:
    async def main() -> None:
        async with site() as here:
            authorizes(here)
            await charging(here)

    run(main())


def test_the_card_is_in_the_cache_for_the_next_life() -> None:
    async def main() -> None:
        async with site() as here:
            authorizes(here)
            await here.set("AuthCtrlr", "LocalPreAuthorize", "true")
            await charging(here)
            await here.hand.unplug(1)
            await asyncio.sleep(5)
            await here.hand.cut_power()
            here.csms.received.clear()
            await here.hand.restore_power()
            await here.csms.until(lambda: bool(here.csms.of(wire.StatusNotificationRequest)))
            await asyncio.sleep(5)
            await charging(here)
            assert not here.csms.of(wire.AuthorizeRequest)

    run(main())


def test_a_blocked_card_stops_charging() -> None:
    """C15.FR.04: the answer to the first event says no, whatever else it says."""

    async def main() -> None:
        async with site() as here:
            await here.set("TxCtrlr", "StopTxOnInvalidId", "true")
            here.csms.answers[wire.TransactionEventRequest] = lambda request: wire.TransactionEventResponse(
                id_token_info=info("Blocked") if getattr(request, "id_token", None) else None, custom_data=EXTRA
            )
            await here.hand.present(CARD.id_token)
            await asyncio.sleep(2)
            await here.hand.plug(1)
            await here.csms.until(
                lambda: any(e.trigger_reason is wire.TriggerReasonEnum.Deauthorized for e in here.csms.events)
            )
            before = here.simulator.read(1).energy_wh
            await asyncio.sleep(60)
            assert here.simulator.read(1).energy_wh == before

    run(main())


@pytest.mark.parametrize("authorize", ["true", "false"])
def test_a_remote_start_carries_it_on(authorize: str) -> None:
    async def main() -> None:
        async with site() as here:
            authorizes(here)
            await here.set("AuthCtrlr", "AuthorizeRemoteStart", authorize)
            token = wire.IdToken(
                id_token=CARD.id_token,
                type=CARD.type,
                additional_info=(wire.AdditionalInfo(additional_id_token="X1", type="app", custom_data=EXTRA),),
                custom_data=EXTRA,
            )
            answer = await here.csms.call(
                wire.RequestStartTransactionRequest(
                    id_token=token, group_id_token=token, remote_start_id=7, evse_id=1, custom_data=EXTRA
                )
            )
            assert answer.status is wire.RequestStartStopStatusEnum.Accepted
            await here.hand.plug(1)
            await here.csms.until(lambda: any(event.id_token for event in here.csms.events))
            told = next(event.id_token for event in here.csms.events if event.id_token)
            assert told.custom_data == EXTRA

    run(main())
