"""Real databases and a real mail server for every test that asks."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from aiohttp.test_utils import unused_port

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.service_provider import SpidSettings
from tests.support.acs_door import IDP, Door
from tests.support.made_requests import AGATA
from tests.support.postgres_server import postgres_server
from tests.support.saml_answering import Keys
from tests.support.smtp_servers import MailCatcher, running_catcher
from tests.support.web_service import (
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


@pytest.fixture(scope="session")
def sp_keys() -> tuple[str, str]:
    return create_key_and_certificate("sp", "sp", "http://127.0.0.1", "demo", "Palermo", 30)


@pytest.fixture
def settings(sp_keys: tuple[str, str]) -> SpidSettings:
    base_url = f"http://127.0.0.1:{unused_port()}"
    return SpidSettings(
        base_url=base_url,
        entity_id=base_url,
        private_key_pem=sp_keys[0],
        certificate_pem=sp_keys[1],
        organization_name="Regione Siciliana",
        organization_display_name="Regione Siciliana",
        organization_url="https://www.regione.sicilia.it",
        contact_email="intercup@regione.sicilia.it",
        contact_phone="+390917071111",
        ipa_code="r_sicili",
    )


@pytest.fixture(scope="session")
def idp_keys() -> Keys:
    return Keys(*create_key_and_certificate("idp", "idp", IDP, "demo", "Palermo", 30))


@pytest.fixture(scope="session")
def foreign_keys() -> Keys:
    return Keys(*create_key_and_certificate("foreign", "foreign", IDP, "demo", "Palermo", 30))


@pytest.fixture
def door(
    browser: Browser,
    service: Service,
    idp_keys: Keys,
    foreign_keys: Keys,
    caplog: pytest.LogCaptureFixture,
) -> Door:
    """The service with one identity provider, and a browser that nobody has logged in with."""
    folder = service.settings.spid_providers_dir
    assert folder
    folder.mkdir(parents=True)
    metadata = identity_provider_metadata(IDP, f"{IDP}/sso", idp_keys.certificate)
    (folder / "idp.xml").write_bytes(metadata)
    return Door(browser, idp_keys, foreign_keys, caplog)
