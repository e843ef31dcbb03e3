"""SQLite for SQLAlchemy's async engine: only what waits for the disk runs in a thread.

aiosqlite, SQLAlchemy's usual driver, hands every call to a thread and back, some thirty times a
chat turn, though a call on a local file takes microseconds. Waits for another writer's lock don't
block the loop.
See docs/adr/0007.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

from intercup.db.sqlite import WAL, journal_of, sqlite3

LOCK_RETRY = 0.001  # seconds between two tries
# Other processes' commits hold the lock for a few milliseconds only.
BUSY_TIMEOUT = 1_000  # milliseconds
CHECKPOINT_WAIT = 50  # milliseconds, in which no process can write
_PRIMARY = 0xFF  # of an error's code, which may tell more
# A synced commit waits for the disk, in a thread, and at times empties the journal. After a power
# cut any other is undone, unless a synced one came after it.
_SYNCED = ("PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=1000")
_NOT_SYNCED = ("PRAGMA synchronous=NORMAL", "PRAGMA wal_autocheckpoint=0")


async def to_the_end[Result](commit: asyncio.Future[Result]) -> Result:
    """Wait for a commit, even if cancelled meanwhile; its failure is then the cause."""
    cancelled = None
    while not commit.done():
        try:
            await asyncio.wait([commit])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled from commit.exception()
    return commit.result()


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_BUSY


async def _in_a_thread[Result](work: Callable[[], Result]) -> Result:
    return await to_the_end(asyncio.get_running_loop().run_in_executor(None, work))


class InlineCursor:
    """A cursor with the methods that SQLAlchemy awaits."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self._cursor.execute(sql, parameters)

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(sql, parameters)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class InlineConnection:
    """A connection with the methods that SQLAlchemy awaits; transactions are begun by hand.

    Between `begin_part` and its end, commit and rollback concern that part of the transaction only.
    """

    def __init__(self, path: str) -> None:
        self._is_part = False
        self._is_synced: bool | None = None
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
        try:
            self.journal = journal_of(self._connection)
        except sqlite3.Error:
            self.stop()
            raise

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("no active connection")  # which SQLAlchemy knows
        return self._connection

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    @property
    def in_transaction(self) -> bool:
        return self._open.in_transaction

    def cursor(self) -> InlineCursor:
        return InlineCursor(self._open.cursor())

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """Run a statement and return its rows."""
        return self._open.execute(sql, parameters).fetchall()

    async def run_each(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement without rows once for each set of parameters."""
        self._open.executemany(sql, parameters)

    async def begin(self, wait: float, *, is_synced: bool = True) -> None:
        """Begin a transaction that writes; the seconds to wait for a writer don't block the loop.

        A deferred transaction that reads first can't always upgrade to writing.
        """
        is_synced = is_synced or self.journal != WAL
        if is_synced is not self._is_synced:
            for pragma in _SYNCED if is_synced else _NOT_SYNCED:
                self._open.execute(pragma)
            self._is_synced = is_synced
        deadline = time.monotonic() + wait
        self._wait_for_locks(0)
        try:
            while True:
                try:
                    self._open.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if not _is_busy(error) or time.monotonic() > deadline:
                        raise
                await asyncio.sleep(LOCK_RETRY)
        finally:
            self._wait_for_locks(BUSY_TIMEOUT)

    def begin_part(self) -> None:
        """Begin a part of the transaction that can be undone by itself."""
        self._open.execute("SAVEPOINT part")
        self._is_part = True

    def end_part(self) -> None:
        """End the part; raise OperationalError if SQLite has undone the whole transaction."""
        self._open.execute("RELEASE part")
        self._is_part = False

    def undo_part(self) -> None:
        """Undo and end the part, if it hasn't ended; the whole transaction, if that fails."""
        was_part, self._is_part = self._is_part, False
        if was_part and self.is_open and self.in_transaction:
            try:
                self._open.execute("ROLLBACK TO part")
                self._open.execute("RELEASE part")
            except sqlite3.Error:  # SQLite has undone it, and another has begun without the part.
                self._open.rollback()

    async def commit(self) -> None:
        """Commit; a caller goes on only after the end, even if cancelled twice."""
        if self._open.in_transaction and not self._is_part:
            if self._is_synced:
                await _in_a_thread(self._open.commit)
            else:
                self._open.commit()

    async def checkpoint(self) -> bool:
        """Move a WAL into the file and empty it; return False if others use it right now."""
        self._wait_for_locks(CHECKPOINT_WAIT)
        try:
            is_busy, *_ = await _in_a_thread(self._checkpoint)
        finally:
            self._wait_for_locks(BUSY_TIMEOUT)
        return not is_busy

    def _checkpoint(self) -> tuple[int, int, int]:
        self._open.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()  # other processes go on
        row: tuple[int, int, int] = self._open.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return row

    def change_journal(self, journal: str) -> bool:
        """Give the file another journal; return False if another connection uses the file."""
        try:
            (self.journal,) = self._open.execute(f"PRAGMA journal_mode={journal}").fetchone()
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                return False
            raise
        self._is_synced = None
        return True

    async def rollback(self) -> None:
        if not self._is_part:
            self._open.rollback()
        elif self.in_transaction:
            self._open.execute("ROLLBACK TO part")

    def _wait_for_locks(self, milliseconds: int) -> None:
        """Set for how long a statement waits for another process, while it blocks its thread."""
        self._open.execute(f"PRAGMA busy_timeout={milliseconds}")

    async def create_function(self, *arguments: Any, **options: Any) -> None:
        self._open.create_function(*arguments, **options)

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
