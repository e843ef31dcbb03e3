"""The login's routes: providers in random order, the rest of a folder with a broken file, forms."""

import logging

import pytest
from aiohttp.test_utils import TestServer
from lxml import html

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.identity.demo_response import identity_provider_metadata
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.web.app import create_app
from tests.support.acs_door import IDP, Door
from tests.support.ports import free_port
from tests.support.web_service import Browser, Service


def add_provider(service: Service, door: Door, name: str) -> None:
    folder = service.settings.spid_providers_dir
    assert folder
    url = f"https://{name}.example.it"
    document = identity_provider_metadata(url, f"{url}/sso", door.keys.certificate)
    (folder / f"{name}.xml").write_bytes(document)


async def shown_providers(browser: Browser) -> list[str]:
    async with browser.get("/accedi") as response:
        page = html.document_fromstring(await response.text())
    return [link.get("href") for link in page.xpath("//ul[@class='providers']//a")]


async def test_the_providers_come_in_random_order(door: Door, service: Service) -> None:
    for number in range(7):
        add_provider(service, door, f"idp{number}")

    orders = {tuple(await shown_providers(door.browser)) for _ in range(5)}

    assert len(orders) > 1
    assert {len(order) for order in orders} == {8}


async def test_a_broken_file_is_named_at_start_and_the_others_go_on(
    door: Door, service: Service, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    folder = service.settings.spid_providers_dir
    assert folder
    (folder / "broken.xml").write_text("<md:EntityDescriptor")

    assert len(await shown_providers(door.browser)) == 1
    assert (await door.begin()).relay_state
    caplog.set_level(logging.ERROR)
    database = Database(service.settings.database_url)
    again = TestServer(create_app(service.settings, database, Structures(directory)))
    await again.start_server()
    await again.close()
    (told,) = [record for record in caplog.records if "ALARM" in record.msg]
    assert f"{folder}/broken.xml: non è XML valido" in told.getMessage()


async def test_an_unknown_provider_has_a_page(door: Door) -> None:
    async with door.browser.get("/spid/login?idp=https://unknown.example.it") as response:
        assert response.status == 403


async def test_cie_has_no_routes_until_it_is_configured(door: Door) -> None:
    for path in ("/cie/metadata", "/cie/slo"):
        async with door.browser.get(path) as response:
            assert response.status == 404
    async with door.browser.post("/cie/acs", data={"RelayState": "x"}) as response:
        assert response.status == 403


async def test_a_broken_logout_has_a_page(door: Door) -> None:
    async with door.browser.get("/spid/slo?SAMLRequest=x") as response:
        assert response.status == 403
    for message in ("", "AAAA", "%%%", "A" * 140_000):
        async with door.browser.post("/spid/slo", data={"SAMLRequest": message}) as response:
            assert response.status == 403


async def test_by_the_post_binding_the_page_posts_to_the_provider_and_nowhere_else(
    door: Door, service: Service, directory: Directory
) -> None:
    folder = service.settings.spid_providers_dir
    assert folder
    text = (folder / "idp.xml").read_text("utf-8")
    both = text.replace(
        "</md:IDPSSODescriptor>",
        f"""<md:SingleSignOnService
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
        Location="{IDP}/post"/></md:IDPSSODescriptor>""",
    )
    (folder / "idp.xml").write_text(both, "utf-8")
    settings = Settings(
        data_dir=service.settings.data_dir, http_port=free_port(), spid_request_binding="post"
    )
    database = Database(settings.database_url)
    server = TestServer(
        create_app(settings, database, Structures(directory)), port=settings.http_port
    )
    await server.start_server()
    browser = Browser(door.browser.session, settings.base_url, database)
    async with browser.get(f"/spid/login?idp={IDP}") as response:
        page = html.document_fromstring(await response.text())
        policy = response.headers["Content-Security-Policy"]
    await server.close()

    (form,) = page.forms
    fields = dict(form.form_values())
    assert (form.method, form.action) == ("POST", f"{IDP}/post")
    assert set(fields) == {"SAMLRequest", "RelayState"}
    assert f"form-action {IDP} https:" in policy
    assert "script-src 'self'" in policy
    assert not page.xpath("//script[text()] | //style | //@style | //@onclick | //@onload")
    assert page.xpath("//button")


async def test_cie_has_its_own_button_where_it_is_configured(
    door: Door, service: Service, directory: Directory
) -> None:
    async with door.browser.get("/accedi") as response:
        assert "CIE" not in await response.text()
    settings = Settings(
        data_dir=service.settings.data_dir,
        http_port=free_port(),
        cie_entity_id="https://intercup.example.it",
    )
    assert settings.cie_providers_dir
    settings.cie_providers_dir.mkdir(parents=True)
    url = "https://cie.example.it"
    document = identity_provider_metadata(url, f"{url}/sso", door.keys.certificate)
    (settings.cie_providers_dir / "cie.xml").write_bytes(document)
    database = Database(settings.database_url)
    server = TestServer(
        create_app(settings, database, Structures(directory)), port=settings.http_port
    )
    await server.start_server()
    browser = Browser(door.browser.session, settings.base_url, database)
    async with browser.get("/accedi?ritorno=/richieste") as response:
        page = html.document_fromstring(await response.text())
    (target,) = page.xpath("//a[normalize-space()='Entra con CIE']/@href")
    async with browser.get(target) as response:
        assert response.status == 302
        assert response.headers["Location"].startswith(f"{url}/sso?SAMLRequest=")
    for path in ("/", "/assistenza"):
        async with browser.get(path) as response:
            assert "SPID o CIE" in await response.text()
    await server.close()

    assert "SPID o CIE" in page.xpath("string(//main)")
    listed = page.xpath("//ul[@class='providers']//a/@href")
    assert len(listed) == 1
    assert url not in listed[0]
