"""Wall time on the loop: corrections, and whoever waits for a moment through them."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.clock import LoopClock
from ohmstead.edge.virtual_time import run
from ohmstead.ports.clock import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)
CORRECTIONS = st.lists(st.tuples(st.floats(0.001, 5_000), st.integers(-4_000, 4_000)), max_size=8)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_it_follows_the_loop_to_the_microsecond() -> None:
    async def main() -> datetime:
        clock: Clock = LoopClock(START)
        await asyncio.sleep(86_400.000001)
        return clock.now()

    assert run(main(), start=12_345.678) == START + seconds(86_400.000001)


@pytest.mark.parametrize(("correction", "seen"), [(0.999, 0), (-0.999, 0), (1, 1), (-1, -1), (86_400, 86_400)])
def test_corrections_below_a_second_are_ignored(correction: float, seen: float) -> None:
    async def main() -> datetime:
        clock = LoopClock(START)
        clock.set(START + seconds(correction))
        return clock.now()

    assert run(main()) == START + seconds(seen)


def test_it_starts_from_the_later_of_clock_chip_and_last_known_time() -> None:
    async def main() -> tuple[datetime, datetime]:
        later = LoopClock(START, last_known=START + seconds(10))
        return later.now(), LoopClock(START, last_known=START - seconds(10)).now()

    assert run(main()) == (START + seconds(10), START)


def test_without_a_start_it_is_what_the_operating_system_says() -> None:
    async def main() -> timedelta:
        return abs(LoopClock().now() - datetime.now(UTC))  # noqa: TID251  (this is the comparison)

    assert run(main()) < seconds(60)


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    async def main() -> datetime:
        clock = LoopClock(START)
        clock.set((START + seconds(60)).astimezone(timezone(timedelta(hours=5, minutes=45))))
        return clock.now()

    now = run(main())
    assert (now, now.tzinfo) == (START + seconds(60), UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    async def main() -> None:
        LoopClock(START).set(datetime(2026, 1, 1))  # noqa: DTZ001  (the mistake under test)

    with pytest.raises(ValueError, match="without a time zone"):
        run(main())


def test_waiting_for_the_past_returns_at_once() -> None:
    async def main() -> float:
        await LoopClock(START).sleep_until(START - seconds(1))
        return asyncio.get_running_loop().time()

    assert run(main()) == 0


@pytest.mark.parametrize(("correction", "slept"), [(40, 60.0), (-40, 140.0), (95, 10.0), (0.5, 100.0)])
def test_waiting_for_a_moment_follows_corrections(correction: float, slept: float) -> None:
    async def main() -> tuple[datetime, float]:
        clock = LoopClock(START)
        asyncio.get_running_loop().call_later(10, lambda: clock.set(clock.now() + seconds(correction)))
        await clock.sleep_until(START + seconds(100))
        return clock.now(), asyncio.get_running_loop().time()

    now, loop_time = run(main())
    assert now >= START + seconds(100)
    assert loop_time == pytest.approx(slept)


@settings(deadline=None)
@given(CORRECTIONS, st.floats(0.001, 10_000))
def test_it_wakes_at_the_first_moment_that_is_not_before(corrections: list[tuple[float, int]], ahead: float) -> None:
    async def main() -> None:
        clock = LoopClock(START)
        loop = asyncio.get_running_loop()
        jumped_at = [-1.0]

        def correct(jump: int) -> None:
            clock.set(clock.now() + seconds(jump))

        for at, jump in corrections:
            loop.call_at(at, correct, jump)
        clock.on_corrected(lambda _: jumped_at.append(loop.time()))
        moment = START + seconds(ahead)
        await clock.sleep_until(moment)
        assert clock.now() >= moment
        assert clock.now() - moment < seconds(0.001) or loop.time() == jumped_at[-1]

    run(main())


def test_a_cancelled_sleeper_leaves_nothing_behind() -> None:
    async def main() -> None:
        clock = LoopClock(START)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await clock.sleep_until(START + seconds(10))
        clock.set(START + seconds(100))

    run(main())


def test_subscribers_hear_of_corrections_until_they_end_it() -> None:
    async def main() -> list[timedelta]:
        heard: list[timedelta] = []
        clock = LoopClock(START)
        end = clock.on_corrected(heard.append)
        clock.set(START + seconds(30))
        clock.set(START + seconds(30.5))
        end()
        end()
        clock.set(START)
        return heard

    assert run(main()) == [seconds(30)]
