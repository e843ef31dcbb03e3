"""Real databases and a real mail server for every test that asks."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from intercup.db.engine import Database
from tests.integration.postgres_server import postgres_server
from tests.integration.smtp_servers import MailCatcher, running_catcher

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture
async def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}"


@pytest.fixture
async def postgres_url(postgres: str) -> AsyncIterator[str]:
    name = f"intercup_{next(_numbers)}"
    await execute(postgres, f"CREATE DATABASE {name}")
    yield f"postgresql+asyncpg://{postgres}/{name}"
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(f"postgresql://{address}/postgres")
    await connection.execute(statement)
    await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database, on SQLite and on PostgreSQL."""
    database = Database(database_url)
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def mail_catcher() -> AsyncIterator[MailCatcher]:
    async with running_catcher() as catcher:
        yield catcher
