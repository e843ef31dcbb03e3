"""Every state of the chat: no accessibility problem, and the right tree."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.aria_trees import assert_tree
from tests.support.browser.chat_panel import SIZES, ChatPanel, a_context
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import SCHEMES, photograph
from tests.support.running_service import RunningService

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
CORRECTED = "Scelto il giorno, il calendario della struttura resta vuoto. Ho provato due volte."


class Steps:
    """Looks at each state in all the ways that can find something wrong with it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def look(
        self,
        name: str,
        tree: Locator | None = None,
        again: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Check with axe, compare the tree; `again` restores what a resize ends."""
        for width, size in SIZES.items():
            await self._page.set_viewport_size(size)
            if again:
                await again()
            await assert_fits(self._page, f"{name}, {width} px")
            for scheme in SCHEMES:
                await self._page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                await photograph(self._page, name)
                if width in ("360", "1280"):
                    await assert_accessible(self._page, f"{name}, {width} px, {scheme}", scheme)
        if tree:
            await assert_tree(tree, name)


async def add_optional(portal: Page, chat: ChatPanel, steps: Steps) -> None:
    """Add answers on their page, by keyboard, and come back to the same summary."""
    await portal.get_by_role("link", name="Aggiungi telefono o altri dati").press("Enter")
    await portal.get_by_label("Telefono").fill("091")
    await portal.get_by_label("Telefono").press("Enter")
    await expect(portal.get_by_role("alert")).to_be_visible()
    await steps.look("optional", portal.get_by_role("main"))
    await portal.get_by_label("Telefono").fill("091 123 4567")
    await portal.get_by_label("Scrivo per un'altra persona").select_option("Madre o padre")
    await portal.get_by_role("button", name="Aggiungi e torna alla chat").press("Enter")
    await chat.sees("Ho aggiornato il riepilogo")
    await steps.look("summary-optional", chat.messages.last)


async def test_a_whole_request_is_accessible_at_each_step(portal: Page) -> None:
    chat, steps = ChatPanel(portal), Steps(portal)
    await steps.look("closed", chat.launcher)
    await chat.open()
    await steps.look("greeting", portal.get_by_role("region", name="Conversazione"))
    await assert_tree(portal.locator("intercup-composer"), "composer")
    await assert_tree(portal.locator("intercup-assistenza .header"), "header")
    await chat.press(CATEGORY)
    await choose_structure(chat, steps)
    await describe(chat, steps)
    for consent, start in (("privacy", "Autorizzo al"), ("regulation", "Dichiaro di aver")):
        await chat.sees(start)
        await steps.look(consent, chat.messages.last)
        await chat.press("Sì, confermo")
    await chat.sees("Controlla e invia")
    await steps.look("summary", chat.messages.last)
    await add_optional(portal, chat, steps)
    await chat.press("Modifica la descrizione")
    field = portal.locator("intercup-composer").get_by_role("textbox", name="Descrizione")
    await field.fill(
        "Scelto il giorno, il calendario della struttura resta vuoto. Ho provato due volte."
    )
    await steps.look("edit", portal.locator("intercup-composer"))
    await portal.get_by_role("button", name="Continua").click()
    await send_and_rate(chat, steps)
    await chat.say("mio marito ha un forte dolore al petto e non respira")
    await expect(portal.get_by_role("link", name=re.compile("112")).last).to_be_visible()
    await steps.look("emergency", chat.messages.last)
    # Where the hours stand depends on how long all this took.
    await chat.log.evaluate("log => log.querySelectorAll('.meta').forEach(m => m.hidden = true)")
    await assert_tree(chat.log, "conversation")
    await portal.get_by_role("button", name="Altre opzioni").click()
    await steps.look("menu", portal.locator("intercup-assistenza .header"))
    await portal.get_by_role("button", name="Dimentica la conversazione").click()
    await steps.look("forget", portal.get_by_role("alertdialog"))


async def test_help_before_the_login_is_accessible_at_each_step(
    service: RunningService, shared_browser: Browser
) -> None:
    async with a_context(shared_browser) as context:
        chat = ChatPanel(await context.new_page())
        steps = Steps(chat.page)
        await chat.page.goto(service.url)
        await chat.open()
        await chat.press("Non riesco ad accedere")
        await expect(chat.log.get_by_role("button", name="Invia il mess")).to_be_focused()
        await expect(chat.page.get_by_role("group", name="Messaggio già pronto")).to_be_visible()
        await steps.look("ready-made-mail", chat.messages.last)
        await chat.press("Copia il messaggio")
        await steps.look("mail-copied")
        await chat.press("Invia il messaggio da qui")
        await chat.sees("Scriva che cosa è successo")
        await steps.look("access-text", chat.messages.last)


async def test_answers_of_every_kind_are_accessible(portal: Page) -> None:
    chat, steps = ChatPanel(portal), Steps(portal)
    await chat.open()
    for name, said, answer in (
        ("two-readings", "non va il sito dell'ospedale o forse la ricetta da voi", "capire bene"),
        ("not-understood", "non so se il guasto è vostro o dell'ospedale", "non riesco a capire"),
        (
            "two-offices",
            "la prenotazione si blocca e non so se è il sito o l'ospedale",
            "all'ufficio giusto",
        ),
    ):
        await chat.say(said)
        await chat.sees(answer)
        await steps.look(name, chat.messages.last)
    await chat.press(re.compile("assistenza tecnica della struttura$"))
    await chat.sees("Per quale struttura")
    await chat.say("caltaniseta")
    await chat.sees("Intende questa struttura?")
    await steps.look("guess", chat.messages.last)
    await chat.say("ASP Caltanissetta")
    await chat.sees("Prima ha scritto")
    await steps.look("written-before", chat.messages.last)
    await describe_too_little(chat, steps)
    await chat.press("Usa quello che ho già scritto")
    await chat.sees("Autorizzo al")
    await chat.press("No")
    await chat.sees("Senza questo consenso")
    await steps.look("refusal", chat.messages.last)
    await chat.press("Torna al consenso")
    await chat.say("annulla tutto")
    await chat.sees("Vuole davvero annullare")
    await steps.look("cancel", chat.messages.last)


async def test_the_login_and_the_code_are_accessible(
    service: RunningService, shared_browser: Browser
) -> None:
    async with a_context(shared_browser) as context:
        chat = ChatPanel(await context.new_page())
        steps = Steps(chat.page)
        await chat.page.goto(service.url)
        await chat.open()
        await steps.look("greeting-before-login", chat.messages.last)
        await chat.press("Vorrei inviare una richiesta")
        await expect(chat.log.get_by_role("link", name="Accedi")).to_be_visible()
        await steps.look("login", chat.messages.last)
        await chat.say("InterCup non si apre, la pagina resta bianca")
        await chat.press("Invia il messaggio da qui")
        await chat.sees("A quale indirizzo")
        await steps.look("address", chat.messages.last)
        await chat.say("gino.rosa@example.it")
        await chat.sees("Scriva qui sotto il codice di 6 cifre")
        await steps.look("code", chat.messages.last)


async def choose_structure(chat: ChatPanel, steps: Steps) -> None:
    box = chat.page.get_by_role("combobox")
    await expect(box).to_be_focused()
    await steps.look("structure", chat.messages.last)

    async def open_list() -> None:
        if await box.get_attribute("aria-expanded") == "false":
            await box.press("ArrowDown")

    await steps.look("list-open", chat.messages.last, open_list)
    await steps.look("list-filtered", chat.messages.last, lambda: box.fill("catania"))
    await steps.look("list-empty", chat.messages.last, lambda: box.fill("xyz"))
    await box.fill("")
    await chat.press("Conferma")
    await steps.look("list-error", chat.messages.last)
    await box.fill("papardo")
    await box.press("Enter")


async def describe(chat: ChatPanel, steps: Steps) -> None:
    field = chat.page.get_by_role("textbox", name="Descrizione")
    go_on = chat.page.get_by_role("button", name="Continua")
    await field.fill("a" * 2001)
    await go_on.click()
    await steps.look("description-error", chat.page.locator("intercup-composer"))
    await field.fill("Quando scelgo la data la pagina resta bianca e non posso andare avanti.")
    await go_on.click()


async def describe_too_little(chat: ChatPanel, steps: Steps) -> None:
    """Press with nothing written, then write a word: it stays, to be completed."""
    field = chat.page.get_by_role("textbox", name="Descrizione")
    go_on = chat.page.get_by_role("button", name="Continua")
    await go_on.click()
    await expect(field).to_be_focused()
    await expect(field).to_have_accessible_description(re.compile("Scriva prima il testo"))
    await steps.look("description-missing", chat.page.locator("intercup-composer"))
    await field.fill("errore")
    await go_on.click()
    await chat.sees("È un po' poco per chi deve aiutarla")
    await expect(field).to_have_value("errore")
    await expect(field).to_be_focused()
    await steps.look("description-short", chat.messages.last)
    await field.fill("")


async def send_and_rate(chat: ChatPanel, steps: Steps) -> None:
    await chat.press("Invia")
    await chat.sees("registrata con il numero")
    await chat.sees("consegnata alla posta")
    # What comes later does not push the number out of sight.
    await expect(chat.log.locator(".number").first).to_be_in_viewport(ratio=1)
    await steps.look("delivered", chat.messages.last)
    await chat.page.get_by_role("radio", name="4 stelle su 5").check(force=True)
    await steps.look("rating", chat.messages.filter(has=chat.page.get_by_role("radio")))
    await chat.press("Conferma")
    await chat.sees("Grazie per la risposta")
    await steps.look("rated", chat.messages.last)
