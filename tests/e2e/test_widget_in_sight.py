"""At each step, on each screen: the answer's first line and the next control are in sight."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, StorageState, ViewportSize, expect

from tests.support.browser.chat_panel import ChatPanel, a_context, forget
from tests.support.browser.photographs import photograph
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
        await page.set_viewport_size(screen)
        await page.goto(f"{service.url}{PLACES[request.param]}")
        chat = ChatPanel(page)
        await chat.open()
        yield chat


async def in_sight(chat: ChatPanel, step: str, *controls: Locator) -> None:
    """Wait for the step's controls, then look at the screen as it is."""
    for control in controls:
        await expect(control).to_be_in_viewport(ratio=1, timeout=3_000)
    for scheme in ("dark", "light"):
        await chat.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await photograph(chat.page, f"{step}-{scheme}")
    first_line = await chat.log.evaluate(FIRST_LINE_IN_SIGHT)
    assert first_line, f"{step}: the answer's first line is not in sight"


async def test_each_answer_begins_on_the_screen_beside_its_control(chat: ChatPanel) -> None:
    button = chat.page.locator("intercup-chat").get_by_role
    await in_sight(chat, "greeting", chat.composer)
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
