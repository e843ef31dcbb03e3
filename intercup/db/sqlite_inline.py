"""SQLite for SQLAlchemy's async engine: only commits, which wait for the disk, run in a thread.

aiosqlite hands every call to a thread and back, some thirty times a chat turn, though a call on a
local file takes microseconds. Waits for another writer's lock don't block the loop.
See docs/adr/0007.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from typing import Any, Self

LOCK_RETRY = 0.001  # seconds between two tries
# Other processes' commits hold the lock for a few milliseconds only.
BUSY_TIMEOUT = 1_000  # milliseconds


class Commits:
    """The commits of one process to one file: while one lasts, the file is locked for readers.

    SQLite would wait for it asleep, and the loop with it.
    """

    def __init__(self) -> None:
        self._under_way: asyncio.Future[None] | None = None

    async def end(self) -> None:
        """Wait for the end of the one under way."""
        while self._under_way and not self._under_way.done():
            await asyncio.wait([self._under_way])

    async def run(self, connection: sqlite3.Connection) -> None:
        """Commit in a thread; a caller goes on only after its end, even if cancelled twice."""
        loop = asyncio.get_running_loop()
        self._under_way = commit = loop.run_in_executor(None, connection.commit)
        await to_the_end(commit)


async def to_the_end(commit: asyncio.Future[None]) -> None:
    """Wait for a commit, even if cancelled meanwhile; its failure is then the cause."""
    cancelled = None
    while not commit.done():
        try:
            await asyncio.wait([commit])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled from commit.exception()
    commit.result()


class InlineCursor:
    """A cursor with the methods that SQLAlchemy awaits."""

    def __init__(self, cursor: sqlite3.Cursor, commits: Commits) -> None:
        self._cursor = cursor
        self._commits = commits

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
        await self._commits.end()
        self._cursor.execute(sql, parameters)

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._commits.end()
        self._cursor.executemany(sql, parameters)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class InlineConnection:
    """A connection with the methods that SQLAlchemy awaits; transactions are begun by hand.

    Between `begin_part` and its end, commit and rollback concern that part of the transaction only.
    """

    def __init__(self, path: str, commits: Commits) -> None:
        self._commits = commits
        self._is_part = False
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )

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
        return InlineCursor(self._open.cursor(), self._commits)

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """Run a statement and return its rows."""
        await self._commits.end()
        return self._open.execute(sql, parameters).fetchall()

    async def run_each(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement without rows once for each set of parameters."""
        await self._commits.end()
        self._open.executemany(sql, parameters)

    async def begin(self, wait: float) -> None:
        """Begin a transaction that writes; the seconds to wait for a writer don't block the loop.

        A deferred transaction that reads first can't always upgrade to writing.
        """
        deadline = time.monotonic() + wait
        self._wait_for_locks(0)
        try:
            while True:
                try:
                    self._open.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    is_busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                    if not is_busy or time.monotonic() > deadline:
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
        if self._open.in_transaction and not self._is_part:
            # The one call that waits for the disk.
            await self._commits.run(self._open)

    async def rollback(self) -> None:
        if not self._is_part:
            self._open.rollback()
        elif self.in_transaction:
            self._open.execute("ROLLBACK TO part")

    def _wait_for_locks(self, milliseconds: int) -> None:
        """Set for how long a statement waits for another process, while it blocks the loop."""
        self._open.execute(f"PRAGMA busy_timeout={milliseconds}")

    async def create_function(self, *arguments: Any, **options: Any) -> None:
        self._open.create_function(*arguments, **options)

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
