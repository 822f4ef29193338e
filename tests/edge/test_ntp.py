"""The NTP client against servers on loopback: good ones, and those whose word is not taken."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from ohmstead.edge.ntp import ERAS, PACKET, NtpClient
from ohmstead.ports.network_time import NoTime

NOW = datetime(2031, 5, 6, 7, 8, 9, 500_000, tzinfo=UTC)
Answering = Callable[[bytes], bytes | None]


def stamp(moment: datetime) -> tuple[int, int]:
    """Return the two words of a timestamp."""
    since = moment - ERAS[moment >= ERAS[1]]
    return since // timedelta(seconds=1), round(since.microseconds * (1 << 32) / 1_000_000)


def answer(question: bytes, *, flags: int = 0x24, stratum: int = 2, moment: datetime = NOW, held: float = 0.0) -> bytes:
    """Return what a server says to a question."""
    asked = struct.unpack_from(">2I", question, 40)
    words = (0, 0, 0, *stamp(moment), *asked, *stamp(moment - timedelta(seconds=held)), *stamp(moment))
    return PACKET.pack(flags, stratum, 0, 0, *words)


class _Server(asyncio.DatagramProtocol):
    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        said = self._answering(data)
        if said is not None and self._transport is not None:
            self._transport.sendto(said, addr)


@asynccontextmanager
async def server(answering: Answering) -> AsyncIterator[str]:
    """Serve on a free port; yields its address."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Server(answering), local_addr=("127.0.0.1", 0))
    try:
        yield f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()


def asked(answering: Answering, *, patience: float = 5.0) -> datetime:
    """Return what the client learns from a server."""

    async def scene() -> datetime:
        async with server(answering) as place:
            return await NtpClient(patience).ask(place)

    return asyncio.run(scene())


@pytest.mark.parametrize("moment", [NOW, datetime(2036, 2, 7, 6, 28, 15, tzinfo=UTC), NOW.replace(year=2040)], ids=str)
def test_the_time_is_that_of_the_server(moment: datetime) -> None:
    """The second era begins in 2036."""
    assert abs(asked(lambda question: answer(question, moment=moment)) - moment) < timedelta(seconds=1)


def test_the_question_is_that_of_a_client_and_tells_nothing() -> None:
    questions: list[bytes] = []

    def keep(question: bytes) -> bytes:
        questions.append(question)
        return answer(question)

    asked(keep)
    asked(keep)
    assert [(len(question), question[0]) for question in questions] == [(48, 0x23)] * 2
    assert questions[0][:40] == questions[1][:40] and questions[0][40:] != questions[1][40:]


@pytest.mark.parametrize(
    ("wrong", "words"),
    {
        "another question": (lambda question: answer(question[:40] + bytes(8)), "another question"),
        "a client": (lambda question: answer(question, flags=0x23), "another question"),
        "no time": (lambda question: answer(question, flags=0xE4), "does not know"),
        "a kiss of death": (lambda question: answer(question, stratum=0), "does not know"),
        "unsynchronized": (lambda question: answer(question, stratum=16), "does not know"),
        "short": (lambda question: answer(question)[:47], "no answer"),
        "nothing": (lambda _question: b"", "no answer"),
        "long ago": (lambda question: answer(question, moment=NOW.replace(year=1999)), "cannot be now"),
    }.values(),
)
def test_what_is_no_answer_is_not_taken(wrong: Answering, words: str) -> None:
    with pytest.raises(NoTime, match=words):
        asked(wrong)


def test_a_silent_server_and_one_that_is_not_there_have_no_time() -> None:
    with pytest.raises(NoTime, match=r"within 0\.1 s"):
        asked(lambda _question: None, patience=0.1)

    async def nobody() -> None:
        async with server(answer) as place:
            pass
        with pytest.raises(NoTime):
            await NtpClient(1.0).ask(place)

    asyncio.run(nobody())


@pytest.mark.parametrize("name", ["", "host:0", "host:99999", "host:x", "a..b", "[::1", "\x00"])
def test_a_name_that_is_none_is_no_error_of_the_station(name: str) -> None:
    with pytest.raises(NoTime):
        asyncio.run(NtpClient(0.5).ask(name))


def test_servers_are_offered_by_the_leases_of_the_interfaces(tmp_path: Path) -> None:
    (tmp_path / "2").write_text("# a lease\nADDRESS=192.0.2.7\nNTP=192.0.2.1 192.0.2.2\n", "utf-8")
    (tmp_path / "3").write_text("NTP=192.0.2.2 ntp.example\n", "utf-8")
    assert NtpClient(leases=tmp_path).offered() == ("192.0.2.1", "192.0.2.2", "ntp.example")
    assert NtpClient(leases=tmp_path / "none").offered() == ()
