"""The schema and the promises of durability, on both databases."""

import asyncio
import itertools
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, event, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from intercup.db import engine as engine_module
from intercup.db.engine import Database
from intercup.db.sqlite import sqlite3
from intercup.db.tables import Base, BrowserSession, Rating
from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError, Unavailable
from tests.support.databases import execute
from tests.support.made_requests import submit

pytestmark = pytest.mark.both_databases


async def test_the_migrations_make_the_tables(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)

    async with database._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(database: Database, directory: Directory) -> None:
    await submit(database, directory)
    before = await _schema_and_rows(database)
    assert before["requests"].rows
    await database.migrate()
    assert await _schema_and_rows(database) == before


async def test_the_end_closes_also_a_connection_in_use(postgres_url: str) -> None:
    database = Database(postgres_url)
    async with database.read() as session:
        raw = await (await session.connection()).get_raw_connection()
        driver: Any = raw.driver_connection
        await database.close()
    assert driver.is_closed()


@dataclass(frozen=True)
class _Table:
    """A table as the database itself describes it, and what is in it."""

    made_by: str
    indexes: list[str]
    rows: list[tuple[Any, ...]]


async def _schema_and_rows(database: Database) -> dict[str, _Table]:
    def read(connection: Connection) -> dict[str, _Table]:
        found = MetaData()
        found.reflect(connection)
        return {name: _read_table(connection, table) for name, table in found.tables.items()}

    async with database.read() as session:
        return await (await session.connection()).run_sync(read)


def _read_table(connection: Connection, table: Table) -> _Table:
    return _Table(
        str(CreateTable(table).compile(connection)),
        sorted(str(CreateIndex(index).compile(connection)) for index in table.indexes),
        sorted(map(tuple, connection.execute(select(table))), key=repr),
    )


async def test_a_migrated_database_is_verified(database: Database) -> None:
    await database.verify()


async def test_an_empty_database_is_refused(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(ConfigurationError, match="migrate"):
        await database.verify()
    await database.close()


async def test_two_migrations_at_once_both_succeed(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    await asyncio.gather(*(database.migrate() for database in databases))
    await databases[0].verify()
    for database in databases:
        await database.close()


async def test_a_migration_waits_for_a_long_one_of_another_process(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "LOCK_TIMEOUT", 0.05)
    database = Database(sqlite_url)
    with closing(sqlite3.connect(tmp_path / "intercup.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=wal")
        other.execute("BEGIN IMMEDIATE")
        migrating = asyncio.create_task(database.migrate())
        await asyncio.sleep(0.3)
        other.execute("COMMIT")
        await migrating
    await database.verify()
    await database.close()


async def test_a_database_newer_than_the_program_says_what_to_do(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (database.verify, database.migrate):
        with pytest.raises(ConfigurationError, match=r"9999, più nuova.*installare la versione"):
            await use()


async def test_sqlite_with_another_journal_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    sync_engine = database._engine.sync_engine
    event.listen(
        sync_engine, "connect", lambda raw, _: raw.cursor().execute("PRAGMA journal_mode=DELETE")
    )
    await database.close()
    with pytest.raises(ConfigurationError, match="journal_mode è delete"):
        await database.verify()
    await database.close()


async def test_sqlite_waits_for_the_disk_unless_told_not_to(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    for is_synced in (True, False, True, True, False):
        async with database.write(is_synced=is_synced) as session:
            level = (await session.execute(text("PRAGMA synchronous"))).scalar()
        assert level == (2 if is_synced else 1)
    await database.verify()
    await database.close()


async def test_postgres_that_commits_before_the_disk_is_refused(
    postgres: str, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    await execute(postgres, f"ALTER DATABASE {name} SET synchronous_commit = off")
    database = Database(postgres_url)
    await database.migrate()
    with pytest.raises(ConfigurationError, match="synchronous_commit è off"):
        await database.verify()
    await database.close()


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            session.add(Rating(stars=1, day="2025-08-01"))
            await session.flush()
            raise RuntimeError
    async with database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM ratings"))).scalar() == 0


async def test_foreign_keys_are_enforced(database: Database) -> None:
    row = BrowserSession(id_hash="x", created_at=0, seen_at=0, conversation_id="nobody")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        async with database.write() as session:
            session.add(row)


@pytest.mark.parametrize("code", ["53100", "57014", "40P01", "53300", "55P03"])
async def test_a_server_in_trouble_is_an_outage(postgres_url: str, code: str) -> None:
    """53100 disk full, 57014 timeout, 40P01 deadlock, 53300 too many connections, 55P03 lock."""
    database = Database(postgres_url)
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$"
    with pytest.raises(Unavailable):
        async with database.write() as session:
            await session.execute(text(raising))
    await database.close()


async def test_a_server_that_takes_no_connections_is_an_outage(
    postgres: str, postgres_url: str
) -> None:
    database = Database(postgres_url)
    name = postgres_url.rpartition("/")[2]
    await execute(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    with pytest.raises(Unavailable):
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
    await execute(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    async with database.read() as session:
        assert (await session.execute(text("SELECT 1"))).scalar() == 1
    await database.close()


async def test_the_service_goes_on_after_lost_connections(postgres: str, postgres_url: str) -> None:
    database = Database(postgres_url)
    async with database.read() as one, database.read() as two:
        await one.execute(text("SELECT 1"))
        await two.execute(text("SELECT 1"))
    name = postgres_url.rpartition("/")[2]
    await execute(
        postgres,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
    )
    failures = 0
    for _ in itertools.repeat(None, 5):
        try:
            async with database.read() as session:
                await session.execute(text("SELECT 1"))
            break
        except Unavailable:
            failures += 1
    assert failures <= 1
    await database.close()


async def test_a_damaged_sqlite_file_is_an_outage(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await database.close()
    (tmp_path / "intercup.db").write_bytes(b"not a database at all, " * 500)
    with pytest.raises(Unavailable):
        async with database.read() as session:
            await session.execute(text("SELECT count(*) FROM ratings"))
    await database.close()


async def test_a_missing_folder_is_an_outage(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    (tmp_path / "intercup.db").mkdir()
    with pytest.raises(Unavailable):
        async with database.write() as session:
            await session.execute(text("SELECT 1"))
    await database.close()
    await asyncio.sleep(0.1)  # aiosqlite's thread of the failed connection ends
