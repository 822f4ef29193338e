"""The folder of logs that came: for its owner only, bounded, and no name of a peer's is a path."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ohmstead.edge.received_logs import INDEX, LogFolder
from ohmstead.ports.file_service import ReceivedLog, UnknownLog

AT = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


def log(name: str = "a.log") -> ReceivedLog:
    return ReceivedLog(id=0, name=name, size=0, at=AT)


def names(folder: LogFolder) -> list[str]:
    return [one.name for one in folder.logs()]


def test_the_oldest_make_room_by_number(tmp_path: Path) -> None:
    folder = LogFolder(tmp_path / "logs", most=2)
    for name in ("1", "2", "3"):
        folder.add(log(name), b"x")
    assert names(folder) == ["3", "2"]
    assert len(list((tmp_path / "logs").glob("*.log"))) == 2


def test_the_oldest_make_room_by_bytes(tmp_path: Path) -> None:
    folder = LogFolder(tmp_path / "logs", room=100)
    for name in ("1", "2", "3"):
        folder.add(log(name), bytes(50))
    assert names(folder) == ["3", "2"]
    with pytest.raises(OSError, match="101 bytes"):
        folder.add(log(), bytes(101))
    assert names(folder) == ["3", "2"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", "/etc/passwd", "a\\b", "\0", "", "x" * 5000, "\u202egol.exe"]
)
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    folder = LogFolder(tmp_path / "logs")
    kept = folder.add(log(name), b"content")
    assert "/" not in kept.name and kept.name.isprintable() and 0 < len(kept.name) <= 255
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["1.log", INDEX, "logs"]
    assert folder.content(kept.id) == b"content"


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    LogFolder(tmp_path / "logs").add(log(), b"x")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "logs", *(tmp_path / "logs").iterdir())}
    assert modes == {"logs": 0o700, "1.log": 0o600, INDEX: 0o600}


def test_logs_outlive_the_program(tmp_path: Path) -> None:
    before = LogFolder(tmp_path / "logs")
    kept = before.add(log("kept"), b"x")
    before.remove(before.add(log("gone"), b"y").id)
    after = LogFolder(tmp_path / "logs")
    assert after.logs() == (kept,)
    assert after.content(kept.id) == b"x"
    with pytest.raises(UnknownLog):
        after.content(kept.id + 1)


@pytest.mark.parametrize("index", [b"no JSON", b'{"logs": 1}', b"\xff"])
def test_a_damaged_index_is_an_empty_folder(tmp_path: Path, index: bytes) -> None:
    LogFolder(tmp_path / "logs").add(log(), b"x")
    (tmp_path / "logs" / INDEX).write_bytes(index)
    folder = LogFolder(tmp_path / "logs")
    assert folder.logs() == ()
    assert list((tmp_path / "logs").glob("*.log")) == []
    assert folder.add(log("new"), b"z").name == "new"
