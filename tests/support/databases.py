"""Databases for the tests: SQLite, and PostgreSQL too if the dialect can matter.

A test or file marked `both_databases` runs on each; any other on SQLite. The mark belongs to locks,
claims, leases, hand-written SQL, constraints, types and migrations.
"""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from intercup.db.engine import Database
from intercup.db.tables import Base
from tests.support.postgres_server import postgres_server

KINDS = ("sqlite", "postgres")
_numbers = itertools.count()
# PostgreSQL writes a new database in 0.1 s of CPU and 1 s of waiting; emptying one takes a tenth.
_emptied: list[str] = []
TABLES = ["alembic_version", *(table.name for table in Base.metadata.sorted_tables)]
KEEP = ["CREATE SCHEMA fresh", *(f"CREATE TABLE fresh.{t} AS TABLE {t}" for t in TABLES)]
EMPTY = [
    # Division by zero after a way back, which may have dropped indexes alone.
    "SELECT 1 / count(*) FROM alembic_version NATURAL JOIN fresh.alembic_version",
    *(f"DELETE FROM {t}" for t in reversed(TABLES)),  # noqa: S608
    *(f"INSERT INTO {t} TABLE fresh.{t}" for t in TABLES),
    "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the tests that are marked both databases."""
    marked = metafunc.definition.get_closest_marker("both_databases")
    if marked and "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", KINDS, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    kind = getattr(request, "param", "sqlite")
    url: str = request.getfixturevalue(f"{kind}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def postgres(memory_disk: Path) -> Iterator[str]:
    with postgres_server(memory_disk) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file; copying it takes a tenth of the migrations' time."""
    file = tmp_path_factory.mktemp("template") / "intercup.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """The name of a migrated database."""

    async def make() -> None:
        await execute(postgres, "CREATE DATABASE template_intercup")
        await migrate(f"postgresql+asyncpg://{postgres}/template_intercup")
        await execute(postgres, "; ".join(KEEP), "template_intercup")

    asyncio.run(make())
    return "template_intercup"


async def migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


def wants_tables(request: pytest.FixtureRequest) -> bool:
    """Return True if the test gets a migrated database; others make what they need."""
    return "database" in request.fixturenames


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    file = tmp_path / "intercup.db"
    if wants_tables(request):
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres: str) -> Iterator[str]:
    """A database of the test's own; a migrated one may have been emptied after another test."""
    migrated = wants_tables(request)
    if migrated and _emptied:
        name = _emptied.pop()
    else:
        name = f"intercup_{next(_numbers)}"
        template = request.getfixturevalue("postgres_template") if migrated else "template1"
        asyncio.run(execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield f"postgresql+asyncpg://{postgres}/{name}"
    if migrated and asyncio.run(is_emptied(postgres, name)):
        _emptied.append(name)
    else:
        asyncio.run(execute(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


async def is_emptied(address: str, name: str) -> bool:
    """Bring a database back to its state after the migrations; return False if that fails."""
    await execute(
        address,
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608
    )
    try:
        await execute(address, "; ".join(EMPTY), name)
    except asyncpg.PostgresError:  # for example a test has changed the schema
        return False
    return True


async def execute(address: str, statements: str, name: str = "postgres") -> None:
    connection = await asyncpg.connect(f"postgresql://{address}/{name}")
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
