"""After the form: a redirect to the receipt, whose address is the citizen's own and stays."""

import pytest
from lxml import html
from sqlalchemy import update

from intercup.db.tables import Request
from intercup.domain.dialogue import ACCESS
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.services.login.login import safe_return
from tests.support.made_requests import AGATA, ROSARIO, TEXT, set_deliveries, submission, submit
from tests.support.web_service import FIELDS, Browser, Service


async def sent(browser: Browser) -> str:
    """Send the form; return where it leads."""
    async with browser.post("/assistenza", data=FIELDS) as response:
        assert response.status == 303
        return str(response.headers["Location"])


async def test_the_form_leads_to_a_receipt_that_can_be_opened_again(browser: Browser) -> None:
    await browser.log_in(AGATA)
    address = await sent(browser)
    assert await sent(browser) == address
    await set_deliveries(browser.database, "office", state="sent", sent_at=1.0)
    async with browser.get(address) as response:
        page = await response.text()
    assert (response.status, TEXT in page, address.rpartition("/")[2] in page) == (200, True, True)
    async with browser.get("/richieste") as response:
        assert f'href="{address}"' in await response.text()


async def test_a_request_shows_the_registers_number_once_it_has_one(browser: Browser) -> None:
    await browser.log_in(AGATA)
    address = await sent(browser)

    async def words_of(path: str) -> str:
        async with browser.get(path) as response:
            return " ".join(html.document_fromstring(await response.text()).text_content().split())

    for path in (address, "/richieste"):
        assert "Protocollo" not in await words_of(path)
    async with browser.database.write() as writing:
        await writing.execute(
            update(Request).values(protocol_number="0012345", protocol_day="2026-11-30")
        )
    for path in (address, "/richieste"):
        assert "Protocollo 0012345 del 30/11/2026" in await words_of(path)
    async with browser.get("/?lingua=en"):
        pass
    assert "Registry number (protocollo) 0012345 of 30/11/2026" in await words_of(address)


async def test_a_receipt_is_its_citizens_only(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        address = await sent(browser)
    async with service.browser(ROSARIO) as browser, browser.get(address) as response:
        assert (response.status, TEXT in await response.text()) == (404, False)


async def test_a_receipt_asked_for_before_the_login_is_shown_after_it(service: Service) -> None:
    async with service.browser(AGATA) as browser:
        address = await sent(browser)
    async with service.browser() as browser, browser.get(address) as response:
        login = response.headers["Location"]
    assert (login, safe_return(address)) == (f"/accedi?ritorno={address}", address)


async def test_a_receipt_from_before_the_login_opens_in_its_browser_only(
    service: Service, directory: Directory
) -> None:
    stranger = Citizen("key of the address", "", "", "anna@example.it")

    async def page_of(browser: Browser) -> tuple[int, bool]:
        async with browser.get(f"/richieste/{number}") as response:
            return response.status, TEXT in await response.text()

    async with service.browser() as mine, service.browser() as other:
        chat = (await mine.open_chat())["conversation"]
        await other.open_chat()
        wanted = submission(None, ACCESS, None, stranger, conversation_id=chat)
        number = (await submit(service.database, directory, wanted)).number
        assert await page_of(other) == (303, False)
        async with mine.get(f"/richieste/{number}") as response:
            page = await response.text()
        assert (response.status, TEXT in page, "anna@example.it" in page) == (200, True, True)
        assert 'action="/valutazione"' not in page
        assert 'class="request-steps"' not in page
        assert page.index("data-print") < page.index('id="riepilogo"')
        assert "/pages.js" in page
        await mine.log_in_again(AGATA)  # It may be another person at the same computer.
        assert await page_of(mine) == (404, False)


async def test_a_request_of_no_chat_opens_in_no_session_without_a_chat(
    service: Service, directory: Directory
) -> None:
    number = (await submit(service.database, directory)).number
    async with service.browser(ROSARIO) as browser, browser.get(f"/richieste/{number}") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/assistenza/", "/assistenza"),
        ("/richieste//", "/richieste"),
        ("/prenota/?structure=ao_papardo", "/prenota?structure=ao_papardo"),
        ("//evil.example/", "//evil.example"),
    ],
)
async def test_a_slash_at_the_end_leads_to_the_page_without_it_on_this_host(
    browser: Browser, path: str, target: str
) -> None:
    async with browser.get(path) as response:
        assert (response.status, response.headers["Location"]) == (308, browser.base_url + target)


async def test_browsers_find_the_icon_where_they_look_for_it(browser: Browser) -> None:
    async with browser.get("/favicon.ico") as response:
        assert (response.status, (await response.read())[:4]) == (200, b"\0\0\1\0")
