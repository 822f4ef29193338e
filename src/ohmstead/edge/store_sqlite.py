"""The store of a real station: one SQLite file, locked, one synced commit a change."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ohmstead.ports.store import Put, StoreFailed, StoreSevered, Write
from ohmstead.wire.printable import printable
from ohmstead.wire.rows import StoredRow

APPLICATION_ID = 0x4F484D53
"""Marks the file as ours (`OHMS`), so that another program's database is not taken for a store."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE rows (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)) "
        "WITHOUT ROWID",
    ),
)
"""Statements that lead from each schema version to the next. Append only, and only add: an older firmware slot may have
to read the file again (decided case 17)."""

PUT = "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value"
DELETE = "DELETE FROM rows WHERE kind = ? AND key = ?"
GET = "SELECT value FROM rows WHERE kind = ? AND key = ?"
ERASE = "DELETE FROM rows"
ROWS = "SELECT key, value FROM rows WHERE kind = ? ORDER BY key"


class StoreUnusable(Exception):
    """The file cannot serve as a store; the text names it and says what to do."""


class StoreInUse(StoreUnusable):
    """Another station has the file open."""


class StoreUnreadable(StoreUnusable):
    """The file is no store, is damaged, or may not be read."""


class StoreTooNew(StoreUnusable):
    """A newer version of the program wrote the file."""


class SqliteStore:
    """The Store port on a file that belongs to one process while it is open.

    Args:
        path: of the database; it and missing folders are created, readable by the owner alone.

    Raises:
        StoreInUse, StoreUnreadable, StoreTooNew: the file cannot be used; each text says what to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _prepare(path)
        try:
            self._db: sqlite3.Connection | None = _open(path)
        except OSError as error:
            raise StoreUnreadable(f"{path} cannot be opened: {error.strerror}") from error

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a committed row, or None. Raises StoreFailed where the disk cannot be read."""
        found: list[tuple[bytes]] = self._read(GET, kind, key)
        return self._row(kind, key, found[0][0]) if found else None

    def rows(self, kind: str) -> list[tuple[str, bytes]]:
        """Return the committed rows of a kind, sorted by key. Raises StoreFailed where the disk cannot be read."""
        return [(key, self._row(kind, key, value)) for key, value in self._read(ROWS, kind)]

    def _row(self, kind: str, key: str, value: object) -> StoredRow:
        # What somebody else wrote into the file may be no bytes at all.
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        return StoredRow(data, f"{self.path}: the row {printable(f'{kind} {key}')!r}")

    def commit(self, writes: Sequence[Write]) -> None:
        """Make all the writes durable together, in order, or none; returns once they are on the disk.

        Raises:
            StoreFailed: disk full or I/O error; nothing of it is visible.
            StoreSevered: the store was closed or severed.
        """
        db = self._connection()
        if not writes:
            return
        try:
            db.execute("BEGIN IMMEDIATE")
            for write in writes:
                if isinstance(write, Put):
                    db.execute(PUT, (write.kind, write.key, write.value))
                else:
                    db.execute(DELETE, (write.kind, write.key))
            db.execute("COMMIT")
        except sqlite3.Error as error:
            _roll_back(db)
            raise StoreFailed(f"{self.path}: {error}") from error
        except BaseException:
            _roll_back(db)
            raise

    def close(self) -> None:
        """Release the file in good order; later use raises StoreSevered."""
        if self._db:
            self._db.close()
            self._db = None

    def sever(self) -> None:
        """Let go of the file as a power cut does, without the tidying of `close()`; later use raises StoreSevered."""
        if not self._db:
            return
        db, self._db = self._db, None
        # SQLite folds its log into the database when it closes, unless the database is no longer where it was.
        # A disk that does not rename costs that alone; opening the store again puts back what stayed aside.
        aside = _aside(self.path)
        with suppress(OSError):
            self.path.rename(aside)
        with suppress(sqlite3.Error):
            db.close()
        with suppress(OSError):
            aside.rename(self.path)

    def reopen(self) -> "SqliteStore":
        """Return a fresh store on the same file; this one is severed first if it is still open.

        Raises StoreFailed where the disk does not let it be opened now.
        """
        self.sever()
        try:
            return SqliteStore(self.path)
        except StoreUnusable as error:
            raise StoreFailed(str(error)) from error

    def erase(self) -> None:
        """Remove every row, or none. Raises StoreFailed."""
        try:
            self._connection().execute(ERASE)
        except sqlite3.Error as error:
            raise StoreFailed(f"{self.path}: {error}") from error

    def _read(self, statement: str, *values: str) -> list[Any]:
        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreFailed(f"{self.path}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise StoreSevered(f"{self.path} was closed or severed")
        return self._db


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.severed")


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _aside(path).exists() and not path.exists():
            _aside(path).rename(path)
        # Never open an existing file here: closing it again would drop the locks that SQLite has on it in this process.
        if path.exists():
            path.chmod(0o600)
        else:
            path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnreadable(f"{path} cannot be created or protected: {error.strerror}") from error


def _open(path: Path) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=0, isolation_level=None)
        # Exclusive before the log exists: no -shm file, no locking calls a commit, and a second opener is turned away.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        db.execute("COMMIT")
        _identify(db, path)
        _migrate(db, path)
    except sqlite3.Error as error:
        if db:
            db.close()
        raise _explain(error, path) from error
    except StoreUnusable:
        if db:
            db.close()
        raise
    return db


def _identify(db: sqlite3.Connection, path: Path) -> None:
    application = _pragma(db, "application_id")
    if application not in (0, APPLICATION_ID) or (
        application == 0 and db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    ):
        raise StoreUnreadable(f"{path} is a database of another program: name another file for the station's store")
    damage = db.execute("PRAGMA quick_check(1)").fetchone()
    if damage != ("ok",):
        raise StoreUnreadable(_damaged(path, str(damage[0] if damage else "no answer")))


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    version = _pragma(db, "user_version")
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            f"{path} has schema version {version}, this program knows {len(MIGRATIONS)}: "
            "run the newer program again, or move the file away to start with an empty store"
        )
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        db.execute("BEGIN IMMEDIATE")
        for statement in statements:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    row: tuple[int] = db.execute(f"PRAGMA {name}").fetchone()
    return row[0]


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:
        try:
            db.execute("ROLLBACK")
        except sqlite3.Error:
            # SQLite has already rolled back by itself; the commit's own error is the one to tell.
            return


def _explain(error: sqlite3.Error, path: Path) -> StoreUnusable:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreInUse(f"{path} is in use by another station: end that one, or give this one a file of its own")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StoreUnreadable(_damaged(path, str(error)))
    return StoreUnreadable(f"{path} cannot be used: {error}; check that its folder is writable and the disk not full")


def _damaged(path: Path, detail: str) -> str:
    return (
        f"{path} is not a readable store ({detail}): move it and its -wal file away to start with an empty store, "
        "or put a backup in its place"
    )
