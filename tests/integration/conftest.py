"""Real databases and a real mail server for every test that asks."""

import asyncio
import itertools
import shutil
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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file; to copy it takes a tenth of the time of the migrations."""
    file = tmp_path_factory.mktemp("template") / "intercup.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """The name of a migrated database."""

    async def make() -> None:
        await execute(postgres, "CREATE DATABASE template_intercup")
        await migrate(f"postgresql+asyncpg://{postgres}/template_intercup")

    asyncio.run(make())
    return "template_intercup"


async def migrate(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


def wants_tables(request: pytest.FixtureRequest) -> bool:
    """Tell whether the test gets a migrated database; others make what they need."""
    return not {"database", "chat_service"}.isdisjoint(request.fixturenames)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    file = tmp_path / "intercup.db"
    if wants_tables(request):
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres: str) -> Iterator[str]:
    name, template = f"intercup_{next(_numbers)}", "template1"
    if wants_tables(request):
        template = request.getfixturevalue("postgres_template")
    asyncio.run(execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield f"postgresql+asyncpg://{postgres}/{name}"
    asyncio.run(execute(postgres, f"DROP DATABASE {name} WITH (FORCE)"))


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
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield service


@pytest.fixture
async def chatting(chat_service: Service) -> AsyncIterator[Browser]:
    """A citizen's browser with the chat open."""
    async with chat_service.browser(AGATA) as browser:
        await browser.open_chat("portal")
        yield browser
