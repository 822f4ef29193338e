"""Block C and E, a token that the CSMS finds invalid while its transaction runs (E05.FR.09, E05.FR.10)."""

import asyncio

import msgspec
import pytest

from ohmstead.edge.virtual_time import run
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import site

CARD = "04A1B2C3"
ENDING = ("Authorized", "PowerPathClosed", "EnergyTransfer")
OTHERS = ("EVConnected", "ParkingBayOccupancy")


def _invalid(request: Request[Response]) -> Response | None:
    assert isinstance(request, wire.TransactionEventRequest)
    if request.id_token is None:
        return None
    info = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid)
    return wire.TransactionEventResponse(id_token_info=info)


def deauthorized(stop_point: str, *, plugged: bool) -> wire.TransactionEventRequest:
    """Return the event that says so, of a token that the answer to its first event finds invalid."""

    async def live() -> wire.TransactionEventRequest:
        async with site(product=load("flagship")) as here:
            assert await here.set("TxCtrlr", "TxStartPoint", "Authorized") == "Accepted"
            assert await here.set("TxCtrlr", "TxStopPoint", stop_point) == "Accepted"
            assert await here.set("TxCtrlr", "StopTxOnInvalidId", "true") == "Accepted"
            here.csms.answers[wire.TransactionEventRequest] = _invalid
            await here.hand.arrive(1)
            if plugged:
                await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(30)
            [event] = [one for one in here.csms.events if one.trigger_reason is wire.TriggerReasonEnum.Deauthorized]
            return event

    return run(live(), limit=3600)


@pytest.mark.parametrize("stop_point", ENDING)
@pytest.mark.parametrize("plugged", [True, False], ids=["plugged", "no cable yet"])
def test_it_ends_the_transaction_where_these_points_stop_one(stop_point: str, plugged: bool) -> None:
    """E05.FR.10, whether or not energy has flowed or a cable was there."""
    event = deauthorized(stop_point, plugged=plugged)
    assert event.event_type is wire.TransactionEventEnum.Ended
    assert event.transaction_info.stopped_reason is wire.ReasonEnum.DeAuthorized


@pytest.mark.parametrize("stop_point", OTHERS)
def test_it_stops_the_energy_and_goes_on_where_others_do(stop_point: str) -> None:
    """E05.FR.09: preferably EVConnected."""
    event = deauthorized(stop_point, plugged=True)
    assert event.event_type is wire.TransactionEventEnum.Updated
    assert event.transaction_info.charging_state is wire.ChargingStateEnum.EVConnected


def powers(first: float | None, second: float | None) -> Product:
    """Return a product whose EVSEs have these limits of their own."""
    made = load("flagship")
    evses = [
        msgspec.structs.replace(evse, max_power_w=most) for evse, most in zip(made.evses, (first, second), strict=True)
    ]
    return msgspec.structs.replace(made, evses=tuple(evses))


@pytest.mark.parametrize("most_wh", [97, 113, 131])
@pytest.mark.parametrize(("first", "second"), [(240_000.0, 11_000.0), (None, 11_000.0), (None, None)])
def test_no_more_than_the_most_energy_flows_on_an_invalid_token(
    most_wh: int, first: float | None, second: float | None
) -> None:
    """C15.FR.06, MaxEnergyOnInvalidId: the meter is looked at as often as the power of this EVSE needs."""

    async def live() -> None:
        async with site(product=powers(first, second)) as here:
            assert await here.set("TxCtrlr", "StopTxOnInvalidId", "false") == "Accepted"
            assert await here.set("TxCtrlr", "MaxEnergyOnInvalidId", str(most_wh)) == "Accepted"
            here.csms.answers[wire.TransactionEventRequest] = _invalid
            before = here.simulator.read(1).energy_wh
            await here.hand.plug(1)
            await here.hand.present(CARD)
            await asyncio.sleep(300)
            delivered = here.simulator.read(1).energy_wh - before
            assert most_wh <= delivered < most_wh + 4

    run(live(), limit=3600)
