"""SQLite for SQLAlchemy's async engine: only commits, which wait for the disk, run in a thread.

aiosqlite hands every call to a thread and back, some thirty times a chat turn, though a call on a
local file takes microseconds. Waits for another writer's lock don't block the loop (engine.py).
See docs/adr/0007.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any, Self


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
    """A connection with the methods that SQLAlchemy awaits; transactions are begun by hand."""

    def __init__(self, path: str) -> None:
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    def cursor(self) -> InlineCursor:
        return InlineCursor(self._open.cursor())

    async def commit(self) -> None:
        if self._open.in_transaction:
            # The one call that waits for the disk.
            await asyncio.to_thread(self._open.commit)

    async def rollback(self) -> None:
        self._open.rollback()

    def wait_for_locks(self, milliseconds: int) -> None:
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


async def connect(path: str) -> InlineConnection:
    """Open the database file; create it if it is missing."""
    return InlineConnection(path)
