"""A unit of work: one commit, and effects only after it."""

from collections.abc import Callable, Sequence

import pytest

from ohmstead.edge.store_memory import MemoryStore
from ohmstead.model.events import Event, Notice
from ohmstead.ports.store import Put, StoreFailed, Write
from ohmstead.runtime.unit import Units


class Counting(MemoryStore):
    """Counts commits, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.full = False

    def commit(self, writes: Sequence[Write]) -> None:
        """Commit or fail."""
        if self.full:
            raise StoreFailed("no space left")
        self.commits += 1
        super().commit(writes)


class Bench:
    """Units over a counting store, with listeners that may be set."""

    def __init__(self) -> None:
        self.store = Counting()
        self.log: list[str] = []
        self.hears: Callable[[Event], None] = lambda _event: None
        self.units = Units(self.store, self._tell)

    def _tell(self, event: Event) -> None:
        self.hears(event)

    def does(self, name: str) -> Callable[[], None]:
        """Return an effect that writes its name into the log."""
        return lambda: self.log.append(name)


@pytest.fixture
def bench() -> Bench:
    """Return a fresh bench."""
    return Bench()


def test_nested_units_are_one_commit(bench: Bench) -> None:
    """Decided together is committed together."""
    with bench.units.open():
        bench.units.write(Put("a", "1", b""))
        with bench.units.open():
            bench.units.write(Put("a", "2", b""))
    assert bench.store.commits == 1
    assert len(bench.store.rows("a")) == 2


def test_a_unit_that_writes_nothing_commits_nothing(bench: Bench) -> None:
    """An fsync for nothing would be paid by every observation."""
    with bench.units.open():
        bench.units.after(bench.does("effect"))
    assert bench.store.commits == 0
    assert bench.log == ["effect"]


def test_effects_come_after_the_commit(bench: Bench) -> None:
    """Commit, then speak."""
    with bench.units.open():
        bench.units.write(Put("a", "1", b""))
        bench.units.after(lambda: bench.log.append(f"committed {bench.store.commits}"))
        bench.log.append("inside")
    assert bench.log == ["inside", "committed 1"]


def test_what_fails_leaves_nothing_behind(bench: Bench) -> None:
    """Memory is as before, in the reverse order of the changes; neither rows nor effects remain (decided case 19)."""

    def fails() -> None:
        with bench.units.open():
            bench.units.write(Put("a", "1", b""))
            bench.units.undo(bench.does("undo first change"))
            bench.units.undo(bench.does("undo second change"))
            bench.units.after(bench.does("effect"))
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    assert bench.log == ["undo second change", "undo first change"]
    with bench.units.open():
        bench.units.write(Put("a", "2", b""))
    assert [key for key, _ in bench.store.rows("a")] == ["2"]


def test_a_commit_that_fails_is_taken_back(bench: Bench) -> None:
    """New facts are adopted only with their commit (decided case 19)."""
    bench.store.full = True

    def write() -> None:
        with bench.units.open():
            bench.units.write(Put("a", "1", b""))
            bench.units.undo(bench.does("undo"))
            bench.units.after(bench.does("effect"))

    with pytest.raises(StoreFailed):
        write()
    assert bench.log == ["undo"]


def test_events_are_told_first_in_first_out_to_a_fixed_point(bench: Bench) -> None:
    """What a listener announces is told after what was announced before it."""

    def hears(event: Event) -> None:
        assert isinstance(event, Notice)
        bench.log.append(event.text)
        if event.text == "1":
            bench.units.announce(Notice("1.1"))

    bench.hears = hears
    with bench.units.open():
        bench.units.announce(Notice("1"))
        bench.units.announce(Notice("2"))
        assert bench.log == []
    assert bench.log == ["1", "2", "1.1"]


def test_effects_of_a_unit_that_an_effect_opens_come_behind(bench: Bench) -> None:
    """Messages are appended by effects: one that follows from another must not overtake it."""

    def opens() -> None:
        with bench.units.open():
            bench.units.write(Put("a", "inner", b""))
            bench.units.after(bench.does("inner"))

    with bench.units.open():
        bench.units.write(Put("a", "outer", b""))
        bench.units.after(opens)
        bench.units.after(bench.does("outer"))
    assert bench.log == ["outer", "inner"]
    assert bench.store.commits == 2


def test_an_effect_that_fails_does_not_keep_the_others_away(bench: Bench) -> None:
    """The rows are committed: memory has to follow them, whatever the display thinks."""

    def breaks() -> None:
        raise KeyError("display")

    def unit() -> None:
        with bench.units.open():
            bench.units.after(breaks)
            bench.units.after(bench.does("append"))

    with pytest.raises(KeyError):
        unit()
    assert bench.log == ["append"]
    with bench.units.open():
        bench.units.after(bench.does("next"))
    assert bench.log == ["append", "next"]
