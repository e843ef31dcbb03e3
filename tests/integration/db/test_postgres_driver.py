"""PostgreSQL's transactions, begun past SQLAlchemy, and the connections of its pool."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db import postgres_driver
from intercup.db.engine import Database
from intercup.db.prepared import add
from intercup.db.tables import Rating, Use
from intercup.errors import Unavailable
from tests.support.databases import execute, migrate

RATING = {"stars": 1, "day": "2025-08-01"}


@pytest.fixture
async def on_postgres(postgres_url: str) -> AsyncIterator[Database]:
    await migrate(postgres_url)
    database = Database(postgres_url)
    yield database
    await database.close()


async def _ratings(database: Database) -> int:
    async with database.read() as reading:
        return (await reading.execute(text("SELECT count(*) FROM ratings"))).scalar() or 0


def _connection(session: AsyncSession) -> Any:
    return vars(session)["driver"]._driver


async def test_a_transaction_that_has_failed_is_no_commit(on_postgres: Database) -> None:
    with pytest.raises(Unavailable):
        async with on_postgres.write() as writing:
            await add(writing, Rating(**RATING))
            with pytest.raises(IntegrityError):
                await add(writing, Use(kind="k", who=None, used_at=0.0))
    assert await _ratings(on_postgres) == 0


async def test_a_cancelled_transaction_is_undone(on_postgres: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with on_postgres.write() as writing:
            await add(writing, Rating(**RATING))
            begun.set()
            await writing.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with on_postgres.write() as writing:
        await add(writing, Rating(**RATING))
    assert await _ratings(on_postgres) == 1


async def test_a_transaction_leaves_its_connection_to_the_next(on_postgres: Database) -> None:
    used = set()
    for error in (None, RuntimeError(), None):
        try:
            async with on_postgres.write() as writing:
                used.add(id(_connection(writing)))
                await add(writing, Rating(**RATING))
                if error:
                    raise error
        except RuntimeError:
            pass
    assert len(used) == 1
    assert await _ratings(on_postgres) == 2


async def test_a_connection_that_the_server_ends_is_replaced(
    on_postgres: Database, postgres: str, postgres_url: str
) -> None:
    closed = asyncio.Event()
    async with on_postgres.read() as reading:
        _connection(reading).add_termination_listener(lambda _: closed.set())
    name = postgres_url.rpartition("/")[2]
    await execute(
        postgres,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
    )
    await asyncio.wait_for(closed.wait(), 10)
    assert await _ratings(on_postgres) == 0


async def test_a_connection_is_asked_for_a_sign_of_life_after_a_rest(
    on_postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_driver, "IDLE", 0.0)

    def silent(_connection: object) -> None:
        raise OSError

    monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", silent)
    async with on_postgres.read() as reading:
        first = _connection(reading)
    async with on_postgres.read() as reading:
        assert _connection(reading) is not first
    assert await _ratings(on_postgres) == 0
