"""The plain form's text survives the end of the session and a change of address."""

import html
import re
import time

import pytest
from sqlalchemy import update

from intercup.db.tables import BrowserSession, Request
from intercup.domain.consent import PRIVACY, REGULATION
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from tests.support.made_requests import AGATA, ROSARIO, TEXT, count
from tests.support.web_service import Browser

FIELDS = {
    "category": "information",
    "structure": "ao_papardo",
    "description": f"{TEXT}\r\n<b>e poi</b>",
    "privacy": PRIVACY.version,
    "submission_key": "chiave-del-modulo",
}


async def expire(browser: Browser, limit: float = IDLE_LIMIT) -> None:
    field = "seen_at" if limit == IDLE_LIMIT else "created_at"
    async with browser.database.write() as writing:
        await writing.execute(update(BrowserSession).values(**{field: time.time() - limit - 1}))


async def post(browser: Browser, **more: str) -> tuple[int, str, str]:
    async with browser.post("/assistenza", data=FIELDS | more) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def form_page(browser: Browser) -> str:
    async with browser.get("/assistenza") as response:
        return str(await response.text())


def is_restored(page: str) -> bool:
    return all(
        (
            re.search(r'value="information" selected', page),
            re.search(r'value="ao_papardo" selected', page),
            html.escape("<b>e poi</b>") in page,
            re.search(r'id="privacy"[^>]* checked', page),
            not re.search(r'id="regulation"[^>]* checked', page),
            'value="chiave-del-modulo"' in page,
        )
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("limit", [IDLE_LIMIT, ABSOLUTE_LIMIT])
async def test_a_form_sent_after_the_end_comes_back_after_the_login(
    browser: Browser, limit: float
) -> None:
    await browser.log_in(AGATA)
    await expire(browser, limit)
    status, _, page = await post(browser)
    assert status == 401
    assert html.escape("<b>e poi</b>") in page
    assert "/accedi?ritorno=/assistenza" in page
    await browser.log_in_again(AGATA)
    assert is_restored(await form_page(browser))
    assert await count(browser.database, Request) == 0


async def test_beside_a_form_in_use_the_chat_is_said_to_be_apart(browser: Browser) -> None:
    await browser.log_in(AGATA)
    assert "separato dal modulo" not in await form_page(browser)
    await post(browser, next="address")
    assert "separato dal modulo" in await form_page(browser)


async def test_another_person_does_not_find_it(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await expire(browser)
    await post(browser)
    await browser.log_in_again(ROSARIO)
    page = await form_page(browser)
    assert "e poi" not in page
    assert "chiave-del-modulo" not in page


async def test_the_login_button_of_the_warning_keeps_the_form_too(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await expire(browser)
    status, location, _ = await post(browser, next="login")
    assert (status, location) == (303, "/accedi?ritorno=/assistenza")
    await browser.log_in_again(AGATA)
    assert is_restored(await form_page(browser))


async def test_after_a_login_in_another_tab_the_button_leads_back_to_the_form(
    browser: Browser,
) -> None:
    await browser.log_in(AGATA)
    status, location, _ = await post(browser, next="login")
    assert (status, location) == (303, "/assistenza")
    assert is_restored(await form_page(browser))


async def test_the_way_to_change_the_address_keeps_the_form(browser: Browser) -> None:
    await browser.log_in(AGATA)
    status, location, _ = await post(browser, next="address")
    assert (status, location) == (303, "/recapito?ritorno=/assistenza")
    assert is_restored(await form_page(browser))


@pytest.mark.parametrize(
    ("typed", "is_said"), [({}, False), ({"description": "sì"}, True), ({"phone": "091"}, True)]
)
async def test_a_form_without_anything_written_is_not_said_to_be_kept(
    browser: Browser, typed: dict[str, str], is_said: bool
) -> None:
    await browser.log_in(AGATA)
    empty = {"submission_key": "k", "next": "address", "files_kept": "0"}
    async with browser.post("/assistenza", data=empty | typed) as response:
        assert response.status == 303
    assert ("non ancora inviato" in await form_page(browser)) is is_said


async def test_a_form_that_was_sent_is_not_kept(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await post(browser, next="address")
    assert (await post(browser, regulation=REGULATION.version))[0] == 303
    assert "e poi" not in await form_page(browser)


async def test_without_a_session_to_keep_it_in_the_text_can_be_copied(browser: Browser) -> None:
    status, _, page = await post(browser, next="login")
    assert status == 401
    assert html.escape("<b>e poi</b>") in page
    assert "copiare" in page


async def test_enter_in_a_field_sends_and_does_not_change_the_address(browser: Browser) -> None:
    """Browsers press the form's first button on the page, which may stand outside of the form."""
    await browser.log_in(AGATA)
    page = await form_page(browser)
    first = re.search(r'<button[^>]* form="request-form"[^>]*>', page)
    assert first and first.start() < page.index('id="request-form"')
    assert 'type="submit"' in first[0]
    assert "name=" not in first[0]
