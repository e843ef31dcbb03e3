"""The database: SQLite that survives a power cut by default, PostgreSQL by URL."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from pathlib import Path
from shutil import disk_usage
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, event, func, inspect, select, text
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    create_async_engine,
)
from sqlalchemy.pool import NullPool, StaticPool
from sqlalchemy.util import await_only

from intercup.db import sqlite_inline
from intercup.db.prepared import Session
from intercup.db.shared_commits import SharedCommits
from intercup.db.sqlite import TRUNCATE, newest_journal, others_have, sqlite3
from intercup.db.tables import SCHEMA_VERSION
from intercup.errors import ConfigurationError, Unavailable
from intercup.log import SELDOM
from intercup.metrics import FAILURES, SECONDS

POOL = 20  # connections of a process to PostgreSQL
LOCK_TIMEOUT = 5.0  # seconds that a writer waits for SQLite's lock
MIGRATION_WAIT = 600.0  # seconds that a migration waits for a concurrent one
OLDEST_WAY_BACK = "0016"  # earlier migrations have none
MIGRATION_LOCK = 0x1C_DB  # PostgreSQL's advisory lock of a migration
CHECKPOINT_RETRY = 0.2  # seconds between two tries
ROOM_MIN = 256 * 1024  # bytes; a request takes some 30 kB with its journal
LISTEN_CHECK = 5.0  # seconds between two signs of life of a connection that only listens
RETRY_AFTER = 10  # seconds that a client is asked to wait when the database is down
POSTGRES_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")

_OURS = (
    *(IntegrityError, DataError, ProgrammingError),
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError),
)
_WAIT = SECONDS.labels("database_wait")

logger = logging.getLogger(__name__)

SQLITE_PRAGMAS = {
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "secure_delete": 1,  # deleted data is overwritten in the file
    "busy_timeout": sqlite_inline.BUSY_TIMEOUT,
    # Without a WAL a long transaction would lock out readers before its end.
    "cache_spill": 0,
}


class Database:
    """Sessions: `read()` without a transaction, `write()` in one that commits at the end."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._folder: Path | None = None
        self._path = parsed.database or ""
        self._drivers: dict[AsyncEngine, sqlite_inline.InlineConnection] = {}
        if self.is_sqlite and parsed.database:
            self._folder = Path(parsed.database).parent
            self._folder.mkdir(parents=True, exist_ok=True)
        # Every session ends its own transaction, so the pool needs no rollback.
        options: dict[str, Any] = {"hide_parameters": True, "pool_reset_on_return": None}
        self._opened: WeakSet[Any] = WeakSet()
        if self.is_sqlite:
            # One connection to read and one to write: no statement on a file is ever under way
            # while another begins.
            options |= {"async_creator": self._open_file, "poolclass": StaticPool}
            options["module"] = AsyncAdapt_aiosqlite_dbapi(sqlite3, sqlite3)
        else:
            options |= {"connect_args": {"async_creator_fn": self._connect}}
            options |= {"isolation_level": "AUTOCOMMIT", "pool_size": POOL, "max_overflow": 0}
            options["pool_use_lifo"] = True
        self._engine = create_async_engine(url, **options)
        self._reading = create_async_engine(url, **options) if self.is_sqlite else self._engine
        # SQLite allows one writer at a time: within a process they queue here instead of polling.
        self._writers = SharedCommits(lambda: self._driver(self._engine))
        if self.is_sqlite:
            for engine in (self._engine, self._reading):
                event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_immediate)
        else:
            from intercup.db import postgres_driver  # with asyncpg, which SQLite doesn't need

            self._driver_of = postgres_driver.PostgresDriver
            postgres_driver.replace_lost_connections(self._engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session for reading.

        Raises:
            Unavailable: the database doesn't answer.
        """
        with _unavailable_when_down():
            async with self._reads() as session:
                yield session

    @asynccontextmanager
    async def write(self, *, is_synced: bool = True) -> AsyncIterator[AsyncSession]:
        """Open a transaction; it is on disk once the block ends without an exception.

        What isn't synced is what nobody needs once the machine has stopped: SQLite then doesn't
        wait for the disk.

        Raises:
            Unavailable: the database or the disk failed; nothing was written.
        """
        with _unavailable_when_down():
            began = time.monotonic()
            begun = self._sqlite_transaction(is_synced) if self.is_sqlite else self._transaction()
            async with begun as session:
                _WAIT.observe(time.monotonic() - began)
                yield session
                if session.is_set_up and session.in_transaction():
                    await session.commit()  # of the statements that weren't prepared, too

    @asynccontextmanager
    async def _reads(self) -> AsyncIterator[Session]:
        if self.is_sqlite:
            async with Session(self._reading, await self._driver(self._reading)) as session:
                yield session
        else:
            async with (
                self._engine.connect() as connection,
                Session(connection, self._driver_of(connection)) as session,
            ):
                yield session

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Session]:
        async with self._engine.connect() as connection:
            driver = self._driver_of(connection)
            async with driver.transaction(), Session(connection, driver) as session:
                yield session

    @asynccontextmanager
    async def _sqlite_transaction(self, is_synced: bool) -> AsyncIterator[Session]:
        async with (
            self._writers.write(LOCK_TIMEOUT, is_synced=is_synced) as driver,
            Session(self._engine, driver) as session,
        ):
            yield session

    def _only_writer(self) -> AbstractAsyncContextManager[None]:
        return self._writers.alone() if self.is_sqlite else nullcontext()

    async def _driver(self, engine: AsyncEngine) -> sqlite_inline.InlineConnection:
        """Return SQLite's only connection of an engine."""
        driver = self._drivers.get(engine)
        if driver is None or not driver.is_open:
            async with engine.connect() as connection:
                opened: Any = (await connection.get_raw_connection()).driver_connection
            driver = self._drivers[engine] = opened
        return driver

    async def verify(self) -> None:
        """Check that commits are durable and that the schema is current.

        Raises:
            ConfigurationError: commits aren't durable, or the schema isn't current.
        """
        async with self._only_writer(), self._engine.connect() as connection:
            current = await _schema_version(connection)
            problems = [] if current == SCHEMA_VERSION else [_version_problem(current)]
            if self.is_sqlite:
                wanted: dict[str, Any] = SQLITE_PRAGMAS
                query = "PRAGMA {}"
                journal = (await connection.execute(text("PRAGMA journal_mode"))).scalar()
                if journal not in (TRUNCATE, newest_journal()):
                    problems.append(f"base dati: journal_mode è {journal}, deve essere {TRUNCATE}")
            else:
                wanted = dict.fromkeys(POSTGRES_DURABILITY, "on")
                query = "SHOW {}"
            for name, value in wanted.items():
                found = (await connection.execute(text(query.format(name)))).scalar()
                if found != value:
                    problems.append(f"base dati: {name} è {found}, deve essere {value}")
        if problems:
            raise ConfigurationError(problems)

    async def migrate(self, back_to: str | None = None) -> None:
        """Bring the schema to the newest version, or back; a second migration waits for the first.

        Raises:
            ConfigurationError: the schema belongs to a newer version of the program, or there is
                no way back.
        """
        options: dict[str, Any] = {"lock_timeout": MIGRATION_WAIT}
        if not self.is_sqlite:
            options["isolation_level"] = "READ COMMITTED"
        engine = self._engine.execution_options(**options)
        async with self._only_writer(), engine.begin() as connection:
            if not self.is_sqlite:  # SQLite took its lock when the transaction began.
                await connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            if _is_newer(current := await _schema_version(connection)):
                raise ConfigurationError([_version_problem(current)])
            from intercup.db.migrate import downgrade, upgrade  # 10 MB that only this needs

            if back_to is None:
                await connection.run_sync(upgrade)
            elif (current or "") > back_to >= OLDEST_WAY_BACK:
                await connection.run_sync(downgrade, back_to)
            elif current != back_to:
                raise ConfigurationError([f"base dati: da {current} non si torna a {back_to}"])

    async def check_writable(self) -> None:
        """Rewrite a row unchanged, to check that requests can be registered.

        Raises:
            Unavailable: the write failed, or the disk is almost full.
        """
        if self._folder and disk_usage(self._folder).free < ROOM_MIN:
            raise _unavailable("hardly any room on the disk")
        async with self.write() as session:
            await session.execute(text("UPDATE channels SET name = name"))

    async def has_journal(self, journal: str) -> bool:
        """Return True if SQLite's file has this journal; PostgreSQL has its own.

        Raises:
            Unavailable: the file failed.
        """
        if not self.is_sqlite:
            return True
        with _unavailable_when_down():
            async with self._writers.alone():
                return (await self._driver(self._engine)).journal == journal

    async def change_journal(self, journal: str) -> bool:
        """Give SQLite's file a journal; return False if another process has the file open.

        Raises:
            Unavailable: the file or its lock failed.
        """
        if not self.is_sqlite:
            return True
        with _unavailable_when_down():
            async with self._writers.alone():
                driver = await self._driver(self._engine)
                if driver.journal == journal:
                    return True
                await self._reading.dispose()
                return not others_have(Path(self._path)) and driver.change_journal(journal)

    async def checkpoint(self, wait: float = 0.0) -> bool:
        """Empty SQLite's journal: what was deleted is then overwritten there too.

        Return False if others have used it for so many seconds.

        Raises:
            Unavailable: the disk failed.
        """
        if not self.is_sqlite:
            return True
        until = time.monotonic() + wait
        with _unavailable_when_down():
            while True:
                async with self._writers.alone():
                    if await (await self._driver(self._engine)).checkpoint():
                        return True
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(CHECKPOINT_RETRY)

    async def listen(
        self, channel: str, heard: Callable[[str], None], ready: Callable[[], None]
    ) -> None:
        """Call `heard` with each of PostgreSQL's notifications, until the connection is lost.

        The connection isn't one of the pool. `ready` is called once it listens.

        Raises:
            Unavailable: the connection failed.
        """
        import asyncpg  # which SQLite doesn't need

        options: dict[str, Any] = {"poolclass": NullPool, "isolation_level": "AUTOCOMMIT"}
        options["connect_args"] = {"async_creator_fn": self._connect}
        engine = create_async_engine(self._reading.url, hide_parameters=True, **options)
        with _unavailable_when_down():
            async with engine.connect() as connection:
                raw: Any = (await connection.get_raw_connection()).driver_connection
                lost = asyncio.Event()
                raw.add_termination_listener(lambda _: lost.set())
                try:
                    await raw.add_listener(channel, lambda *notified: heard(notified[-1]))
                except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    raise _unavailable(type(error).__name__) from error
                ready()
                while not lost.is_set():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LISTEN_CHECK):
                            await lost.wait()
                    async with asyncio.timeout(LISTEN_CHECK):
                        await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections, also one in use or stranded by a task that was cancelled."""
        await self._engine.dispose()
        await self._reading.dispose()
        for connection in self._opened:
            connection.terminate()
        await asyncio.sleep(0)  # A terminated connection closes its socket in the next turn.

    async def _open_file(self) -> sqlite_inline.InlineConnection:
        return sqlite_inline.InlineConnection(self._path)

    async def _connect(self, *where: Any, **how: Any) -> Any:
        import asyncpg

        connection = await asyncpg.connect(*where, **how)
        self._opened.add(connection)
        return connection


@contextmanager
def _unavailable_when_down() -> Iterator[None]:
    """Turn database failures into Unavailable; errors of our own statements pass through."""
    try:
        yield
    except (DBAPIError, PoolTimeout, OSError, sqlite3.Error) as error:
        if not _is_outage(error):
            raise
        raise _unavailable(type(error).__name__) from error


def _unavailable(why: str) -> Unavailable:
    FAILURES.labels("database", why).inc()
    logger.error("ALARM database unavailable: %s", why, extra=SELDOM)
    return Unavailable("database_unavailable", retry_after=RETRY_AFTER)


def _is_outage(error: Exception) -> bool:
    # A full disk or a PostgreSQL timeout is a plain DBAPIError, so only our errors are listed.
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_lost or not isinstance(error, _OURS)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        for name, value in SQLITE_PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
    except sqlite3.Error:
        connection.close()  # The pool doesn't: it never got the connection.
        raise
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:  # else `write` has begun it
        wait = connection.get_execution_options().get("lock_timeout", LOCK_TIMEOUT)
        await_only(driver.begin(wait))


async def _schema_version(connection: AsyncConnection) -> str | None:
    """Return the number of the latest migration; None for an empty database."""
    has_table = await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version"))
    if not has_table:
        return None
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()


def _is_newer(version: str | None) -> bool:
    return version is not None and version > SCHEMA_VERSION


def _version_problem(version: str | None) -> str:
    if _is_newer(version):
        return (
            f"base dati: versione {version}, più nuova di questo programma ({SCHEMA_VERSION}):"
            " installare la versione del programma che l'ha aggiornata, oppure rimettere una copia"
            " fatta prima dell'aggiornamento"
        )
    return (
        f"base dati: versione {version or 'vuota'}, serve {SCHEMA_VERSION}:"
        " eseguire `intercup migrate`"
    )
