"""What the CSMS says of a token's group in the answer to a TransactionEvent counts as well (C09.FR.03, C09.FR.12)."""

import asyncio

from ohmstead.edge.virtual_time import run
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from tests.runtime.site import site

GROUP = wire.IdToken(id_token="FLEET", type=wire.IdTokenEnum.Central)
INFO = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=GROUP)
STARTER = wire.IdToken(id_token="04A1B2C3", type=wire.IdTokenEnum.ISO14443)


def of_event(request: Request[Response]) -> Response:
    """Name the group where an event carries a token."""
    carries = isinstance(request, wire.TransactionEventRequest) and request.id_token is not None
    return wire.TransactionEventResponse(id_token_info=INFO if carries else None)


def test_group_from_the_answer_to_an_event() -> None:
    """A remote start names no group and asks nobody; the answer to Started names one, and its other card stops."""

    async def charge() -> None:
        async with site() as here:
            here.csms.answers[wire.AuthorizeRequest] = lambda _: wire.AuthorizeResponse(id_token_info=INFO)
            here.csms.answers[wire.TransactionEventRequest] = of_event
            assert await here.set("AuthCtrlr", "AuthorizeRemoteStart", "false") is wire.SetVariableStatusEnum.Accepted
            await here.hand.plug(1)
            start = wire.RequestStartTransactionRequest(id_token=STARTER, remote_start_id=7, evse_id=1)
            await here.csms.call(start)
            await here.csms.until(lambda: len(here.csms.events) >= 2)
            await asyncio.sleep(1)
            await here.hand.present("04FFEEDD")
            await asyncio.sleep(1)
            last = here.csms.events[-1]
            assert (last.event_type, last.trigger_reason) == ("Ended", "StopAuthorized")

    run(charge(), limit=3600)
