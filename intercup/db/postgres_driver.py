"""asyncpg's connection beneath SQLAlchemy's, for transactions and prepared statements.

SQLAlchemy's is in autocommit: it begins no transaction, and what it runs belongs to the one begun
here. See docs/adr/0034.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InvalidatePoolError,
    ProgrammingError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

IDLE = 5.0  # seconds, after which a connection is asked for a sign of life before its next use
_RETURNED = "returned_at"


class PostgresDriver:
    """The driver of a connection that SQLAlchemy's pool has given."""

    def __init__(self, connection: AsyncConnection) -> None:
        opened: Any = connection.sync_connection
        self._driver: Any = opened.connection.driver_connection

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """Run a statement and return its rows."""
        return await self._answer_of(self._driver.fetch(sql, *parameters))

    async def run_each(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement without rows once for each set of parameters."""
        await self._answer_of(self._driver.executemany(sql, parameters))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit what the block does, or undo it.

        Raises:
            DBAPIError: nothing was committed, or the connection was lost during the commit.
        """
        await self._run("BEGIN")
        try:
            yield
        except Exception:
            await self.rollback()
            raise
        except BaseException:  # A cancelled statement may still be under way.
            self._driver.terminate()
            raise
        # PostgreSQL answers the commit of a failed transaction by undoing it.
        if self._driver.is_in_transaction() and await self._run("COMMIT") != "COMMIT":
            raise DBAPIError(None, None, asyncpg.InFailedSQLTransactionError())

    async def rollback(self) -> None:
        """Undo the transaction, if it is open."""
        if self._driver.is_in_transaction():
            await self._run("ROLLBACK")

    async def _run(self, sql: str) -> str:
        """Run a statement and return PostgreSQL's word for it; a failure closes the connection."""
        try:
            found: str = await self._answer_of(self._driver.execute(sql))
        except BaseException:
            self._driver.terminate()
            raise
        return found

    async def _answer_of[T](self, work: Awaitable[T]) -> T:
        """Await a call of the driver; its errors become SQLAlchemy's."""
        try:
            return await work
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(None, None, error) from error
        except asyncpg.SyntaxOrAccessError as error:
            raise ProgrammingError(None, None, error) from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DBAPIError(None, None, error) from error
        except asyncpg.InternalClientError as error:  # The server went away in between.
            self._driver.terminate()
            raise DBAPIError(None, None, error) from error


def replace_lost_connections(engine: AsyncEngine) -> None:
    """Let the pool give no connection that was closed meanwhile, or is silent after a rest."""
    event.listen(engine.sync_engine, "checkin", _note_return)
    event.listen(engine.sync_engine, "checkout", _check)


def _note_return(_connection: object, record: Any) -> None:
    record.info[_RETURNED] = time.monotonic()


def _check(connection: Any, record: Any, _given: object) -> None:
    returned_at = record.info.get(_RETURNED)
    if returned_at is None:  # It is new.
        return
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    if time.monotonic() - returned_at > IDLE:
        try:
            connection.ping()
        except Exception as error:
            raise InvalidatePoolError from error
