"""Seeded and real sources of randomness and ids."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.sources import real, seeded


@settings(deadline=None)
@given(st.integers(), st.integers(0, 10_000_000))
def test_the_same_seed_and_boot_give_the_same(seed: int, boot: int) -> None:
    one, other = seeded(seed, boot), seeded(seed, boot)
    assert [one.random.random() for _ in range(5)] == [other.random.random() for _ in range(5)]
    assert [one.new_id() for _ in range(5)] == [other.new_id() for _ in range(5)]


@settings(deadline=None)
@given(st.integers(), st.lists(st.integers(0, 1_000_000), unique=True, max_size=5))
def test_no_id_comes_twice_in_any_boot(seed: int, boots: list[int]) -> None:
    sources = [seeded(seed, boot) for boot in boots]
    ids = [source.new_id() for source in sources for _ in range(20)]
    assert len(set(ids)) == len(ids)
    assert all(0 < len(id) <= 36 for id in ids)


def test_another_boot_draws_other_numbers() -> None:
    assert seeded(1, 1).random.random() != seeded(1, 2).random.random()


def test_real_ids_are_uuids() -> None:
    ids = {real().new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(id) == 36 for id in ids)
