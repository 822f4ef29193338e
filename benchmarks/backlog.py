"""A station comes back from a long outage: how fast its outbox drains, and what it weighs meanwhile."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.csms import BenchCsms
from benchmarks.live import process, station_command
from benchmarks.measure import figure
from benchmarks.report import Row
from benchmarks.startup import resident_mb
from ohmstead.edge.private_files import private_directory
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.store import Put
from ohmstead.runtime.outbox import OutboxEntry

SECTION = "After an outage: the outbox drains, a commit an event"
IDENTITY = "BACKLOG"
PIECE = 10
"""Events of a transaction."""
PATIENCE = 600.0


def backlog(events: int) -> Iterator[Put]:
    """Yield the rows of an outbox that holds so many events of one EVSE's transactions, in their order."""
    for number in range(events):
        transaction, seq_no = divmod(number, PIECE)
        kind = {0: "Started", PIECE - 1: "Ended"}.get(seq_no, "Updated")
        payload = (
            f'{{"eventType":"{kind}","meterValue":[{{"sampledValue":[{{"value":{number}.0}}],'
            f'"timestamp":"2025-12-01T00:00:00Z"}}],"timestamp":"2025-12-01T00:00:00Z",'
            f'"triggerReason":"MeterValuePeriodic","seqNo":{seq_no},"offline":true,'
            f'"transactionInfo":{{"transactionId":"waiting-{transaction}"}},"evse":{{"id":1,"connectorId":1}}}}'
        )
        yield OutboxEntry(
            number=number + 1,
            message_id=f"waiting-{number}",
            action="TransactionEvent",
            payload=payload,
            transaction_id=f"waiting-{transaction}",
            intermediate=kind == "Updated",
        ).put()


async def measure(csms: BenchCsms, folder: Path, *, waiting: int) -> list[Row]:
    """Measure with a real process, a real disk, and TLS on loopback."""
    private_directory(folder / IDENTITY)
    store = SqliteStore(folder / IDENTITY / "station.db")
    store.commit(list(backlog(waiting)))
    store.close()
    async with process(*station_command(csms, IDENTITY, folder, "--no-api")) as child:
        station = await csms.station(IDENTITY)
        first = last = await station.arrival("TransactionEvent")
        memory = resident_mb(child.pid)
        for _ in range(waiting - 1):
            last = await station.arrival("TransactionEvent", PATIENCE)
    assert last.payload["transactionInfo"] == {"transactionId": f"waiting-{(waiting - 1) // PIECE}"}
    what = f"{waiting:,} events"
    rate = (waiting - 1) / ((last.at - first.at) / 1e9)
    return [
        Row(section=SECTION, what=f"{what}: delivered", ours=figure([rate], "events/s")),
        Row(section=SECTION, what=f"{what}: resident memory while all of them wait", ours=figure([memory], "MB")),
    ]
