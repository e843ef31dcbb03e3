"""The end of a session: foreseen without being put off, put off on request, told in time."""

import time
from typing import Any

import pytest
from sqlalchemy import select, update

from intercup.db.tables import BrowserSession
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT, PROLONGED_MIN
from tests.support.made_requests import AGATA, ROSARIO
from tests.support.web_service import Browser, Service, StandInRasa

NEAR = 2.0  # seconds that a test may take


async def end_of(browser: Browser) -> dict[str, Any]:
    async with browser.get("/sessione") as response:
        assert response.status == 200
        body: dict[str, Any] = await response.json()
        return body


async def prolong(browser: Browser, **more: Any) -> tuple[int, dict[str, Any]]:
    async with browser.post("/sessione", **({"json": {}} | more)) as response:
        return response.status, await response.json()


async def age(browser: Browser, **seconds: float) -> None:
    """Make the sessions of this database older."""
    values = {name: time.time() - value for name, value in seconds.items()}
    async with browser.database.write() as writing:
        await writing.execute(update(BrowserSession).values(**values))


async def seen_at(browser: Browser) -> float:
    async with browser.database.read() as reading:
        return await reading.scalar(select(BrowserSession.seen_at)) or 0.0


async def test_nobody_has_no_session_to_end(browser: Browser) -> None:
    assert await end_of(browser) == {"state": "none", "seconds_left": 0, "prolongable": False}
    await browser.open_chat()
    assert (await end_of(browser))["state"] == "none"
    assert (await prolong(browser))[0] == 401


async def test_to_ask_for_the_end_does_not_put_it_off(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await age(browser, seen_at=IDLE_LIMIT - 100)
    before = await seen_at(browser)
    end = await end_of(browser)
    assert 100 - NEAR <= end["seconds_left"] <= 100
    assert (end["state"], end["prolongable"]) == ("open", True)
    assert await seen_at(browser) == before


@pytest.mark.parametrize("path", ["/chat/session?page=portal", "/chat/events"])
async def test_what_a_page_asks_by_itself_does_not_put_it_off(browser: Browser, path: str) -> None:
    await browser.log_in(AGATA)
    await browser.open_chat()
    await age(browser, seen_at=IDLE_LIMIT - 100)
    async with browser.get(path) as response:
        assert response.status == 200
    assert (await end_of(browser))["seconds_left"] <= 100


async def test_the_citizen_can_prolong_it(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await age(browser, seen_at=IDLE_LIMIT - 5)
    status, end = await prolong(browser)
    assert status == 200
    assert end["seconds_left"] >= IDLE_LIMIT - NEAR


async def test_the_absolute_end_cannot_be_put_off(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await age(browser, created_at=ABSOLUTE_LIMIT - 100, seen_at=0)
    status, end = await prolong(browser)
    assert (status, end["prolongable"]) == (200, False)
    assert end["seconds_left"] <= 100


async def test_a_little_before_the_absolute_end_it_is_no_longer_offered(browser: Browser) -> None:
    await browser.log_in(AGATA)
    idle_left = 120.0
    await age(
        browser,
        seen_at=IDLE_LIMIT - idle_left,
        created_at=ABSOLUTE_LIMIT - idle_left - PROLONGED_MIN + NEAR,
    )
    assert (await end_of(browser))["prolongable"] is False


@pytest.mark.parametrize("which", ["seen_at", "created_at"])
async def test_an_ended_session_stays_ended(browser: Browser, which: str) -> None:
    await browser.log_in(AGATA)
    await age(browser, **{which: (IDLE_LIMIT if which == "seen_at" else ABSOLUTE_LIMIT) + 1})
    assert (await end_of(browser))["state"] == "expired"
    assert (await prolong(browser))[0] == 401
    async with browser.get("/portale") as response:
        assert response.status == 303


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example"])
async def test_another_site_cannot_prolong(browser: Browser, origin: str | None) -> None:
    await browser.log_in(AGATA)
    status, body = await prolong(browser, headers={"Origin": origin})
    assert (status, body["error"]) == (403, "not_allowed")


async def test_a_clock_set_back_promises_no_more_than_a_session(browser: Browser) -> None:
    await browser.log_in(AGATA)
    await age(browser, seen_at=-7200, created_at=-7200)
    assert (await end_of(browser))["seconds_left"] <= IDLE_LIMIT


async def test_every_page_of_a_citizen_can_warn(browser: Browser) -> None:
    async with browser.get("/regolamento") as response:
        assert 'id="session-dialog"' not in await response.text()
    await browser.log_in(AGATA)
    for path in ("/portale", "/prenota", "/assistenza", "/richieste", "/recapito", "/regolamento"):
        async with browser.get(path) as response:
            page = await response.text()
        assert 'role="alertdialog"' in page, path
        assert "/static/pages.js" in page


async def test_the_chat_of_an_expired_session_waits_for_the_same_person(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser(AGATA) as browser:
        chat = (await browser.open_chat("portal"))["conversation"]
        await browser.say("scritto prima")
        await age(browser, seen_at=IDLE_LIMIT + 1)
        async with browser.get("/chat/session?page=portal") as response:
            assert (response.status, (await response.json())["error"]) == (401, "not_authenticated")
            assert "Set-Cookie" not in response.headers
        await browser.log_in_again(AGATA)
        again = await browser.open_chat("portal")
    assert again["conversation"] == chat
    assert "scritto prima" in [message["text"] for message in again["messages"]]


async def test_another_person_finds_a_new_chat(chat_service: Service, rasa: StandInRasa) -> None:
    async with chat_service.browser(AGATA) as browser:
        chat = (await browser.open_chat("portal"))["conversation"]
        await browser.say("scritto prima")
        await age(browser, seen_at=IDLE_LIMIT + 1)
        await browser.log_in_again(ROSARIO)
        other = await browser.open_chat("portal")
    assert other["conversation"] != chat
    assert "scritto prima" not in str(other)


async def test_whoever_does_not_log_in_again_can_start_anew(browser: Browser) -> None:
    await browser.log_in(AGATA)
    chat = (await browser.open_chat("portal"))["conversation"]
    await age(browser, seen_at=IDLE_LIMIT + 1)
    async with browser.get("/chat/session?page=home&expired=leave") as response:
        body = await response.json()
    assert (body["authenticated"], body["citizen"]) == (False, None)
    assert body["conversation"] != chat
    assert (await browser.open_chat())["conversation"] == body["conversation"]
