"""The technical team's work on sentences in a real browser, by keyboard."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.domain.staff import Role
from tests.support.browser.desk_pages import DONE, look
from tests.support.desk import COOKIE, desk_cookie
from tests.support.kept_sentences import keep_sentence
from tests.support.web_service import Service, running_service, stand_in_rasa

# A group's key decides whether its sentence goes to the set "from life".
TAKEN = re.compile(
    "|".join(re.escape(DONE[f"sentences_{key}"]) for key in ("accept", "out_of_scope", "life"))
)
SENTENCES = {
    "lo spid mi rimanda sempre alla pagina iniziale": {"reasons": ["asked", "low"]},
    "sono [nome] e lo spid mi rimanda alla pagina iniziale del sito": {"reasons": ["repeated"]},
    "a Marsala quando riapre il cup": {"reasons": ["corrected"], "label": "asp_trapani"},
    "boh niente": {"reasons": ["left"]},
}


@pytest.fixture
async def desk(database: Database, directory: Directory, tmp_path: Path) -> AsyncIterator[Service]:
    """The web service with some sentences kept."""
    async with (
        stand_in_rasa() as rasa,
        running_service(database, directory, tmp_path, rasa.url) as service,
    ):
        for text, more in SENTENCES.items():
            await keep_sentence(database, text, service.settings.secret_key, **more)
        yield service


async def a_page(desk: Service, browser: Browser, *, javascript: bool = True) -> Page:
    context = await browser.new_context(locale="it-IT", java_script_enabled=javascript)
    cookie = await desk_cookie(desk.database, Role)
    await context.add_cookies([{"name": COOKIE, "value": cookie, "url": desk.base_url}])
    return await context.new_page()


async def press_access_key(page: Page, key: str) -> None:
    """Press Alt and a key; Playwright's own keys leave out the letter that access keys need."""
    session = await page.context.new_cdp_session(page)
    pressed = {"modifiers": 1, "key": key, "text": key, "unmodifiedText": key}
    for kind in ("keyDown", "keyUp"):
        await session.send("Input.dispatchKeyEvent", pressed | {"type": kind})


async def test_a_right_suggestion_takes_one_key_and_comes_back_with_another(
    desk: Service, browser: Browser
) -> None:
    page = await a_page(desk, browser)
    await page.goto(f"{desk.base_url}/presidio/frasi")
    await look(page, "sentences")
    group = await page.locator("#gruppo").text_content()
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("dopo lo spid torno all'inizio")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(TAKEN)).to_be_visible()
    await look(page, "accepted")
    await press_access_key(page, "z")
    await expect(page.get_by_text(DONE["sentences_undo"])).to_be_visible()
    assert await page.locator("#gruppo").text_content() == group
    await page.locator("#text").fill("sono Agata Lo Presti")
    await press_access_key(page, "a")
    await expect(page.locator("#text-error")).to_be_visible()
    await look(page, "refused")
    for key, action in (("g", "ignore"), ("c", "delete")):
        await press_access_key(page, key)
        await expect(page.get_by_text(DONE[f"sentences_{action}"])).to_be_visible()


async def test_the_pages_work_without_javascript(desk: Service, browser: Browser) -> None:
    page = await a_page(desk, browser, javascript=False)
    await page.goto(f"{desk.base_url}/presidio/frasi")
    await page.locator("#text").fill("fuori dal seminato")
    await page.get_by_role("button", name="Fuori tema").click()
    await expect(page.get_by_text(TAKEN)).to_be_visible()
    await page.get_by_role("link", name="Prova una frase").click()
    await page.locator("#sentence").fill("il Papardo non risponde")
    await page.get_by_role("button", name="Prova").click()
    await expect(page.get_by_text("A.O. Papardo di Messina")).to_be_visible()
    await page.get_by_label("Intento giusto").select_option("report_platform_problem")
    await page.get_by_role("button", name="Aggiungi agli esempi").click()
    await expect(page.get_by_text(DONE["example_added"])).to_be_visible()
    await expect(page.locator("#esito")).to_contain_text("«il Papardo non risponde»")


async def test_a_tried_sentence_fits_and_can_be_read(desk: Service, browser: Browser) -> None:
    page = await a_page(desk, browser)
    await page.goto(f"{desk.base_url}/presidio/prova")
    await page.locator("#sentence").fill("non entro, volevo il Papardo")
    await page.keyboard.press("Enter")
    await expect(page.locator("#esito")).to_be_visible()
    await look(page, "tried")
