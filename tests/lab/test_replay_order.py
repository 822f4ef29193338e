"""What the lab did in one go is played again in one go, however many microseconds it took by the clock."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.virtual_time import VirtualLoop, run
from ohmstead.lab.evidence.recording import RecordedLink, text_of
from ohmstead.lab.evidence.replay import Player
from ohmstead.lab.evidence.replay_rig import ReplayLink
from ohmstead.lab.evidence.tape import Tape, TapeHead, read
from ohmstead.ports.link import Handshake, Link
from tests.generators import examples

CALL, RESULT = "call", "result"
HANDSHAKE = Handshake(url="wss://csms.example/ocpp/CS-001", subprotocols=("ocpp2.0.1",))
Burst = tuple[float, tuple[str, ...]]
"""Seconds after the burst before it, and the frames that arrive at once."""


class Busy(VirtualLoop):
    """A loop on which time passes while the lab works: every look at the clock takes 100 microseconds."""

    def __init__(self, start: float) -> None:
        super().__init__(start=start, limit=3600)
        self._looks = 0

    def time(self) -> float:
        """Return the time."""
        self._looks = getattr(self, "_looks", 0) + 1
        return super().time() + self._looks * 1e-4


class Station:
    """The far end of a link: frames arrive in bursts, and to send takes a turn of the loop or none."""

    def __init__(self, bursts: list[Burst], slow: bool) -> None:
        self._bursts = bursts
        self._slow = slow
        self._here: deque[str] = deque()
        self._news = asyncio.Event()

    @property
    def handshake(self) -> Handshake:
        """How it came."""
        return HANDSHAKE

    async def talk(self) -> None:
        """Say everything."""
        for gap, frames in self._bursts:
            await asyncio.sleep(gap)
            self._here.extend(frames)
            self._news.set()

    async def receive(self) -> str:
        """Return the next frame, without waiting if one is here."""
        while not self._here:
            self._news.clear()
            await self._news.wait()
        return self._here.popleft()

    async def send(self, _text: str) -> None:
        """Take a frame."""
        if self._slow:
            await asyncio.sleep(0)

    async def ping(self) -> None:
        """Answer a ping."""

    async def close(self, _code: int = 1000, _reason: str = "") -> None:
        """End."""


async def lab(link: Link, bursts: list[Burst]) -> list[str]:
    """Answer every call; after every result go on with the next question. Returns what was done, in its order."""
    done: list[str] = []
    results = asyncio.Semaphore(0)
    kinds = [kind for _, frames in bursts for kind in frames]

    async def case() -> None:
        for number in range(kinds.count(RESULT)):
            await results.acquire()
            done.append(f"go on {number}")
            await link.send(f"question {number}")

    going = asyncio.create_task(case())
    for number in range(len(kinds)):
        frame = str(await link.receive())
        done.append(f"{frame} {number}")
        if frame == RESULT:
            results.release()
        else:
            await link.send(f"reply {number}")
    await going
    return done


def live(bursts: list[Burst], slow: bool) -> tuple[list[str], str]:
    """Return the order in which things were done on a busy loop, and the tape."""

    async def recorded() -> tuple[list[str], str]:
        began = asyncio.get_running_loop().time()
        wall = datetime(2026, 1, 1, tzinfo=UTC)
        tape = Tape(TapeHead(case="none", bench="wire", tolerance=1.0, patience=30.0, began=began, wall=wall))
        station = Station(bursts, slow)
        talking = asyncio.create_task(station.talk())
        order = await lab(RecordedLink(station, tape, 1), bursts)
        await talking
        tape.end()
        return order, text_of(tape)

    return _on_a_busy_loop(recorded())


def _on_a_busy_loop(
    work: Coroutine[object, object, tuple[list[str], str]],
) -> tuple[list[str], str]:
    loop = Busy(start=100.0)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def replayed(text: str, bursts: list[Burst]) -> list[str]:
    """Return the order in which the tape lets things be done. Raises Misfit where it does not fit."""
    head, entries = read(text)

    async def played() -> list[str]:
        player = Player(head, entries)
        link = ReplayLink(player, 1, HANDSHAKE)
        player.on["frame"] = lambda _number, entry: link.bring(entry.text or "")
        playing = asyncio.create_task(player.play())
        order = await lab(link, bursts)
        await player.finish()
        await playing
        assert not player.misfit.done(), player.misfit.result()
        return order

    return run(played(), start=head.began, limit=3600)


def check(bursts: list[Burst], slow: bool) -> None:
    """Record, replay, compare."""
    order, tape = live(bursts, slow)
    assert replayed(tape, bursts) == order


def test_an_answer_and_a_message_that_came_with_it() -> None:
    """Both frames were there: the message was answered before the case went on with the answer."""
    bursts: list[Burst] = [(1.0, (RESULT, CALL))]
    assert live(bursts, slow=False)[0] == ["result 0", "call 1", "go on 0"]
    check(bursts, slow=False)


def test_a_message_in_the_queue_of_one_that_is_answered() -> None:
    """The reply did not wait either."""
    check([(1.0, (RESULT, CALL, CALL, RESULT))], slow=False)


def test_frames_that_came_one_after_the_other_stay_apart() -> None:
    """The case went on before the second one was there."""
    bursts: list[Burst] = [(1.0, (RESULT,)), (0.001, (CALL,))]
    assert live(bursts, slow=False)[0] == ["result 0", "go on 0", "call 1"]
    check(bursts, slow=False)


FRAMES = st.lists(st.sampled_from((CALL, RESULT)), min_size=1, max_size=5).map(tuple)
BURSTS = st.lists(st.tuples(st.sampled_from((0.0, 0.0001, 0.001, 0.5)), FRAMES), min_size=1, max_size=5)


@settings(max_examples=examples(100, 5000), deadline=None)
@given(bursts=BURSTS, slow=st.booleans())
def test_every_order_is_played_again(bursts: list[Burst], slow: bool) -> None:
    check(bursts, slow)
