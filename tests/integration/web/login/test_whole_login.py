"""A whole login of the demo: the web application and the demo provider, both listening."""

import time
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import urlencode

import aiohttp
import pytest
from lxml import html
from yarl import URL

from intercup.domain.dialogue import ACCESS
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.errors import Unavailable
from intercup.identity.demo_citizens import ANOMALIES, CITIZENS
from intercup.identity.demo_idp import create_app
from intercup.services.login.sessions import find_session
from intercup.texts import TEXTS
from tests.support.demo_place import listening
from tests.support.made_requests import submission, submit
from tests.support.ports import free_port
from tests.support.web_service import Browser, Service

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
    response = await answer(browser, idp, "/accedi?ritorno=/assistenza", **buttons)
    text = html.document_fromstring(await response.text()).text_content()
    return response.status, " ".join(text.split())


async def answer(
    browser: Browser, idp: str, login_page: str, **buttons: str
) -> aiohttp.ClientResponse:
    """Bring the provider's answer back, and follow where it leads."""
    async with browser.get(login_page) as response:
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
    response = await browser.session.post(form.action, data=fields)
    await response.read()
    return response


@pytest.fixture
async def demo(service: Service, demo_keys: tuple[str, str]) -> AsyncIterator[str]:
    """The demo provider, known to the service."""
    port = free_port()
    folder = service.settings.spid_providers_dir
    assert folder
    url = f"http://127.0.0.1:{port}"
    app = create_app(url, f"{service.base_url}/spid/metadata", folder / "demo.xml", demo_keys)
    async with listening(app, port):
        yield url


async def test_every_test_citizen_gets_in_also_without_an_address(
    browser: Browser, demo: str
) -> None:
    for number, citizen in enumerate(CITIZENS):
        status, page = await log_in(browser, demo, citizen=str(number))
        assert status == 200
        assert f"{citizen.name} {citizen.surname}" in page
        assert ("Indica l'indirizzo e-mail" in page) == (citizen.email is None)
        async with browser.post("/esci") as response:
            assert response.status == 303


async def test_every_anomaly_is_explained(browser: Browser, demo: str) -> None:
    found = {code: await log_in(browser, demo, anomaly=str(code)) for code in ANOMALIES}

    assert {status for status, _ in found.values()} == {403}
    for code, (_, page) in found.items():
        assert TEXTS(f"login.spid_anomaly_{code}")[:60] in page


async def test_consent_may_be_denied(browser: Browser, demo: str) -> None:
    status, page = await log_in(browser, demo, citizen="0", anomaly="22")

    assert status == 403
    assert TEXTS("login.spid_anomaly_22")[:60] in page


@pytest.mark.parametrize(
    "path",
    [
        "/assistenza?structure=asp_trapani",
        "/prenota?structure=ao_papardo",
        "/richieste",
        "/recapito",
    ],
)
async def test_the_citizen_lands_where_they_came_from(
    browser: Browser, demo: str, path: str
) -> None:
    async with browser.get(path) as response:
        login_page = response.headers.get("Location")
        if login_page is None:
            page = html.document_fromstring(await response.text())
            (login_page,) = page.xpath("//main//a[contains(@class, 'btn-primary')]/@href")

    landed = await answer(browser, demo, login_page, citizen="0")

    assert (landed.status, landed.url.path_qs) == (200, path)
    assert landed.history[0].status == 303


@pytest.mark.parametrize("path", ["/regolamento", "/privacy", "/"])
async def test_the_login_in_the_header_leads_to_a_page_for_citizens(
    browser: Browser, demo: str, path: str
) -> None:
    async with browser.get(path) as response:
        page = html.document_fromstring(await response.text())
    (login_page,) = page.xpath("//header//a[contains(@class, 'slim-button')]/@href")

    landed = await answer(browser, demo, login_page, citizen="0")

    assert landed.url.path_qs == "/portale"


ELSEWHERE = (
    "https://evil.example/portale",
    "//evil.example/portale",
    "///portale",
    "////evil.example/portale",
    "/\\evil.example",
    "\\\\evil.example/portale",
    "http:portale",
    "javascript:/portale",
    "/portale/../esci",
    "/portale%0d%0aSet-Cookie:x=1",
    "/por\ttale",
    " /portale",
    "portale",
    "//[",
    "/esci",
)


async def test_a_login_leads_to_no_other_site(service: Service, demo: str) -> None:
    led_to: dict[str, tuple[str, str]] = {}
    for target in ELSEWHERE:
        async with service.browser() as browser:  # one that isn't logged in
            login_page = "/accedi?" + urlencode({"ritorno": target})
            landed = await answer(browser, demo, login_page, citizen="0")
            led_to[target] = landed.history[0].headers["Location"], str(landed.url)

    assert led_to == dict.fromkeys(ELSEWHERE, ("/portale", f"{service.base_url}/portale"))


async def test_a_receipt_from_before_the_login_leads_to_the_list_with_a_sentence(
    service: Service, demo: str, directory: Directory
) -> None:
    stranger = Citizen("key of the address", "", "", "anna@example.it")
    async with service.browser() as mine, service.browser() as other:
        chat = (await mine.open_chat())["conversation"]
        await other.open_chat()
        sent = submission(None, ACCESS, None, stranger, conversation_id=chat)
        number = (await submit(service.database, directory, sent)).number
        login_page = f"/accedi?ritorno=/richieste/{number}"
        landed = [await answer(each, demo, login_page, citizen="0") for each in (mine, other)]
    pages = [await each.text() for each in landed]

    assert [each.history[0].headers["Location"] for each in landed] == [
        "/richieste?prima",
        "/richieste",
    ]
    assert ["inviata prima dell'accesso" in unescape(page) for page in pages] == [True, False]


async def test_a_login_leads_back_to_the_citizens_own_receipt(
    service: Service, demo: str, directory: Directory
) -> None:
    async with service.browser() as browser:
        await answer(browser, demo, "/accedi", citizen="0")
        session = await find_session(service.database, cookie_of(browser), time.time())
        assert session and session.citizen
        own = submission(None, citizen=session.citizen)
        path = f"/richieste/{(await submit(service.database, directory, own)).number}"
        landed = await answer(browser, demo, f"/accedi?ritorno={path}", citizen="0")

    assert landed.history[0].headers["Location"] == path


@pytest.mark.parametrize("read", ["find_session", "request_of"])
async def test_a_database_that_fails_after_the_login_costs_no_second_one(
    browser: Browser, demo: str, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    async def fails(*_: object) -> None:
        raise Unavailable("database_unavailable")

    monkeypatch.setattr(f"intercup.web.login.{read}", fails)
    path = "/richieste/IC-0000-0000-0000"
    landed = await answer(browser, demo, f"/accedi?ritorno={path}", citizen="0")

    assert landed.history[0].headers["Location"] == path
    assert (await browser.open_chat())["authenticated"]


async def test_home_login_and_request_are_one_conversation(browser: Browser, demo: str) -> None:
    before = await browser.open_chat("home")
    old_cookie = cookie_of(browser)

    await answer(browser, demo, "/accedi?ritorno=/assistenza", citizen="0")
    after = await browser.open_chat("assistance")

    assert after["conversation"] == before["conversation"]
    assert (before["authenticated"], after["authenticated"]) == (False, True)
    assert cookie_of(browser) != old_cookie
    assert await find_session(browser.database, old_cookie, time.time()) is None


async def test_a_refused_login_leads_back_to_where_it_began(browser: Browser, demo: str) -> None:
    page = await answer(
        browser, demo, "/accedi?ritorno=/assistenza?structure=asp_ragusa", anomaly="25"
    )

    links = html.document_fromstring(await page.text()).xpath("//main//a/@href")
    assert "/accedi?ritorno=/assistenza%3Fstructure%3Dasp_ragusa" in links
    assert "/" in links
    assert "mailto:intercup@regione.sicilia.it" in links


def cookie_of(browser: Browser) -> str:
    return next(c.value for c in browser.session.cookie_jar if c.key == "intercup")
