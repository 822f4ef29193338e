"""A CSMS over real TLS that writes down what it hears of a station that is killed, and judges it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from random import Random

import msgspec

from ohmstead.edge.authority import Authority
from ohmstead.edge.clock import LoopClock
from ohmstead.edge.tls import server_context
from ohmstead.edge.websocket_listener import listen
from ohmstead.ports.link import Handshake, Link
from ohmstead.product.load import load
from ohmstead.rpc.connection import Direction, RpcConnection
from ohmstead.wire import messages as wire
from ohmstead.wire.base import Request, Response

PASSWORD = "correct-horse-battery"


class Heard(msgspec.Struct, frozen=True):
    """One TransactionEvent as it arrived."""

    life: int
    """The connection on which it came, counted from 1."""
    message_id: str
    payload: str
    event: wire.TransactionEventRequest


class Witness:
    """The CSMS: accepts everything, answers after a moment of its own choice.

    Attributes:
        heard: every TransactionEvent, repetitions included, in the order of arrival.
        answered: message ids whose answers were handed to the socket.
        away: an outage: nobody is let in.
    """

    def __init__(self, random: Random) -> None:
        self._clock = LoopClock()
        self.heard: list[Heard] = []
        self.answered: list[str] = []
        self.boots = 0
        self.away = False
        self._random = random
        self._ids = count(1)
        self._lives = 0
        self._calls: dict[str, str] = {}
        self._booted = asyncio.Event()
        self._spoke = asyncio.Event()
        self._knocked = asyncio.Event()

    def admit(self, handshake: Handshake) -> int:
        """Ask for the password, unless nobody is there."""
        self._knocked.set()
        if self.away:
            return 503
        return 101 if handshake.password == PASSWORD else 401

    async def serve(self, link: Link) -> None:
        """Serve one run of the station."""
        self._lives += 1
        self._calls.clear()
        rpc = RpcConnection(
            link,
            handler=self._answer,
            new_id=lambda: f"c{next(self._ids)}",
            message_timeout=lambda: 30.0,
            on_frame=self._frame,
        )
        setting = asyncio.create_task(self._set(rpc)) if self.boots == 0 else None
        try:
            await rpc.run()
        finally:
            if setting is not None:
                setting.cancel()

    async def _set(self, rpc: RpcConnection) -> None:
        """Let a transaction say something every second."""
        await self._booted.wait()
        data = wire.SetVariableData(
            attribute_value="1",
            component=wire.Component(name="SampledDataCtrlr"),
            variable=wire.Variable(name="TxUpdatedInterval"),
        )
        await rpc.call(wire.SetVariablesRequest(set_variable_data=(data,)))

    def _frame(self, direction: Direction, text: str) -> None:
        parts = [bytes(part) for part in msgspec.json.decode(text, type=list[msgspec.Raw])]
        kind, rest = parts[0], parts[2:]
        identifier = msgspec.json.decode(parts[1], type=str)
        if direction is Direction.Sent:
            if kind == b"3" and identifier in self._calls:
                self.answered.append(identifier)
            return
        if kind == b"2" and rest[0] == b'"TransactionEvent"':
            payload = rest[1].decode()
            event = msgspec.json.decode(payload, type=wire.TransactionEventRequest)
            self.heard.append(Heard(self._lives, identifier, payload, event))
            self._calls[identifier] = payload
            self._spoke.set()

    async def _answer(self, request: Request[Response]) -> Response:
        now = self._clock.now()
        accepted = wire.IdTokenInfo(status=wire.AuthorizationStatusEnum.Accepted)
        if isinstance(request, wire.BootNotificationRequest):
            self.boots += 1
            self._booted.set()
            return wire.BootNotificationResponse(
                current_time=now, interval=300, status=wire.RegistrationStatusEnum.Accepted
            )
        if isinstance(request, wire.TransactionEventRequest):
            await asyncio.sleep(self._random.choice((0.0, 0.0, 0.01, 0.05)))
            return wire.TransactionEventResponse(id_token_info=accepted if request.id_token else None)
        match request:
            case wire.AuthorizeRequest():
                return wire.AuthorizeResponse(id_token_info=accepted)
            case wire.HeartbeatRequest():
                return wire.HeartbeatResponse(current_time=now)
            case wire.StatusNotificationRequest():
                return wire.StatusNotificationResponse()
            case wire.SecurityEventNotificationRequest():
                return wire.SecurityEventNotificationResponse()
        return wire.MeterValuesResponse()

    async def spoken(self) -> None:
        """Wait for the next TransactionEvent."""
        self._spoke.clear()
        await self._spoke.wait()

    async def knocked(self) -> None:
        """Wait until the station dials, in vain or not."""
        self._knocked.clear()
        await self._knocked.wait()

    # Judgment

    def check(self, *, finished: bool) -> None:
        """Check everything heard so far; `finished`: nothing runs and nothing waits any more."""
        first = self._first()
        by_id: dict[str, list[Heard]] = {}
        for heard in first:
            by_id.setdefault(heard.event.transaction_info.transaction_id, []).append(heard)
        for identifier, told in by_id.items():
            events = [heard.event for heard in told]
            assert [event.seq_no for event in events] == list(range(len(events))), f"{identifier}: a gap, or disorder"
            kinds = [event.event_type.value for event in events]
            assert kinds[0] == "Started"
            assert kinds.count("Started") == 1, identifier
            assert kinds.count("Ended") <= 1, identifier
            assert "Ended" not in kinds[:-1], identifier
            assert not finished or kinds[-1] == "Ended", f"{identifier} never ended"
        self._check_places(first)
        self._check_energy(first)
        self._check_registers(first)

    def _first(self) -> list[Heard]:
        """Return the first arrival of each message; a repetition is the same text, and not under another number."""
        by_message: dict[str, Heard] = {}
        by_number: dict[tuple[str, int], str] = {}
        for heard in self.heard:
            known = by_message.setdefault(heard.message_id, heard)
            assert known.payload == heard.payload, "the same message with another payload"
            assert known is heard or known.life != heard.life, "repeated without a reason"
            number = (heard.event.transaction_info.transaction_id, heard.event.seq_no)
            assert by_number.setdefault(number, heard.message_id) == heard.message_id, f"{number} told twice"
        return list(by_message.values())

    @staticmethod
    def _check_places(first: list[Heard]) -> None:
        busy: dict[int, str] = {}
        for heard in first:
            assert heard.event.evse is not None
            place, identifier = heard.event.evse.id, heard.event.transaction_info.transaction_id
            assert busy.setdefault(place, identifier) == identifier, f"two transactions at EVSE {place}"
            if heard.event.event_type is wire.TransactionEventEnum.Ended:
                del busy[place]

    @staticmethod
    def _check_energy(first: list[Heard]) -> None:
        values: dict[int, list[tuple[datetime, float]]] = {}
        for heard in first:
            assert heard.event.evse is not None
            for one in heard.event.meter_value or ():
                values.setdefault(heard.event.evse.id, []).extend((one.timestamp, s.value) for s in one.sampled_value)
        for found in values.values():
            ordered = sorted(found)
            assert [value for _, value in ordered] == sorted(value for _, value in ordered), "energy went back"

    @staticmethod
    def _check_registers(first: list[Heard]) -> None:
        """Energy flows in transactions only: a register that jumped between two of them had one that is lost."""
        latest: dict[int, tuple[str, float]] = {}
        for heard in first:
            assert heard.event.evse is not None
            place, identifier = heard.event.evse.id, heard.event.transaction_info.transaction_id
            for value in sorted(s.value for one in heard.event.meter_value or () for s in one.sampled_value):
                known, register = latest.get(place, (identifier, value))
                assert known == identifier or abs(value - register) < 1.0, f"a transaction before {identifier} is lost"
                latest[place] = (identifier, max(value, register))

    def running(self) -> set[str]:
        """Return the transactions that have started and not ended, as far as was heard."""
        ended = {h.event.transaction_info.transaction_id for h in self.heard if h.event.event_type == "Ended"}
        return {h.event.transaction_info.transaction_id for h in self.heard} - ended


@asynccontextmanager
async def listening(witness: Witness, authority: Authority) -> AsyncIterator[str]:
    """Listen with TLS on loopback; yields the URL."""
    server = authority.issue_server(["localhost"], ["127.0.0.1"])
    suites = load("sec1000-240y").security.cipher_suites
    context = server_context(server.chain, server.key, cipher_suites=suites)
    listener = await listen(
        "127.0.0.1", 0, admit=witness.admit, serve=witness.serve, ssl_context=context, path="/ocpp", name="localhost"
    )
    try:
        yield listener.url
    finally:
        await listener.close()
