"""A service provider and a demo identity provider, both really listening on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from acs_door import IDP, Door
from aiohttp import web
from aiohttp.test_utils import unused_port
from demo_place import Place, listening

from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.demo_idp import create_app
from intercup.identity.demo_response import identity_provider_metadata
from intercup.identity.service_provider import ServiceProvider, SpidSettings
from tests.integration.web_service import Browser, Service
from tests.saml_answering import Keys


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


@pytest.fixture
async def place(settings: SpidSettings, tmp_path: Path) -> AsyncIterator[Place]:
    idp_port = unused_port()
    idp_url = f"http://127.0.0.1:{idp_port}"
    metadata_file = tmp_path / "providers" / "demo.xml"

    async def show_metadata(request: web.Request) -> web.Response:
        return web.Response(body=ServiceProvider(settings, []).metadata())

    service = web.Application()
    service.add_routes([web.get("/spid/metadata", show_metadata)])
    sp_metadata_url = f"{settings.base_url}/spid/metadata"
    demo = create_app(idp_url, sp_metadata_url, metadata_file)
    async with (
        listening(service, int(settings.base_url.rpartition(":")[2])),
        listening(demo, idp_port),
        aiohttp.ClientSession() as browser,
    ):
        yield Place(settings, idp_url, metadata_file, browser)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough here; test_spid_register.py has both."""
    return sqlite_url


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
