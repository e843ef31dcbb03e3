"""A whole login of the demo: the web application and the demo provider, both listening."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from demo_place import listening
from lxml import html
from yarl import URL

from intercup.identity.demo_citizens import ANOMALIES, CITIZENS
from intercup.identity.demo_idp import create_app
from intercup.texts import TEXTS
from tests.integration.web_service import Browser, Service

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)


async def press(session: aiohttp.ClientSession, url: str, fields: dict[str, str]) -> html.Element:
    async with session.post(url, data=fields) as response:
        assert response.status == 200
        return html.document_fromstring(await response.text())


async def log_in(browser: Browser, idp: str, **buttons: str) -> tuple[int, str]:
    """Go from the list of providers to the answer, pressing the buttons named."""
    async with browser.get("/accedi?ritorno=/assistenza") as response:
        page = html.document_fromstring(await response.text())
    (link,) = page.xpath("//ul[@class='providers']//a/@href")
    async with browser.get(link) as response:
        address = response.headers["Location"]
    async with browser.session.get(URL(address, encoded=True)) as response:
        page = html.document_fromstring(await response.text())
    login = page.xpath("string(//input[@name='login']/@value)")
    if "citizen" in buttons:
        fields = {"login": login, "citizen": buttons["citizen"]}
        await press(browser.session, f"{idp}/consenso", fields)
    anomaly = {"anomaly": buttons["anomaly"]} if "anomaly" in buttons else {}
    page = await press(browser.session, f"{idp}/risposta", {"login": login} | anomaly)
    (form,) = page.forms
    fields = dict(form.form_values())
    async with browser.session.post(form.action, data=fields) as response:
        text = html.document_fromstring(await response.text()).text_content()
        return response.status, " ".join(text.split())


@pytest.fixture
async def demo(service: Service) -> AsyncIterator[str]:
    """The demo provider, known to the service."""
    port = unused_port()
    folder = service.settings.spid_providers_dir
    assert folder
    url = f"http://127.0.0.1:{port}"
    app = create_app(url, f"{service.base_url}/spid/metadata", folder / "demo.xml")
    async with listening(app, port):
        yield url


async def test_every_test_citizen_gets_in_or_is_told_why(browser: Browser, demo: str) -> None:
    for number, citizen in enumerate(CITIZENS):
        status, page = await log_in(browser, demo, citizen=str(number))
        if citizen.email:
            assert status == 200
            assert f"{citizen.name} {citizen.surname}" in page
        else:
            assert status == 403
            assert TEXTS("login.email_missing")[:60] in page
        async with browser.post("/esci") as response:
            assert response.status == 303


@pytest.mark.parametrize("code", ANOMALIES)
async def test_every_anomaly_is_explained(code: int, browser: Browser, demo: str) -> None:
    status, page = await log_in(browser, demo, anomaly=str(code))

    assert status == 403
    assert TEXTS(f"login.spid_anomaly_{code}")[:60] in page


async def test_consent_may_be_denied(browser: Browser, demo: str) -> None:
    status, page = await log_in(browser, demo, citizen="0", anomaly="22")

    assert status == 403
    assert TEXTS("login.spid_anomaly_22")[:60] in page
