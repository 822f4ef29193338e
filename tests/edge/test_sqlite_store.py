"""The file of a real station: one owner, clear errors, synced commits, and SIGKILL at any moment."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from ohmstead.edge import store_sqlite
from ohmstead.edge.store_sqlite import SqliteStore, StoreInUse, StoreTooNew, StoreUnreadable, StoreUnusable
from ohmstead.ports.store import Delete, Put, StoreFailed

OPEN_ELSEWHERE = """
import sys
from pathlib import Path
from ohmstead.edge.store_sqlite import SqliteStore, StoreInUse
try:
    SqliteStore(Path(sys.argv[1]))
except StoreInUse as error:
    print(error)
"""

COMMIT_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.store import Delete, Put
store = SqliteStore(Path(sys.argv[1]))
last = int((store.get("counter", "a") or b"0").decode())
for number in count(last + 1):
    text = str(number).encode()
    queue = [Put("queue", f"{number:09}", text * 100), Delete("queue", f"{number - 5:09}")]
    store.commit([Put("counter", "a", text), *queue, Put("counter", "b", text)])
    print(number, flush=True)
"""

COMMIT_UNTIL_SYNCED = """
import sys
from pathlib import Path
from ohmstead.edge.store_sqlite import SqliteStore
from ohmstead.ports.store import Put
store = SqliteStore(Path(sys.argv[1]))
sys.stderr.write("BEGIN"); sys.stderr.flush()
for number in range(5):
    store.commit([Put("a", str(number), b"x")])
sys.stderr.write("END"); sys.stderr.flush()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "station.db"


def test_only_the_owner_can_read_the_files(path: Path) -> None:
    """A01.FR.10: the password is in them."""
    mask = os.umask(0)
    try:
        store = SqliteStore(path)
    finally:
        os.umask(mask)
    store.commit([Put("a", "1", b"x")])
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {"station.db": 0o600, "station.db-wal": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    store.close()
    path.chmod(0o644)
    SqliteStore(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_commits_are_synced(path: Path) -> None:
    store = SqliteStore(path)
    assert store._connection().execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._connection().execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to see the calls")
def test_every_commit_reaches_the_disk_before_it_returns(path: Path) -> None:
    trace = path.parent.parent / "trace"
    watched = [shutil.which("strace") or "", "-f", "-e", "trace=write,fdatasync,fsync", "-o", str(trace)]
    ran = subprocess.run(
        [*watched, sys.executable, "-c", COMMIT_UNTIL_SYNCED, str(path)], capture_output=True, check=False
    )
    if b"ptrace" in ran.stderr:
        pytest.skip("may not trace here")
    committed = trace.read_text().split('"BEGIN"')[1].split('"END"')[0]
    assert committed.count("sync(") == 5


def test_a_second_opener_in_this_process_is_told_so(path: Path) -> None:
    store = SqliteStore(path)
    with pytest.raises(StoreInUse, match=f"{path} is in use"):
        SqliteStore(path)
    store.commit([Put("a", "1", b"still mine")])
    store.close()
    fresh = SqliteStore(path)
    assert fresh.get("a", "1") == b"still mine"
    fresh.close()


def test_a_second_opener_in_another_process_is_told_so(path: Path) -> None:
    store = SqliteStore(path)
    with pytest.raises(StoreInUse):
        SqliteStore(path)
    ran = subprocess.run([sys.executable, "-c", OPEN_ELSEWHERE, str(path)], capture_output=True, text=True, check=True)
    assert f"{path} is in use by another station" in ran.stdout
    store.commit([Put("a", "1", b"x")])
    store.close()


def test_severing_leaves_the_log_as_a_power_cut_does(path: Path) -> None:
    store = SqliteStore(path)
    store.commit([Put("a", "1", b"x")])
    store.sever()
    assert sorted(file.name for file in path.parent.iterdir()) == ["station.db", "station.db-wal"]
    fresh = store.reopen()
    assert fresh.get("a", "1") == b"x"
    fresh.close()


def test_a_kill_while_severing_is_repaired(path: Path) -> None:
    store = SqliteStore(path)
    store.commit([Put("a", "1", b"x")])
    store.sever()
    path.rename(path.with_name("station.db.severed"))
    fresh = SqliteStore(path)
    assert fresh.get("a", "1") == b"x"
    fresh.close()


@pytest.mark.parametrize(
    "content", [b"this is no database, but a letter. " * 100, b"SQLite format 3\0" + b"\xff" * 5_000]
)
def test_a_file_that_is_no_database_is_refused_and_kept(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable, match="move it and its -wal file away"):
        SqliteStore(path)
    assert path.read_bytes() == content


def test_a_damaged_store_is_refused(path: Path) -> None:
    store = SqliteStore(path)
    store.commit([Put("a", str(number), b"x" * 500) for number in range(100)])
    store.close()
    data = bytearray(path.read_bytes())
    data[8192:16384] = os.urandom(8192)
    path.write_bytes(data)
    with pytest.raises(StoreUnreadable, match="not a readable store"):
        SqliteStore(path)


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    with pytest.raises(StoreUnreadable, match="another program"):
        SqliteStore(path)


def test_a_newer_schema_is_refused(path: Path) -> None:
    SqliteStore(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreTooNew, match="schema version 99"):
        SqliteStore(path)


def test_an_older_schema_is_migrated_and_keeps_its_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(path)
    store.commit([Put("a", "1", b"x")])
    store.close()
    added = (*store_sqlite.MIGRATIONS, ("CREATE TABLE more (x)", "INSERT INTO more VALUES (1)"))
    monkeypatch.setattr(store_sqlite, "MIGRATIONS", added)
    for _ in range(2):
        store = SqliteStore(path)
        assert store.get("a", "1") == b"x"
        assert store._connection().execute("SELECT count(*) FROM more").fetchone() == (1,)
        store.close()


def test_a_failed_migration_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteStore(path).close()
    with monkeypatch.context() as patched:
        broken = (*store_sqlite.MIGRATIONS, ("CREATE TABLE more (x)", "INSERT INTO nowhere VALUES (1)"))
        patched.setattr(store_sqlite, "MIGRATIONS", broken)
        with pytest.raises(StoreUnusable):
            SqliteStore(path)
    store = SqliteStore(path)
    assert store._connection().execute("SELECT count(*) FROM sqlite_schema WHERE name = 'more'").fetchone() == (0,)
    store.close()


def test_a_folder_in_the_way_is_a_clear_error(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreUnreadable, match="cannot be"):
        SqliteStore(path)


def test_a_full_disk_fails_the_whole_commit_and_nothing_else(path: Path) -> None:
    store = SqliteStore(path)
    store.commit([Put("a", "1", b"before")])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(StoreFailed, match=str(path)):
            store.commit([Put("a", "1", b"lost"), Put("a", "2", b"x" * 500_000)])
        assert store.rows("a") == [("1", b"before")]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    store.commit([Put("a", "3", b"after")])
    store = store.reopen()
    assert store.rows("a") == [("1", b"before"), ("3", b"after")]
    store.close()


def test_a_value_that_is_no_text_or_bytes_rolls_back(path: Path) -> None:
    store = SqliteStore(path)
    with pytest.raises(UnicodeEncodeError):
        store.commit([Put("a", "1", b"x"), Put("a", "\ud800", b"x")])
    assert store.rows("a") == []
    store.commit([Put("a", "1", b"x"), Delete("a", "2")])
    store.close()


def test_sigkill_at_any_moment_loses_no_acknowledged_commit_and_tears_none(path: Path) -> None:
    random, acknowledged = Random(20), 0
    for _ in range(6):
        writer = subprocess.Popen([sys.executable, "-c", COMMIT_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        for _ in range(random.randint(1, 400)):
            acknowledged = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        writer.stdout.close()
        assert writer.wait() == -signal.SIGKILL
        store = SqliteStore(path)
        counted = store.get("counter", "a")
        assert counted is not None
        assert counted == store.get("counter", "b")
        assert int(counted) >= acknowledged
        expected = [f"{n:09}" for n in range(max(1, int(counted) - 4), int(counted) + 1)]
        assert [key for key, _ in store.rows("queue")] == expected
        store.close()
