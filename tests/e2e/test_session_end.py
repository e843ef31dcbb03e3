"""The end of a session in a real browser: warned in time, nothing lost, two tabs agree."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from tests.support.browser.chat_panel import SIZES
from tests.support.browser.photographs import photograph
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
TEXT = "Il sito si blocca dopo la scelta della data."
DRAFT = "scritto a metà nella chat"


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(
    service: RunningService, shared_browser: Browser
) -> AsyncIterator[BrowserContext]:
    """A browser in which Agata is logged in."""
    context = await shared_browser.new_context(
        locale="it-IT", viewport={"width": 1280, "height": 900}
    )
    page = await context.new_page()
    await page.goto(f"{service.url}/accedi?ritorno=/portale")
    await log_in(page, "Agata Lo Presti")
    await page.close()
    yield context
    await context.close()


async def log_in(page: Page, name: str) -> None:
    """Go on from the login page."""
    await page.get_by_role("link", name="dimostrativo").click()
    await page.get_by_role("button", name=name).click()
    await page.get_by_role("button", name="Autorizza", exact=True).click()
    await expect(page.get_by_text("Accesso effettuato come")).to_be_attached()


async def age(service: RunningService, **seconds: float) -> None:
    """Make every session older, as if nobody had been there."""
    database = Database(service.database_url)
    values = {name: time.time() - value for name, value in seconds.items()}
    async with database.write() as writing:
        await writing.execute(update(BrowserSession).values(**values))
    await database.close()


async def look(page: Page) -> None:
    """Look at the tab again."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_two_tabs_are_warned_and_one_prolongs_for_both(
    service: RunningService, citizen: BrowserContext
) -> None:
    first, second = await citizen.new_page(), await citizen.new_page()
    for page in (first, second):
        await page.goto(f"{service.url}/assistenza")
    await first.bring_to_front()
    await first.locator("#description").fill(TEXT)
    await age(service, seen_at=IDLE_LIMIT - 150)
    for page in (first, second):
        await look(page)
        dialog = page.get_by_role("alertdialog", name="La sessione sta per scadere")
        await expect(dialog).to_contain_text("Mancano circa 3 minuti.")
        await expect(dialog.get_by_role("button", name="Resta collegato")).to_be_focused()
    await photograph(first, "warning", (SIZES["1280"], SIZES["360"]))

    await first.keyboard.press("Enter")

    for page in (first, second):
        await expect(page.get_by_role("alertdialog")).to_have_count(0)
    await expect(first.locator("#description")).to_be_focused()
    await expect(first.locator("#description")).to_have_value(TEXT)


async def test_escape_prolongs_and_the_tab_key_stays_in_the_dialog(
    service: RunningService, citizen: BrowserContext
) -> None:
    page = await citizen.new_page()
    await page.goto(f"{service.url}/richieste")
    await age(service, seen_at=IDLE_LIMIT - 100)
    await look(page)
    dialog = page.get_by_role("alertdialog")
    await expect(dialog).to_be_visible()
    for _ in range(4):
        await page.keyboard.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert await page.evaluate(inside)
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.goto(f"{service.url}/portale")
    await expect(page.get_by_role("heading", name="Buongiorno, Agata")).to_be_visible()


async def test_the_absolute_end_is_told_and_cannot_be_put_off(
    service: RunningService, citizen: BrowserContext
) -> None:
    page = await citizen.new_page()
    await page.goto(f"{service.url}/portale")
    await age(service, created_at=ABSOLUTE_LIMIT - 100)
    await look(page)
    dialog = page.get_by_role("alertdialog", name="La sessione sta per scadere")
    await expect(dialog).to_contain_text("non si può prolungare")
    await expect(dialog.get_by_role("button", name="Resta collegato")).to_have_count(0)
    await photograph(page, "last")
    await dialog.get_by_role("button", name="Ho capito").click()
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("name", ["Agata Lo Presti", "Niccolò D'Amico"])
async def test_form_and_chat_wait_for_the_same_person_only(
    service: RunningService, citizen: BrowserContext, name: str
) -> None:
    page = await citizen.new_page()
    await page.goto(f"{service.url}/assistenza")
    await page.locator("#description").fill(TEXT)
    chat = page.get_by_role("region", name="Assistente InterCup")
    await expect(chat.get_by_role("log")).to_contain_text("assistente automatico")
    await chat.get_by_role("textbox").fill(DRAFT)
    await age(service, seen_at=IDLE_LIMIT + 1)
    await look(page)
    dialog = page.get_by_role("alertdialog", name="La sessione è scaduta")
    await expect(dialog).to_contain_text("Quello che ha scritto nella chat è conservato")
    await photograph(page, "expired")
    await dialog.get_by_role("button", name="Resta su questa pagina").click()
    await expect(page.locator("#description")).to_have_value(TEXT)
    await expect(chat).to_contain_text("acceda di nuovo")
    await photograph(page, "expired-chat", whole=True)
    await page.goto(f"{service.url}/assistenza")
    await log_in_again(page, service, name)

    same = name.startswith("Agata")
    field = chat.get_by_role("textbox")
    await expect(chat.get_by_role("log")).to_contain_text("assistente automatico")
    await expect(field).to_have_value(DRAFT if same else "")
    async with asyncio.timeout(15):
        while (DRAFT in await page.evaluate("JSON.stringify(sessionStorage)")) != same:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def log_in_again(page: Page, service: RunningService, name: str) -> None:
    await page.get_by_role("main").get_by_role("link", name="Accedi").first.click()
    await expect(page.get_by_role("main")).to_contain_text("La sessione è scaduta")
    await log_in(page, name)


@pytest.mark.parametrize("way", ["dialog", "notice", "assistant"])
async def test_every_login_after_the_end_brings_the_form_along(
    service: RunningService, citizen: BrowserContext, way: str
) -> None:
    page = await citizen.new_page()
    await page.goto(f"{service.url}/assistenza?structure=ao_papardo")
    await page.locator("#description").fill(TEXT)
    await page.locator("#category").select_option("technical")
    await age(service, seen_at=IDLE_LIMIT + 1)
    await look(page)
    dialog = page.get_by_role("alertdialog")
    if way == "dialog":
        await dialog.get_by_role("button", name="Accedi di nuovo").click()
    else:
        await dialog.get_by_role("button", name="Resta su questa pagina").click()
        name = "Acceda di nuovo" if way == "notice" else "Accedi di nuovo"
        await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", name="Accedi", level=1)).to_be_visible()
    await photograph(page, "login-after-end", whole=True)
    await log_in(page, "Agata Lo Presti")
    await expect(page.locator("#description")).to_have_value(TEXT)
    await expect(page.locator("#category")).to_have_value("technical")
    await expect(page.locator("#structure")).to_have_value("ao_papardo")
    await photograph(page, "restored", whole=True)
