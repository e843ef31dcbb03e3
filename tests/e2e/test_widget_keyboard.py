"""A whole request with the keyboard alone, and what is read aloud meanwhile."""

import pytest
from playwright.async_api import Page, expect

from tests.support.browser.chat_panel import ChatPanel

pytestmark = pytest.mark.asyncio(loop_scope="session")
# The element that has the focus, inside all shadow roots: its role, name and place.
FOCUSED = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  const box = focused.getBoundingClientRect();
  const x = box.x + box.width / 2, y = box.y + Math.min(box.height, innerHeight) / 2;
  let top = document.elementFromPoint(x, y);
  while (top?.shadowRoot) {
    const inner = top.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === top) break;
    top = inner;
  }
  return {
    name: focused.ariaLabel || (focused.labels?.[0] ?? focused).textContent.trim(),
    inside: focused.getRootNode() !== document,
    seen: focused.contains(top) || top?.contains(focused) || false,
  };
}"""
RECORD = """live => {
  window.said = [];
  new MutationObserver(changes => {
    for (const { addedNodes } of changes)
      window.said.push(...Array.from(addedNodes, node => node.textContent));
  }).observe(live, { childList: true });
}"""


@pytest.fixture
def chat(portal: Page) -> ChatPanel:
    return ChatPanel(portal)


async def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until the focus is on what has this name in the widget, in sight all along."""
    for _ in range(40):
        await page.keyboard.press(key)
        focused = await page.evaluate(FOCUSED)
        if focused["inside"]:
            assert focused["seen"], f"the focus is hidden on {focused['name']!r}"
            if focused["name"].startswith(name):
                return
    raise AssertionError(f"{name!r} is not reached by {key}")


async def test_a_request_from_the_launcher_to_the_rating(chat: ChatPanel) -> None:
    page, keys = chat.page, chat.page.keyboard
    await tab_to(page, "Assistenza")
    await keys.press("Enter")
    await expect(chat.composer).to_be_focused()
    await expect(chat.messages).to_have_count(1)
    await chat.live.evaluate(RECORD)
    await keys.type("ho un problema tecnico con la prenotazione")
    await keys.press("Enter")
    await chat.sees("Per quale struttura")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await walk_the_list(chat)
    await keys.type("papardo")
    await keys.press("Enter")
    await expect(page.get_by_role("textbox", name="Descrizione")).to_be_focused()
    await keys.type("La pagina della data resta bianca.")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("link", name="Leggi l'informativa privacy")).to_be_focused()
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("link", name="Leggi il Regolamento").last).to_be_focused()
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="Modifica la tipologia")).to_be_focused()
    await tab_to(page, "Invia")
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="Copia il numero")).to_be_focused()
    await tab_to(page, "1 stella su 5")
    await keys.press("ArrowRight")
    await keys.press("ArrowRight")
    await tab_to(page, "Conferma")
    await keys.press("Enter")
    await chat.sees("Grazie per la risposta")
    await expect(chat.composer).to_be_focused()
    await chat.sees("consegnata alla posta")
    await assert_each_message_was_said_once(chat)
    await keys.press("Escape")
    await expect(chat.launcher).to_be_focused()
    await expect(chat.launcher).to_have_attribute("aria-expanded", "false")


async def walk_the_list(chat: ChatPanel) -> None:
    """Go through the list of structures by the keys of the combobox pattern."""
    box, keys = chat.page.get_by_role("combobox"), chat.page.keyboard
    options = chat.page.get_by_role("option")
    active = chat.page.locator("[role=option].active")
    await keys.press("Alt+ArrowDown")
    await expect(options).to_have_count(13)
    await expect(active).to_have_count(0)
    await keys.press("ArrowDown")
    await expect(active).to_have_text("ASP Agrigento")
    await expect(box).to_have_attribute("aria-activedescendant", "option-0")
    await keys.press("ArrowUp")
    await expect(active).to_have_text("ASP Trapani")
    await keys.press("Home")
    await expect(active).to_have_count(0)
    await keys.press("ArrowDown")
    await keys.press("End")
    await expect(active).to_have_count(0)
    await keys.press("Escape")
    await expect(options).to_have_count(0)
    await expect(box).to_be_focused()


async def assert_each_message_was_said_once(chat: ChatPanel) -> None:
    said = [" ".join(text.split()) for text in await chat.page.evaluate("window.said")]
    shown = await chat.log.locator(".bot .bubble").all_inner_texts()
    # The welcome was there before the recording.
    for text in (" ".join(each.split()) for each in shown[1:]):
        assert sum(sentence.startswith(text) for sentence in said) == 1, text
    assert not any(sentence.startswith("Tu:") for sentence in said)


async def test_after_a_choice_the_focus_is_on_the_next_ones(chat: ChatPanel) -> None:
    await chat.open()
    await chat.say("il sito del Papardo si blocca mentre prenoto")
    await chat.sees("Autorizzo al trattamento")
    await tab_to(chat.page, "No", "Shift+Tab")
    await chat.page.keyboard.press("Enter")
    await expect(chat.log.get_by_role("button", name="Torna al consenso")).to_be_focused()
    await chat.page.keyboard.press("Enter")
    await expect(chat.page.get_by_role("link", name="Leggi l'informativa").last).to_be_focused()


async def test_the_tab_key_leaves_the_panel_on_a_desktop(chat: ChatPanel) -> None:
    await chat.open()
    for key in ("Tab", "Shift+Tab"):
        await chat.composer.focus()
        for _ in range(20):
            await chat.page.keyboard.press(key)
            if not (await chat.page.evaluate(FOCUSED))["inside"]:
                break
        else:
            raise AssertionError(f"{key} never leaves the panel")


async def test_the_panel_of_a_phone_keeps_the_focus_and_esc_gives_it_back(chat: ChatPanel) -> None:
    await chat.page.set_viewport_size({"width": 360, "height": 740})
    await chat.open()
    for _ in range(20):
        await chat.page.keyboard.press("Tab")
        focused = "document.activeElement?.localName"
        assert await chat.page.evaluate(focused) in ("intercup-assistenza", "body")
    await chat.composer.focus()
    await chat.page.keyboard.press("Escape")
    await expect(chat.launcher).to_be_focused()


async def test_a_restored_history_is_not_read_out(chat: ChatPanel) -> None:
    await chat.open()
    await chat.say("Che cos'è InterCup?")
    await expect(chat.messages).to_have_count(3)
    await chat.page.reload()
    await expect(chat.messages).to_have_count(3)
    assert await chat.live.inner_text() == ""


async def test_the_focus_stays_in_the_composer_when_messages_come(chat: ChatPanel) -> None:
    await chat.open()
    await chat.composer.fill("scrivo ancora")
    other = await chat.page.context.new_page()
    await other.goto(f"{chat.page.url.removesuffix('/portale')}/assistenza")
    await ChatPanel(other).say("Che cos'è InterCup?")
    await chat.sees("Che cos'è InterCup?")
    await expect(chat.composer).to_be_focused()
    await expect(chat.composer).to_have_value("scrivo ancora")


async def test_whoever_reads_above_is_not_moved_and_is_told_of_new_messages(
    chat: ChatPanel,
) -> None:
    await chat.open()
    for question in ("Che cos'è InterCup?", "Quali strutture ci sono?", "Che cos'è l'NRE?"):
        await chat.say(question)
        await expect(chat.page.locator(".sending")).to_have_count(0)
    scroller = chat.page.get_by_role("region", name="Conversazione")
    await scroller.evaluate("node => node.scrollTo(0, 0)")
    other = await chat.page.context.new_page()
    await other.goto(f"{chat.page.url.removesuffix('/portale')}/assistenza")
    await ChatPanel(other).say("Chi risponde alle richieste?")
    newer = chat.page.get_by_role("button", name="Nuovi messaggi")
    await expect(newer).to_be_visible()
    assert await scroller.evaluate("node => node.scrollTop") == 0
    await newer.click()
    await expect(chat.messages.last).to_be_in_viewport()
    await expect(newer).to_have_count(0)
