"""The conversation stays: over reloads, pages, the login, in two tabs; and goes when told to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, StorageState, expect

from tests.support.browser.chat_panel import (
    ChatPanel,
    a_context,
    forget,
    go_through_the_login,
    log_in,
)
from tests.support.chatting_citizen import number_in
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
SAID = "il sito del Papardo si blocca mentre prenoto"


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(
    service: RunningService, shared_browser: Browser, agata: StorageState
) -> AsyncIterator[BrowserContext]:
    async with a_context(shared_browser, agata) as context:
        await forget(context, service.url)
        yield context


async def chat_on(page: Page, address: str) -> ChatPanel:
    await page.goto(address)
    chat = ChatPanel(page)
    await chat.open()
    return chat


async def test_it_goes_on_over_reload_pages_and_login(
    service: RunningService, shared_browser: Browser
) -> None:
    async with a_context(shared_browser) as context:
        page = await context.new_page()
        chat = await chat_on(page, service.url)
        await chat.say(SAID)
        await expect(chat.messages).to_have_count(3)
        await page.reload()
        await chat.sees(SAID)
        await page.goto(f"{service.url}/assistenza")
        await chat.sees(SAID)
        await log_in(page, service.url)
        await chat.sees("Ha effettuato l'accesso")
        await page.goto(f"{service.url}/prenota")
        await chat.sees(SAID)
        # What was said before the login is used after it: nobody asks for the structure again.
        await chat.sees("A.O. Papardo di Messina")
        await expect(chat.log.get_by_text(SAID, exact=True)).to_have_count(1)
        assert await chat.live.inner_text() == ""


async def test_a_login_begun_in_the_chat_comes_back_to_it_on_a_phone(
    service: RunningService, shared_browser: Browser
) -> None:
    async with a_context(shared_browser, size="360") as context:
        page = await context.new_page()
        chat = await chat_on(page, service.url)
        await chat.say(SAID)
        await chat.log.get_by_role("link", name="Accedi").click()
        await go_through_the_login(page)
        await chat.sees("Ha effettuato l'accesso")
        await chat.composer.fill(SAID)
        send = page.get_by_role("button", name="Invia il messaggio")
        await send.click(trial=True)  # The launcher doesn't cover it.
        # Any other page begins with its own content.
        await page.goto(f"{service.url}/prenota")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(chat.log).to_be_hidden()


async def test_what_is_written_and_not_sent_is_there_after_a_reload(
    service: RunningService, citizen: BrowserContext
) -> None:
    chat = await chat_on(await citizen.new_page(), f"{service.url}/portale")
    await chat.composer.fill(SAID)
    await chat.page.reload()
    await expect(chat.composer).to_have_value(SAID)


async def test_a_message_of_one_tab_appears_in_the_other_and_both_go_on(
    service: RunningService, citizen: BrowserContext
) -> None:
    first = await chat_on(await citizen.new_page(), f"{service.url}/portale")
    second = await chat_on(await citizen.new_page(), f"{service.url}/assistenza")
    await first.say(SAID)
    await second.sees(SAID)
    await second.sees("Autorizzo al trattamento")
    await second.press("Sì, confermo")
    await first.sees("Dichiaro di aver preso visione")
    for tab in (first, second):
        await expect(tab.log.get_by_text(SAID, exact=True)).to_have_count(1)
        used = tab.log.get_by_role("button", name="Sì, confermo").first
        await expect(used).to_be_disabled()


async def test_forgetting_asks_first_and_the_server_forgets_too(
    service: RunningService, citizen: BrowserContext
) -> None:
    chat = await chat_on(await citizen.new_page(), f"{service.url}/portale")
    other = await chat_on(await citizen.new_page(), f"{service.url}/portale")
    await chat.say(SAID)
    await other.sees(SAID)
    await chat.page.bring_to_front()
    await chat.page.get_by_role("button", name="Altre opzioni").click()
    await chat.page.get_by_role("button", name="Dimentica la conversazione").click()
    await chat.page.keyboard.press("Escape")
    await expect(chat.page.get_by_role("alertdialog")).to_have_count(0)
    await chat.sees(SAID)
    await chat.page.get_by_role("button", name="Altre opzioni").click()
    await chat.page.get_by_role("button", name="Dimentica la conversazione").click()
    await chat.page.get_by_role("button", name="Sì, dimentica").click()
    await expect(chat.messages).to_have_count(1)
    await expect(chat.composer).to_be_focused()
    history = await citizen.request.get(f"{service.url}/chat/session?page=portal")
    assert SAID not in await history.text()
    await expect(other.log).not_to_contain_text(SAID)


async def test_every_input_is_answered_by_typing_and_the_saved_text_tells_it_all(
    service: RunningService, citizen: BrowserContext, tmp_path: Path
) -> None:
    chat = await chat_on(await citizen.new_page(), f"{service.url}/portale")
    typed = {
        "la pagina della prenotazione si blocca": "Per quale struttura?",
        "l'asp di trapani": "Scriva che cosa è successo",
        "Il calendario delle visite resta vuoto da ieri.": "Autorizzo al trattamento",
        "sì, autorizzo": "Dichiaro di aver preso visione",
        "sì, confermo": "Controlla e invia",
        "vorrei cambiare la descrizione": "Prima ha scritto",
        "Il calendario delle visite resta vuoto da tre giorni.": "vuoto da tre giorni",
        "va bene, invia": "registrata con il numero",
    }
    for text, answer in typed.items():
        await chat.say(text)
        await expect(chat.messages.locator(".text", has_text=text)).not_to_have_count(0)
        await chat.sees(answer)
        await expect(chat.page.locator(".sending")).to_have_count(0)
    number = number_in(await chat.log.locator(".number").inner_text())
    await chat.page.get_by_role("button", name="Altre opzioni").click()
    async with chat.page.expect_download() as saved:
        await chat.page.get_by_role("button", name="Salva la conversazione").click()
    download = await saved.value
    assert download.suggested_filename == "conversazione-intercup.txt"
    await download.save_as(tmp_path / "saved.txt")
    text = (tmp_path / "saved.txt").read_text("utf-8")
    for said in (*typed, number, "Struttura: ASP Trapani", "Assistente: ", "Tu: "):
        assert said in text
