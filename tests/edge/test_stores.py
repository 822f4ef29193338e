"""What every store promises: the same rows as a plain dictionary, all or nothing, and nothing lost by a power cut."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohmstead.edge.store_memory import CrashingStore, ForgetfulStore, MemoryStore, PowerCut, Reopenable
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.store import Delete, Put, Store, StoreSevered, Write

KINDS = st.sampled_from(["variable", "session", ""])
KEYS = st.one_of(st.sampled_from(["", "1", "10", "2", "a", "A", "é", "\0", "𐀀", "￿"]), st.text(max_size=3))
WRITES = st.one_of(st.builds(Put, KINDS, KEYS, st.binary(max_size=20)), st.builds(Delete, KINDS, KEYS))
COMMITS = st.lists(WRITES, max_size=6)
STEPS = st.lists(st.one_of(COMMITS, st.sampled_from(["close", "sever", "erase"])), max_size=12)
Make = Callable[[Path], Reopenable]

STORES: dict[str, Make] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": SqliteStore,
    "crashing": lambda _: CrashingStore(MemoryStore()),
    "forgetful": lambda _: ForgetfulStore(),
}
every_store = pytest.mark.parametrize("make", STORES.values(), ids=STORES.keys())


def content(store: Store) -> dict[tuple[str, str], bytes]:
    return {(kind, key): value for kind in ("variable", "session", "") for key, value in store.rows(kind)}


def model_of(commits: list[list[Write]]) -> dict[tuple[str, str], bytes]:
    model: dict[tuple[str, str], bytes] = {}
    for commit in commits:
        for write in commit:
            if isinstance(write, Put):
                model[write.kind, write.key] = write.value
            else:
                model.pop((write.kind, write.key), None)
    return model


@every_store
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_a_store_is_a_dictionary_that_survives(make: Make, steps: list[list[Write] | str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = make(Path(folder) / "station.db")
        commits: list[list[Write]] = []
        for step in steps:
            if step == "erase":
                store.erase()
                commits.clear()
            elif isinstance(step, str):
                store.close() if step == "close" else store.sever()
                store = store.reopen()
            else:
                store.commit(step)
                commits.append(step)
            model = model_of(commits)
            assert content(store) == model
            assert store.rows("session") == sorted(
                (key, value) for (kind, key), value in model.items() if kind == "session"
            )
            assert all(store.get(kind, key) == value for (kind, key), value in model.items())
            assert store.get("absent", "1") is None
        store.close()


@every_store
@pytest.mark.parametrize("end", ["close", "sever"])
def test_use_after_the_end_is_severed(make: Make, end: str, tmp_path: Path) -> None:
    store = make(tmp_path / "station.db")
    store.commit([Put("a", "1", b"x")])
    store.close() if end == "close" else store.sever()
    for use in (lambda: store.get("a", "1"), lambda: store.rows("a"), lambda: store.commit([Delete("a", "1")])):
        with pytest.raises(StoreSevered):
            use()
    store.close()
    store.sever()
    fresh = store.reopen()
    assert fresh.get("a", "1") == b"x"
    fresh.close()


@pytest.mark.parametrize("make", [STORES["memory"], STORES["sqlite"]], ids=["memory", "sqlite"])
@settings(max_examples=40, deadline=None)
@given(commits=st.lists(COMMITS, min_size=1, max_size=6), data=st.data())
def test_a_crash_leaves_the_commits_before_it(make: Make, commits: list[list[Write]], data: st.DataObject) -> None:
    when: Literal["before", "after"] = data.draw(st.sampled_from(["before", "after"]))
    crash_at = data.draw(st.integers(1, len(commits)))
    with tempfile.TemporaryDirectory() as folder:
        cuts: list[str] = []
        store = CrashingStore(make(Path(folder) / "station.db"), crash_at, when, lambda: cuts.append("cut"))
        for commit in commits[: crash_at - 1]:
            store.commit(commit)
        with pytest.raises(PowerCut, match=f"{when} commit {crash_at}"):
            store.commit(commits[crash_at - 1])
        with pytest.raises(StoreSevered):
            store.commit([])
        fresh = store.reopen()
        assert content(fresh) == model_of(commits[: crash_at if when == "after" else crash_at - 1])
        assert (cuts, store.crashed) == (["cut"], True)
        fresh.close()


def test_commits_are_counted_where_no_crash_is_asked_for() -> None:
    store = CrashingStore(MemoryStore())
    for _ in range(3):
        store.commit([])
    assert (store.commits, store.crashed) == (3, False)


def test_a_power_cut_is_not_contained_as_an_error() -> None:
    assert not issubclass(PowerCut, Exception)


@settings(deadline=None)
@given(commits=st.lists(COMMITS, max_size=10), sync_every=st.integers(0, 4))
def test_a_forgetful_store_keeps_exactly_what_was_synced(commits: list[list[Write]], sync_every: int) -> None:
    store = ForgetfulStore(sync_every)
    for commit in commits:
        store.commit(commit)
    assert content(store) == model_of(commits)
    store.sever()
    synced = len(commits) // sync_every * sync_every if sync_every else 0
    assert content(store.reopen()) == model_of(commits[:synced])


def test_a_sync_by_hand_and_a_shutdown_in_good_order_forget_nothing() -> None:
    store = ForgetfulStore(sync_every=0)
    store.commit([Put("a", "1", b"x")])
    store.sync()
    store = store.reopen()
    store.commit([Put("a", "2", b"y")])
    store.close()
    assert store.reopen().rows("a") == [("1", b"x"), ("2", b"y")]
