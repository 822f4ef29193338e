"""Hands that do anything at a site, one after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from ohmstead.ports.hand import HandRefused
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response
from ohmstead.wire.errors import CallError, ErrorCode
from tests.runtime.site import Site
from tests.runtime.witness import Witness

GROUP = wire.IdToken(id_token="FLEET-7", type=wire.IdTokenEnum.Central)
MASTER = wire.IdToken(id_token="SERVICE", type=wire.IdTokenEnum.Central)
CARDS = ("04A1", "04A2", "04B1", "04B2", "04BAD", "04LATE", "04SERVICE")
"""Two plain cards, two of a group, a blocked one, one that is found invalid only later, and a master pass."""
Action = tuple[str, int]


def worth(card: str) -> wire.IdTokenInfo:
    """Return what the CSMS says of a card when it is asked."""
    if card == "04BAD":
        return wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Blocked)
    group = GROUP if card.startswith("04B") else MASTER if card == "04SERVICE" else None
    return wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted, group_id_token=group)


def worth_in_a_transaction(card: str) -> wire.IdTokenInfo:
    """Return what it says of a card in a TransactionEvent."""
    return wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Invalid) if card == "04LATE" else worth(card)


class Hands:
    """Does one action after the other; what is impossible is left out."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.witness = Witness(here)
        self._remote_start_ids = iter(range(1, 1_000_000))
        here.csms.answers[wire.AuthorizeRequest] = _authorize
        here.csms.answers[wire.TransactionEventRequest] = self._transaction_event
        self._refusals = 0
        hand = here.hand
        self.actions: Mapping[str, Callable[[int], Awaitable[object]]] = {
            "wait": lambda n: asyncio.sleep((0.0, 0.002, 0.02, 1, 7, 45, 130, 700)[n % 8]),
            "plug": lambda n: hand.plug(1 + n % 2),
            "unplug": lambda n: hand.unplug(1 + n % 2),
            "present": lambda n: hand.present(CARDS[n % len(CARDS)]),
            "choose": lambda n: hand.choose(("evse-1", "evse-2", "all")[n % 3]),
            "arrive": lambda n: hand.arrive(1 + n % 2),
            "leave": lambda n: hand.leave(1 + n % 2),
            "suspend": lambda n: hand.suspend(1 + n % 2),
            "resume": lambda n: hand.resume(1 + n % 2),
            "stop_by_ev": lambda n: hand.stop_by_ev(1 + n % 2),
            "fault": lambda n: hand.fault(1 + n % 2, n // 2 % 2, "OverTemperature"),
            "clear": lambda n: hand.clear(1 + n % 2, n // 2 % 2),
            "emergency": lambda n: hand.emergency_stop(n % 2 == 0),
            "cut_network": self._cut_network,
            "restore_network": lambda _: hand.restore_network(),
            "cut_power": lambda _: hand.cut_power(),
            "restore_power": lambda _: hand.restore_power(),
            "reboot": lambda _: hand.reboot(),
            "remote_start": self._remote_start,
            "remote_stop": self._remote_stop,
            "availability": self._availability,
            "reset": self._reset,
            "refuse": self._refuse,
        }

    async def do(self, action: Action) -> None:
        """Do one action, and let what follows at once follow."""
        name, number = action
        try:
            await self.actions[name](number)
        except HandRefused:
            return
        await asyncio.sleep(0)
        if name == "wait":
            self.witness.check_now()

    async def settle(self) -> None:
        """Put everything back in order, and wait until everything is delivered."""
        host = self.here.host
        hand = self.here.hand
        if not host.powered:
            await hand.restore_power()
        await hand.restore_network()
        for action in (("emergency", 1), *((name, n) for name in ("clear", "unplug", "leave") for n in range(4))):
            await self.do(action)
        await self.until_delivered()
        await asyncio.sleep(700)
        await self.until_delivered()
        await asyncio.sleep(1)

    async def until_delivered(self) -> None:
        """Wait until the station is online and its outbox is empty."""
        async with asyncio.timeout(4000):
            while True:
                station = self.here.host.station
                if station is not None and station.calls.online and not station.outbox.entries:
                    return
                await asyncio.sleep(1)

    async def _cut_network(self, number: int) -> None:
        if number % 3:
            await self.here.hand.cut_network()
        else:
            self.here.network.cut(noticed=False)

    async def _ask(self, request: Request[Response]) -> None:
        """Send a request if there is a connection; whether an answer comes is another matter."""
        rpc = self.here.csms.rpc
        if rpc is None:
            return

        async def call() -> None:
            try:
                await rpc.call(request, timeout=20)
            except Exception as error:
                logging.getLogger(__name__).info("no answer: %s", error)

        self.here.background(call())
        await asyncio.sleep(0.02)

    async def _remote_start(self, number: int) -> None:
        card = wire.IdToken(id_token=CARDS[number % len(CARDS)], type=wire.IdTokenEnum.ISO14443)
        evse_id = (None, 1, 2)[number % 3]
        remote_start_id = next(self._remote_start_ids)
        await self._ask(
            wire.RequestStartTransactionRequest(id_token=card, remote_start_id=remote_start_id, evse_id=evse_id)
        )

    async def _remote_stop(self, number: int) -> None:
        started = [h.event.transaction_info.transaction_id for h in self.witness.heard if h.event.seq_no == 0]
        if started:
            wanted = started[-1 - number % min(2, len(started))]
            await self._ask(wire.RequestStopTransactionRequest(transaction_id=wanted))

    async def _availability(self, number: int) -> None:
        status = wire.OperationalStatusEnum.Inoperative if number % 2 else wire.OperationalStatusEnum.Operative
        scope = (None, wire.EVSE(id=1), wire.EVSE(id=2), wire.EVSE(id=1, connector_id=1))[number // 2 % 4]
        await self._ask(wire.ChangeAvailabilityRequest(operational_status=status, evse=scope))

    async def _refuse(self, number: int) -> None:
        """Let the CSMS answer the next events with an error, fewer times than the station tries."""
        self._refusals = 1 + number % 3

    def _transaction_event(self, request: Request[Response]) -> Response | None:
        assert isinstance(request, wire.TransactionEventRequest)
        if self._refusals:
            self._refusals -= 1
            raise CallError(ErrorCode.InternalError, "not now")
        token = request.id_token
        info = None if token is None else worth_in_a_transaction(token.id_token)
        return wire.TransactionEventResponse(id_token_info=info)

    async def _reset(self, number: int) -> None:
        kind = wire.ResetEnum.Immediate if number % 2 else wire.ResetEnum.OnIdle
        await self._ask(wire.ResetRequest(type=kind, evse_id=(None, 1, 2)[number // 2 % 3]))


def _authorize(request: Request[Response]) -> Response | None:
    assert isinstance(request, wire.AuthorizeRequest)
    return wire.AuthorizeResponse(id_token_info=worth(request.id_token.id_token))
