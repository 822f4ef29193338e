"""A transaction that lasts long keeps its samples within a bound (E06.FR.13, J02.FR.20)."""

from datetime import UTC, datetime, timedelta

import pytest

from ohmstead.model.metering import MOST_SAMPLES, Sample, thinned
from ohmstead.wire.messages import ReadingContextEnum

START = datetime(2026, 1, 1, tzinfo=UTC)


def samples(count: int) -> tuple[Sample, ...]:
    """Return one a minute."""
    return tuple(
        Sample(START + timedelta(minutes=number), ReadingContextEnum.Sample_Periodic, ()) for number in range(count)
    )


@pytest.mark.parametrize("count", [1, MOST_SAMPLES])
def test_as_many_as_the_bound_are_kept(count: int) -> None:
    assert thinned(samples(count)) == samples(count)


@pytest.mark.parametrize("count", [MOST_SAMPLES + 1, MOST_SAMPLES + 2])
def test_of_more_every_second_one_goes_but_the_first_and_the_last(count: int) -> None:
    """What lies between them stays as evenly spread as it was."""
    found = samples(count)
    kept = thinned(found)
    assert (kept[0], kept[-1]) == (found[0], found[-1])
    assert kept[1:-1] == tuple(found[number] for number in range(1, count - 1, 2))
