"""The web service, with and without Rasa, and identities for its logins."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_idp import new_keys
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.service_provider import SpidSettings
from tests.support.acs_door import IDP, Door
from tests.support.forwarding import Offices
from tests.support.made_requests import AGATA
from tests.support.ports import free_port
from tests.support.saml_answering import Keys
from tests.support.smtp_servers import MailCatcher
from tests.support.spid_settings import spid_settings
from tests.support.web_service import (
    Browser,
    Service,
    StandInRasa,
    running_service,
    stand_in_rasa,
)


@pytest.fixture
def tmp_path(memory_disk: Path) -> Iterator[Path]:
    """A folder in memory, as nearly all of these tests have their databases there."""
    with TemporaryDirectory(dir=memory_disk, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
async def service(
    database: Database, directory: Directory, tmp_path: Path
) -> AsyncIterator[Service]:
    """The web service without Rasa."""
    async with running_service(database, directory, tmp_path) as service:
        yield service


@pytest.fixture
async def browser(service: Service) -> AsyncIterator[Browser]:
    """A browser that nobody has logged in with."""
    async with service.browser() as browser:
        yield browser


@pytest.fixture
def offices(browser: Browser, directory: Directory, mail_catcher: MailCatcher) -> Offices:
    """The offices of requests that the test makes; their browser is `browser`."""
    return Offices(browser, directory, mail_catcher)


@pytest.fixture
async def rasa() -> AsyncIterator[StandInRasa]:
    async with stand_in_rasa() as rasa:
        yield rasa


@pytest.fixture
async def chat_service(
    database: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Service]:
    """The web service with a stand-in for Rasa."""
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
    return spid_settings(f"http://127.0.0.1:{free_port()}", sp_keys)


@pytest.fixture(scope="session")
def idp_keys() -> Keys:
    return Keys(*create_key_and_certificate("idp", "idp", IDP, "demo", "Palermo", 30))


@pytest.fixture(scope="session")
def demo_keys() -> tuple[str, str]:
    """Those of every demo identity provider, which makes new ones at each start: 0.15 s."""
    return new_keys("http://127.0.0.1")


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
