"""A CSMS made of the package `ocpp`, its JSON-schema validation on: `python -m benchmarks.ocpp_csms`.

Accepts every station and card on plain ws://, prints its URL, and at the end of standard input the same books as
`benchmarks.sink`, kept of what the package was given.
"""

import asyncio
import sys
from datetime import UTC, datetime
from functools import partial

import msgspec
import uvloop
from ocpp.v201 import ChargePoint, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.sink import Sink

ACTIONS = (
    *("Authorize", "BootNotification", "Heartbeat", "SecurityEventNotification", "StatusNotification"),
    "TransactionEvent",
)


class NotedConnection:
    """What the package takes for its connection; the books are kept on the way."""

    def __init__(self, connection: ServerConnection, identity: str, sink: Sink) -> None:
        self._connection = connection
        self._identity = identity
        self._sink = sink

    async def recv(self) -> str:
        """Return the next frame of the station."""
        text = await self._connection.recv(decode=True)
        self._sink.note(self._identity, text)
        return text

    async def send(self, text: str) -> None:
        """Send a frame to the station."""
        await self._connection.send(text)


def now() -> str:
    """Return the time of day as OCPP spells it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(action: str, /, **payload: object) -> object:
    """Accept what a station says."""
    accepted = {"status": "Accepted"}
    match action:
        case "BootNotification":
            return call_result.BootNotification(current_time=now(), interval=60, status="Accepted")
        case "Heartbeat":
            return call_result.Heartbeat(current_time=now())
        case "Authorize":
            return call_result.Authorize(id_token_info=accepted)
        case "TransactionEvent":
            return call_result.TransactionEvent(id_token_info=accepted if payload.get("id_token") else None)
    return getattr(call_result, action)()


def point(identity: str, connection: NotedConnection) -> ChargePoint:
    """Return the package's station, whose requests are all answered."""
    made = ChargePoint(identity, connection)
    made.route_map = {one: {"_on_action": partial(answer, one), "_skip_schema_validation": False} for one in ACTIONS}
    return made


async def main() -> None:
    """Serve until standard input ends."""
    sink = Sink()

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        identity = connection.request.path.rpartition("/")[2]
        try:
            await point(identity, NotedConnection(connection, identity, sink)).start()
        except ConnectionClosed:
            return

    protocols = [Subprotocol("ocpp2.0.1")]
    async with serve(handle, "127.0.0.1", 0, subprotocols=protocols, ping_interval=None, close_timeout=1) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(msgspec.json.encode(sink.summary()).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
