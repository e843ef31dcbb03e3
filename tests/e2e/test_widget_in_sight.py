"""At each step, on each screen: the answer's first line and the next control are in sight."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, StorageState, ViewportSize, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tests.support.browser.chat_panel import SIZES, ChatPanel, a_context, forget
from tests.support.browser.page_place import Place
from tests.support.browser.photographs import SCHEMES, photograph
from tests.support.running_service import RunningService

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]
SCREENS = {"320x568": (320, 568), "360x740": (360, 740), "768": (768, 1024), "1280": (1280, 800)}
PLACES = {"embedded": "/assistenza", "floating": "/portale"}
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
TEXT = "Scelgo la data e la pagina resta bianca."
# The first line of the first answer to the citizen's last message: on the screen, and not covered.
FIRST_LINE_IN_SIGHT = """log => {
  const messages = [...log.querySelectorAll('.message')];
  const said = messages.map(message => message.matches('.citizen')).lastIndexOf(true);
  const answer = messages[said + 1];
  if (!answer) return false;
  const deepest = root => root.firstElementChild?.shadowRoot?.firstElementChild ?? root;
  const text = answer.querySelector('.text') ?? deepest(answer.querySelector('.input'));
  const line = document.createRange();
  const letters = document.createTreeWalker(text, NodeFilter.SHOW_TEXT,
    node => node.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT).nextNode();
  line.setStart(letters, letters.data.search(/\\S/));
  line.setEnd(letters, letters.data.search(/\\S/) + 1);
  const { left, right, top, bottom } = line.getBoundingClientRect();
  if (top < 0 || bottom > visualViewport.height) return false;
  let found = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  while (found?.shadowRoot) {
    const inner = found.shadowRoot.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (!inner || inner === found) break;
    found = inner;
  }
  return found === letters.parentElement || found?.contains(letters.parentElement);
}"""

FIRST_OPTION_IN_SIGHT = """list => [...list.querySelectorAll('[role=option]')].find(option =>
  option.getBoundingClientRect().top >= list.getBoundingClientRect().top).textContent"""


@pytest_asyncio.fixture(loop_scope="session", params=SCREENS)
async def screen(request: pytest.FixtureRequest) -> ViewportSize:
    width, height = SCREENS[request.param]
    return ViewportSize(width=width, height=height)


@pytest_asyncio.fixture(loop_scope="session", params=PLACES)
async def chat(
    request: pytest.FixtureRequest,
    screen: ViewportSize,
    service: RunningService,
    shared_browser: Browser,
    agata: StorageState,
) -> AsyncIterator[ChatPanel]:
    """A conversation that begins, in a page or in the panel, before anybody scrolls."""
    async with a_context(shared_browser, agata) as context:
        await forget(context, service.url)
        page = await context.new_page()
        await page.emulate_media(reduced_motion="no-preference")  # as most citizens
        await page.set_viewport_size(screen)
        await page.goto(f"{service.url}{PLACES[request.param]}")
        chat = ChatPanel(page)
        await chat.open()
        yield chat


async def in_sight(chat: ChatPanel, step: str, *controls: Locator) -> None:
    """Wait for the step's controls and its first line, then look at the screen as it is."""
    for control in controls:
        await expect(control).to_be_in_viewport(ratio=1, timeout=3_000)
    log = await chat.log.element_handle()
    with suppress(PlaywrightTimeout):
        await chat.page.wait_for_function(FIRST_LINE_IN_SIGHT, arg=log, timeout=3_000)
    place = "embedded" if chat.page.url.endswith(PLACES["embedded"]) else "floating"
    for scheme in SCHEMES:
        await chat.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await photograph(chat.page, f"{place}-{step}")
    first_line = await chat.log.evaluate(FIRST_LINE_IN_SIGHT)
    assert first_line, f"{step}: the answer's first line is not in sight"


async def test_each_answer_begins_on_the_screen_beside_its_control(chat: ChatPanel) -> None:
    button = chat.page.locator("intercup-chat").get_by_role
    await in_sight(chat, "greeting", chat.composer, chat.log.get_by_role("button").first)
    await chat.press(CATEGORY)
    box = button("combobox")
    await in_sight(chat, "structure", box)
    await box.fill("papardo")
    await box.press("Enter")
    field = button("textbox", name="Descrizione")
    await in_sight(chat, "description", field, button("button", name="Continua"))
    await field.fill(TEXT)
    await button("button", name="Continua").click()
    for consent, start in (("privacy", "Autorizzo al"), ("regulation", "Dichiaro di aver")):
        await chat.sees(start)
        accept = chat.log.get_by_role("button", name="Sì, confermo", disabled=False)
        await in_sight(chat, consent, accept, chat.composer)
        await accept.click()
    await chat.sees("Controlla e invia")
    send = chat.log.get_by_role("button", name="Invia", exact=True, disabled=False)
    await in_sight(chat, "summary", send, chat.composer)
    await chat.press("Modifica la struttura")
    await in_sight(chat, "edit", box)
    await box.fill("ragusa")
    await box.press("Enter")
    await in_sight(chat, "summary-again", send, chat.composer)
    await send.click()
    await chat.sees("registrata con il numero")
    copy = chat.log.get_by_role("button", name="Copia il numero")
    await in_sight(chat, "registered", copy, chat.composer)
    await chat.sees("consegnata alla posta")
    await in_sight(chat, "delivered", copy, chat.composer)


@pytest.mark.parametrize("size", SIZES)
async def test_the_page_opens_with_the_way_to_its_form_in_sight(
    service: RunningService, shared_browser: Browser, agata: StorageState, size: str
) -> None:
    """Also with a conversation in use; only the smallest screen moves to the chat."""
    async with a_context(shared_browser, agata, size) as context:
        await forget(context, service.url)
        page = await context.new_page()
        chat = ChatPanel(page)
        for question in ("", "Per quale struttura"):
            await page.goto(f"{service.url}{PLACES['embedded']}")
            await chat.sees(question)
            await expect(chat.field).to_be_in_viewport(ratio=1)
            await expect(page.locator(".lead a")).to_be_in_viewport(ratio=1)
            assert size == "320" or await page.evaluate("scrollY") == 0
            if not question:
                await chat.press(CATEGORY)
                await chat.sees("Per quale struttura")


async def test_the_page_stays_at_its_top_on_a_low_wide_screen(
    place: Place, shared_browser: Browser
) -> None:
    async with a_context(shared_browser) as context:
        page = await context.new_page()
        await page.set_viewport_size({"width": 1366, "height": 650})
        await page.goto(f"{place.url}{PLACES['embedded']}")
        chat = ChatPanel(page)
        await chat.open()
        await expect(chat.composer).to_be_in_viewport(ratio=1)
        assert await page.evaluate("scrollY") == 0


async def test_the_empty_field_of_a_low_screen_shows_its_name(
    place: Place, shared_browser: Browser
) -> None:
    async with a_context(shared_browser, None, "320") as context:
        page = await context.new_page()
        await page.goto(f"{place.url}{PLACES['embedded']}")
        chat = ChatPanel(page)
        await chat.open()
        label = page.locator("intercup-composer label")
        await expect(label).to_have_css("clip-path", "none")
        await chat.composer.fill("Il sito")
        await expect(label).to_have_css("clip-path", "inset(50%)")


async def test_a_turned_phone_shows_the_same_answer_and_its_choices(
    service: RunningService, shared_browser: Browser, agata: StorageState
) -> None:
    async with a_context(shared_browser, agata, "768") as context:
        await forget(context, service.url)
        page = await context.new_page()
        await page.goto(f"{service.url}/portale")
        chat = ChatPanel(page)
        await chat.open()
        await chat.say("la prenotazione si blocca e non so se è il sito o l'ospedale")
        await chat.sees("Vorrei mandarla all'ufficio giusto")
        for width, height in ((320, 568), (568, 320), (360, 740)):
            await page.set_viewport_size({"width": width, "height": height})
            await in_sight(chat, f"turned-{width}", chat.composer)


@pytest.mark.parametrize("place", PLACES)
async def test_a_turned_phone_shows_the_open_list_where_it_was(
    service: RunningService, shared_browser: Browser, agata: StorageState, place: str
) -> None:
    async with a_context(shared_browser, agata, "320", has_touch=True) as context:
        await forget(context, service.url)
        page = await context.new_page()
        await page.goto(f"{service.url}{PLACES[place]}")
        chat = ChatPanel(page)
        await chat.open()
        await chat.press(CATEGORY)
        shown = page.locator("intercup-chat").get_by_role
        box = shown("combobox")
        await box.tap()
        await shown("option", name="ASP Ragusa").scroll_into_view_if_needed()
        seen = await shown("listbox").evaluate(FIRST_OPTION_IN_SIGHT)
        for width, height in ((568, 320), (320, 568), (740, 360), (360, 740)):
            await page.set_viewport_size({"width": width, "height": height})
            await expect(shown("option", name=seen)).to_be_in_viewport()
            await expect(box).to_be_in_viewport(ratio=1)
            await photograph(page, f"list-{place}")


@pytest.mark.parametrize("size", ["320", "1280"])
@pytest.mark.parametrize("path", ["/", PLACES["embedded"]])
async def test_the_login_comes_before_the_other_choices(
    service: RunningService, shared_browser: Browser, path: str, size: str
) -> None:
    async with a_context(shared_browser, None, size) as context:
        page = await context.new_page()
        await page.emulate_media(reduced_motion="no-preference")
        await page.goto(service.url + path)
        chat = ChatPanel(page)
        await chat.open()
        await chat.press("Vorrei inviare una richiesta")
        login = chat.log.get_by_role("link", name="Accedi")
        await in_sight(chat, "login", login, chat.composer)
        await expect(login).to_be_focused()
        await chat.say("mio marito ha un forte dolore al petto e suda freddo")
        call = chat.log.get_by_role("link", name="Chiama il 112")
        await in_sight(chat, "emergency", call, chat.composer)


async def test_six_answers_lead_to_the_number(portal: Page) -> None:
    chat = ChatPanel(portal)
    await chat.open()
    await chat.press(CATEGORY)
    await chat.sees("Per quale struttura")
    await portal.get_by_role("combobox").click()
    await portal.get_by_role("option", name="A.O. Papardo di Messina").click()
    await chat.sees("Scriva che cosa è successo")
    await chat.say(TEXT)
    for start in ("Autorizzo al", "Dichiaro di aver"):
        await chat.sees(start)
        await chat.press("Sì, confermo")
    await chat.sees("Controlla e invia")
    await chat.press("Invia")
    await chat.sees("registrata con il numero")
    await expect(chat.log.locator(".citizen")).to_have_count(6)
