"""Files of a chat's request in a real browser: chosen, refused, interrupted, taken away, sent."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import (
    FileChooser,
    FilePayload,
    Locator,
    Page,
    Route,
    ViewportSize,
    expect,
)

from intercup.texts import TEXTS
from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import ChatPanel
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.hostile_files import ESCAPED, PDF, SECRET, picture

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
SMALL, WIDE = ViewportSize(width=320, height=568), ViewportSize(width=1280, height=900)
STEPS = (
    "problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria",
    "papardo",
    "Scelgo la data e la pagina resta bianca.",
    "sì, confermo",
    "sì, confermo",
)
ROUTE = "**/chat/files"


def image(name: str, width: int = 600) -> FilePayload:
    return FilePayload(name=name, mimeType="image/png", buffer=picture(size=(width, 400)))


def document(name: str, content: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="application/pdf", buffer=content)


class Files:
    """The part of the summary that holds the files."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.on("filechooser", self._give)
        self.part = page.locator("intercup-files")
        self.rows = self.part.get_by_role("listitem")
        self.add = self.part.get_by_role("button", name="Aggiungi un'immagine o un PDF")

    async def choose(self, *files: FilePayload) -> None:
        """Choose files, by keyboard."""
        self._chosen = files
        await self.add.press("Enter")

    async def _give(self, chooser: FileChooser) -> None:
        await chooser.set_files(self._chosen)

    def button(self, name: str) -> Locator:
        return self.part.get_by_role("button", name=name)

    async def look(self, name: str) -> None:
        for size in (SMALL, WIDE):
            await self.page.set_viewport_size(size)
            await self.rows.last.scroll_into_view_if_needed()
            await photograph(self.page, name)
            await assert_fits(self.page, name)
            await assert_accessible(self.page, name)


@pytest_asyncio.fixture(loop_scope="session")
async def files(portal: Page) -> Files:
    chat = ChatPanel(portal)
    await chat.open()
    for number, step in enumerate(STEPS, 1):
        await chat.say(step)
        await expect(chat.log.locator(".citizen")).to_have_count(number)
        await expect(portal.locator(".sending")).to_have_count(0)
    await chat.sees("Controlla e invia")
    return Files(portal)


async def answer_next(page: Page, status: int, body: str) -> None:
    """Answer the next upload like a server or proxy in trouble; status 0 cuts the connection."""

    async def answer(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        if status:
            await route.fulfill(status=status, body=body, content_type="text/html")
        else:
            await route.abort()
        await page.unroute(ROUTE)

    await page.route(ROUTE, answer)


async def test_files_are_chosen_refused_taken_away_and_sent(files: Files) -> None:
    page, chat = files.page, ChatPanel(files.page)
    await files.choose(image(f"{SECRET}.png"), document("b.pdf", PDF))
    await expect(files.rows).to_contain_text([f"{SECRET}.png, ", "b.pdf, 1 kB"])
    await expect(files.rows.first.locator("canvas")).to_be_visible()
    await expect(chat.live).to_contain_text("b.pdf: aggiunto.")
    await files.choose(document("foto.pdf", ESCAPED))
    await expect(files.rows.last).to_contain_text(TEXTS("file_problem.active"))
    await files.look("refused")
    await files.button("Togli foto.pdf").click()
    await expect(files.add).to_be_focused()
    await files.choose(image("terza.png", 400), image("quarta.png", 500))
    await expect(files.rows.last).to_contain_text(TEXTS("file_problem.many"))
    await expect(files.rows.nth(2)).to_contain_text("terza.png, ")
    await files.button("Togli quarta.png").click()
    async with page.context.expect_page() as opened:
        await page.evaluate("open(location.href)")
    other = Files(await opened.value)
    await ChatPanel(other.page).open()
    await expect(other.rows).to_have_count(3)
    await other.button("Togli terza.png").click()
    await expect(files.rows).to_have_count(2)
    await other.page.close()
    await chat.press("Modifica la struttura")
    await chat.sees("Per quale struttura?")
    await expect(page.locator("intercup-composer")).to_have_count(0)
    await chat.say("ragusa")
    await expect(files.rows).to_have_count(2)
    await page.reload()
    await chat.open()
    await expect(files.rows).to_contain_text([f"{SECRET}.png, ", "b.pdf, 1 kB"])
    await files.look("kept")
    await chat.press("Invia")
    await chat.sees("registrata con il numero")
    await expect(page.locator("intercup-receipt")).to_contain_text(f"{SECRET}.png, b.pdf")
    await expect(files.part).to_have_count(0)


async def test_a_file_taken_back_while_the_server_keeps_it_does_not_go(files: Files) -> None:
    page, chat = files.page, ChatPanel(files.page)
    stored = asyncio.Event()

    async def keep_silent(route: Route) -> None:
        if route.request.method == "POST" and not stored.is_set():
            await route.fetch()
            stored.set()
        else:
            await route.continue_()

    await page.route(ROUTE, keep_silent)
    await files.choose(image("a.png"))
    await stored.wait()
    await page.locator("intercup-composer textarea").fill("invia")
    await page.keyboard.press("Enter")
    await expect(files.part).to_contain_text("Il messaggio parte appena gli allegati sono pronti.")
    await files.button("Interrompi a.png").click()
    # The written message goes by itself, without the file.
    await chat.sees("registrata con il numero")
    await expect(page.locator("intercup-receipt")).not_to_contain_text("a.png")


async def test_what_a_server_or_a_network_refuses_is_told_and_tried_again(files: Files) -> None:
    page, chat = files.page, ChatPanel(files.page)
    for status, body, expected in (
        (0, "", "connessione interrotta"),
        (413, "<html>", "connessione interrotta"),
        (415, '{"message": "Di questo tipo no."}', "«a.png»: Di questo tipo no."),
        (429, '{"message": "Riprovi più tardi."}', "«a.png»: Riprovi più tardi."),
        (503, '{"message": "Non si può adesso."}', "«a.png»: Non si può adesso."),
    ):
        await answer_next(page, status, body)
        await files.choose(image("a.png"))
        await expect(files.rows).to_contain_text(expected)
        can_retry = status not in (413, 415)
        await expect(files.button("Riprova a.png")).to_have_count(int(can_retry))
        if status != 503:
            await files.button("Togli a.png").click()
            await expect(files.rows).to_have_count(0)
    await files.look("interrupted")
    going_on = asyncio.Event()

    async def wait(route: Route) -> None:
        await going_on.wait()
        await route.continue_()

    await page.route(ROUTE, wait)
    await files.button("Riprova a.png").click()
    await expect(files.part.get_by_role("progressbar", name="Caricamento di a.png")).to_be_visible()
    await chat.press("Invia")
    await expect(files.part).to_contain_text("Il messaggio parte appena gli allegati sono pronti.")
    await files.look("under-way")
    await files.choose(image("b.png", 500))
    await files.button("Interrompi b.png").click()
    going_on.set()
    await chat.sees("registrata con il numero")
    receipt = page.locator("intercup-receipt")
    await expect(receipt).to_contain_text("a.png")
    await expect(receipt).not_to_contain_text("b.png")
