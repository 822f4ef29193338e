"""What the tests of single requirements do again and again: charge a car, and look at what was reported."""

import asyncio
from collections.abc import Sequence

import msgspec

from ohmstead.ports.hardware import Supply
from ohmstead.product.load import load
from ohmstead.product.profile import Product
from ohmstead.wire import messages as wire
from tests.runtime.site import Site

CARD = "04A1B2C3"
OTHER = "04D4E5F6"
TOKEN = wire.IdToken(id_token=CARD, type=wire.IdTokenEnum.ISO14443)


def product(*, without: Sequence[str] = (), having: Sequence[str] = (), name: str = "sec1000-240y") -> Product:
    """Return a shipped product with other answers to some features."""
    made = load(name)
    answers = {**made.features, **dict.fromkeys(without, False), **dict.fromkeys(having, True)}
    return msgspec.structs.replace(made, features=answers)


def two_connectors() -> Product:
    """Return a product whose EVSE 1 has two connectors."""
    made = load("sec1000-240y")
    first = made.evses[0]
    connectors = (first.connectors[0], msgspec.structs.replace(first.connectors[0], id=2))
    return msgspec.structs.replace(made, evses=(msgspec.structs.replace(first, connectors=connectors), *made.evses[1:]))


async def charge(here: Site, evse_id: int = 1, card: str = CARD) -> None:
    """Plug in, present a card, and wait until energy flows."""
    await here.hand.plug(evse_id)
    await here.hand.present(card)
    await asyncio.sleep(20)
    assert here.simulator.state(evse_id).supply is Supply.Delivering


async def start_remotely(
    here: Site, evse_id: int | None = 1, remote_start_id: int = 7, token: wire.IdToken = TOKEN
) -> wire.RequestStartTransactionResponse:
    """Ask for a remote start."""
    request = wire.RequestStartTransactionRequest(remote_start_id=remote_start_id, id_token=token, evse_id=evse_id)
    return await here.csms.call(request)


async def change_availability(here: Site, status: str, evse: wire.EVSE | None = None) -> str:
    """Ask for another availability, and return the status of the response."""
    request = wire.ChangeAvailabilityRequest(operational_status=wire.OperationalStatusEnum(status), evse=evse)
    return (await here.csms.call(request)).status.value


def kinds(events: Sequence[wire.TransactionEventRequest]) -> list[str]:
    """Return what kind of event came, one after the other."""
    return [event.event_type.value for event in events]


def ended(here: Site) -> wire.TransactionEventRequest:
    """Return the one event that ended a transaction."""
    (event,) = [event for event in here.csms.events if event.event_type is wire.TransactionEventEnum.Ended]
    return event


def readings(event: wire.TransactionEventRequest) -> list[tuple[str | None, float]]:
    """Return context and value of every sampled value of an event, oldest first."""
    return [
        (sampled.context and sampled.context.value, sampled.value)
        for meter in event.meter_value or ()
        for sampled in meter.sampled_value
    ]


def consecutive(events: Sequence[wire.TransactionEventRequest]) -> bool:
    """Say whether the events of one transaction are numbered from 0 without a gap or a double."""
    return [event.seq_no for event in events] == list(range(len(events)))
