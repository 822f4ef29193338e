"""The security log: whatever is changed, added or taken out in its middle shows."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohmstead.model.security_log import MOST, Chain, SecurityLogEntry, broken

START = datetime(2026, 1, 1, tzinfo=UTC)


def log(length: int) -> list[SecurityLogEntry]:
    """Return a log of some entries."""
    chain = Chain([])
    return [chain.add(START + timedelta(seconds=n), "SettingSystemTime", f"info {n}")[0] for n in range(length)]


def test_an_untouched_log_holds_also_when_it_was_read_again() -> None:
    entries = log(5)
    again = Chain((entry.key, msgspec.json.encode(entry)) for entry in entries)
    entries.append(again.add(START, "StartupOfTheDevice", None)[0])
    assert broken(entries) is None


@given(at=st.integers(0, 9), text=st.text(max_size=5))
def test_a_changed_entry_shows(at: int, text: str) -> None:
    entries = log(10)
    entries[at] = msgspec.structs.replace(entries[at], type=text)
    assert broken(entries) == at + 1


@given(at=st.integers(1, 8))
def test_an_entry_that_is_missing_shows(at: int) -> None:
    entries = log(10)
    del entries[at]
    assert broken(entries) == at + 2


@given(at=st.integers(0, 8))
def test_an_entry_that_was_written_anew_shows(at: int) -> None:
    """Somebody who can compute hashes still cannot make the next entry follow."""
    entries = log(10)
    forged = msgspec.structs.replace(entries[at], type="Nothing")
    entries[at] = msgspec.structs.replace(forged, hash=forged.computed())
    assert broken(entries) == at + 2


def test_the_oldest_entries_go_and_the_rest_holds() -> None:
    chain = Chain([])
    kept: dict[str, SecurityLogEntry] = {}
    for number in range(MOST + 20):
        entry, gone = chain.add(START + timedelta(seconds=number), "SettingSystemTime", None)
        kept[entry.key] = entry
        for key in gone:
            del kept[key]
    assert len(kept) == MOST
    assert broken(list(kept.values())) is None


def test_what_was_not_committed_leaves_no_gap() -> None:
    chain = Chain([])
    first, _ = chain.add(START, "SettingSystemTime", None)
    chain.add(START, "Lost", None)
    chain.take_back(first)
    second, _ = chain.add(START, "SettingSystemTime", None)
    assert broken([first, second]) is None


@pytest.mark.parametrize("kept", [0, 1, 2, 3])
def test_a_failure_takes_back_all_that_came_after_the_last_commit(kept: int) -> None:
    """However many entries a unit has added; the numbers and the chain go on from what is kept."""
    chain = Chain([])
    added = [chain.add(START, "Event", None)[0] for _ in range(3)]
    chain.take_back(added[kept - 1] if kept else None)
    entry, gone = chain.add(START, "Next", None)
    assert entry.number == kept + 1
    assert broken([*added[:kept], entry]) is None
    assert not gone


def test_what_was_not_committed_pushes_nothing_out() -> None:
    """The oldest entry is still there, and goes for the next one that is committed."""
    chain = Chain([])
    kept = [chain.add(START, "Event", None)[0] for _ in range(MOST)]
    _, gone = chain.add(START, "Lost", None)
    chain.take_back(kept[-1], gone)
    assert gone == [kept[0].key]
    assert chain.add(START, "Event", None)[1] == gone
    assert chain.add(START, "Event", None)[1] == [kept[1].key]
