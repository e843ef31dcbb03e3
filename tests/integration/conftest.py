"""Real databases and a real mail server for every test that asks."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from tests.integration.made_requests import AGATA
from tests.integration.postgres_server import postgres_server
from tests.integration.smtp_servers import MailCatcher, running_catcher
from tests.integration.web_service import (
    Browser,
    Service,
    StandInRasa,
    running_service,
    stand_in_rasa,
)

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


@pytest.fixture
async def service(
    database: Database, directory: Directory, tmp_path: Path
) -> AsyncIterator[Service]:
    """The web service without Rasa, on both databases."""
    async with running_service(database, directory, tmp_path) as service:
        yield service


@pytest.fixture
async def browser(service: Service) -> AsyncIterator[Browser]:
    """A browser that nobody has logged in with."""
    async with service.browser() as browser:
        yield browser


@pytest.fixture
async def rasa() -> AsyncIterator[StandInRasa]:
    async with stand_in_rasa() as rasa:
        yield rasa


@pytest.fixture
async def chat_service(
    sqlite_url: str, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Service]:
    """The web service with a stand-in for Rasa."""
    database = Database(sqlite_url)
    await database.migrate()
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield service


@pytest.fixture
async def chatting(chat_service: Service) -> AsyncIterator[Browser]:
    """A citizen's browser with the chat open."""
    async with chat_service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        yield browser
