"""A CSMS that accepts everybody and keeps books: `python -m benchmarks.sink` (plain ws://, no password asked).

It prints its URL, and at the end of standard input one JSON object: transactions, events, energy by first and last
registers, and every gap or repetition of seqNos, event after the end, or register that fell.
"""

import asyncio
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import msgspec
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

REGISTER = "Energy.Active.Import.Register"
ACCEPTED = msgspec.Raw(b'{"idTokenInfo":{"status":"Accepted"}}')
EMPTY = msgspec.Raw(b"{}")
MOST_FAULTS = 50


class Unit(msgspec.Struct, frozen=True):
    """As much of a unitOfMeasure as matters."""

    unit: str = "Wh"
    multiplier: int = 0


class Sampled(msgspec.Struct, rename="camel"):
    """One sampledValue."""

    value: float
    measurand: str = REGISTER
    phase: str = ""
    location: str = "Outlet"
    unit_of_measure: Unit = Unit()

    def wh(self) -> float:
        """Return it in Wh."""
        return self.value * 10.0**self.unit_of_measure.multiplier * (1000 if self.unit_of_measure.unit == "kWh" else 1)


class Meter(msgspec.Struct, rename="camel"):
    """One meterValue."""

    sampled_value: list[Sampled]
    timestamp: str = ""


class Info(msgspec.Struct, rename="camel"):
    """The transactionInfo."""

    transaction_id: str


class Event(msgspec.Struct, rename="camel"):
    """A TransactionEventRequest."""

    event_type: str
    seq_no: int
    transaction_info: Info
    meter_value: list[Meter] = []
    id_token: msgspec.Raw = msgspec.Raw()

    def registers(self) -> list[float]:
        """Return the energy registers in it, Wh, oldest first."""
        meters = sorted(self.meter_value, key=lambda one: one.timestamp)
        return [
            sample.wh()
            for meter in meters
            for sample in meter.sampled_value
            if sample.measurand == REGISTER and not sample.phase
        ]


class Transaction:
    """The books of one transaction."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.last: int | None = None
        """seqNo of the Ended event."""
        self.lowest: float | None = None
        self.highest: float | None = None

    def take(self, event: Event) -> str:
        """Enter an event; return what is wrong with it."""
        wrong = ""
        if event.seq_no in self.seen:
            wrong = f"seqNo {event.seq_no} came twice"
        elif self.last is not None and event.seq_no > self.last:
            wrong = f"seqNo {event.seq_no} after the end, {self.last}"
        self.seen.add(event.seq_no)
        if event.event_type == "Ended":
            self.last = event.seq_no
        for value in event.registers():
            self.lowest = value if self.lowest is None else min(self.lowest, value)
            if self.highest is not None and event.event_type != "Ended" and value < self.highest - 0.001:
                wrong = f"register fell to {value} Wh at seqNo {event.seq_no}"
            self.highest = value if self.highest is None else max(self.highest, value)
        return wrong

    def missing(self) -> int:
        """Return how many events are missing below the highest one."""
        return max(self.seen) + 1 - len(self.seen)


class Sink:
    """Serves every station."""

    def __init__(self) -> None:
        self.transactions: dict[tuple[str, str], Transaction] = {}
        self.calls: Counter[str] = Counter()
        self.stations: set[str] = set()
        self.faults: list[str] = []
        self._frame = msgspec.json.Decoder(tuple[int, str, str, msgspec.Raw])
        self._event = msgspec.json.Decoder(Event)

    async def serve(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        assert connection.request is not None
        identity = connection.request.path.rpartition("/")[2]
        try:
            while True:
                _, message_id, action, payload = self._frame.decode(await connection.recv(decode=True))
                answer = self._answer(identity, action, payload)
                await connection.send(msgspec.json.encode((3, message_id, answer)).decode())
        except ConnectionClosed:
            return

    def note(self, identity: str, text: str) -> None:
        """Enter a frame of a station that somebody else answers."""
        if text.startswith("[2,"):
            _, _, action, payload = self._frame.decode(text)
            self._answer(identity, action, payload)

    def _answer(self, identity: str, action: str, payload: msgspec.Raw) -> msgspec.Raw:
        self.stations.add(identity)
        self.calls[action] += 1
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        match action:
            case "BootNotification":
                return msgspec.Raw(f'{{"status":"Accepted","interval":60,"currentTime":"{now}"}}'.encode())
            case "Heartbeat":
                return msgspec.Raw(f'{{"currentTime":"{now}"}}'.encode())
            case "Authorize":
                return ACCEPTED
            case "TransactionEvent":
                event = self._event.decode(payload)
                books = self.transactions.setdefault((identity, event.transaction_info.transaction_id), Transaction())
                wrong = books.take(event)
                if wrong and len(self.faults) < MOST_FAULTS:
                    self.faults.append(f"{identity} {event.transaction_info.transaction_id}: {wrong}")
                return ACCEPTED if event.id_token else EMPTY
        return EMPTY

    def summary(self) -> dict[str, object]:
        """Return what the books say."""
        books = list(self.transactions.values())
        return {
            "stations": len(self.stations),
            "transactions": len(books),
            "open": sum(one.last is None for one in books),
            "events": self.calls["TransactionEvent"],
            "missing": sum(one.missing() for one in books),
            "energy_wh": round(sum((one.highest or 0.0) - (one.lowest or 0.0) for one in books), 3),
            "calls": dict(self.calls),
            "faults": self.faults,
            "cpu_s": round(time.process_time(), 1),
        }


async def main() -> None:
    """Serve until standard input ends."""
    sink = Sink()
    async with serve(
        sink.serve,
        "127.0.0.1",
        0,
        subprotocols=[Subprotocol("ocpp2.0.1")],
        compression=None,
        ping_interval=None,
        close_timeout=1,
    ) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(msgspec.json.encode(sink.summary()).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
