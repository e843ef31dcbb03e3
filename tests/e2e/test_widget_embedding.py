"""One script tag in a foreign page: the widget looks and works as on a clean one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, StorageState, expect

from intercup.services.login.session_expiry import IDLE_LIMIT
from intercup.web.middleware import SECURITY_HEADERS
from tests.e2e.test_session_end import age, look
from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import SIZES, ChatPanel, a_context, logged_in_state
from tests.support.browser.photographs import photograph
from tests.support.paths import ROOT
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
EXAMPLE = ROOT / "web-widget/examples/pagina.html"
HOSTILE = {
    "unset": "* { all: unset !important }",
    "typography": "* { margin: 0; font-family: cursive; letter-spacing: .5em; line-height: 3 }"
    "body { text-transform: uppercase; text-align: right; color: red; word-spacing: 1em }",
    "small-root": "html { font-size: 10px }",
    "no-buttons": "button, dialog, [popover] { display: none !important }",
    "hidden-children": "body > * { display: none !important; visibility: hidden !important }"
    "intercup-assistenza { opacity: 0 !important; pointer-events: none !important }",
    "transformed": "body { overflow: hidden; transform: translate(40px, 40px) scale(.5);"
    "filter: grayscale(1); opacity: .3; contain: paint; perspective: 100px; height: 200px }",
    "on-top": "body::after, h1 { content: ''; position: fixed; inset: 0; background: gold;"
    "z-index: 2147483647; margin: 0 }",
    "right-to-left": "html { direction: rtl; unicode-bidi: bidi-override;"
    "writing-mode: vertical-rl; user-select: none; cursor: wait; pointer-events: none }",
}
LOOK = """element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const shown = ['fontFamily', 'fontSize', 'lineHeight', 'letterSpacing', 'wordSpacing', 'color',
    'backgroundColor', 'textTransform', 'textAlign', 'direction', 'writingMode', 'visibility',
    'display', 'cursor', 'userSelect', 'pointerEvents'];
  return [x, y, width, height].map(Math.round).concat(shown.map(name => style[name]));
}"""


@asynccontextmanager
async def example(
    service: RunningService, browser: Browser, state: StorageState | None = None
) -> AsyncIterator[Page]:
    """Open the example page, at the service's own address and under its security headers."""

    async def answer(route: Route) -> None:
        await route.fulfill(path=EXAMPLE, headers=SECURITY_HEADERS)

    async with a_context(browser, state) as context:
        page = await context.new_page()
        await page.route("**/esempio", answer)
        await page.goto(f"{service.url}/esempio")
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def page(service: RunningService, shared_browser: Browser) -> AsyncIterator[Page]:
    async with example(service, shared_browser) as page:
        yield page


async def looks(page: Page) -> dict[str, list[Any]]:
    chat = ChatPanel(page)
    parts = {
        "launcher": chat.launcher,
        "panel": chat.dialog,
        "title": page.get_by_role("heading", name="Assistente InterCup"),
        "bubble": page.locator("intercup-assistenza .bubble").first,
        "choice": chat.log.get_by_role("button").first,
        "composer": chat.composer,
        "send": page.get_by_role("button", name="Invia il messaggio"),
    }
    return {name: await part.evaluate(LOOK) for name, part in parts.items()}


async def test_no_style_of_the_page_changes_or_covers_it(page: Page) -> None:
    chat = ChatPanel(page)
    await chat.launcher.click()
    await chat.sees("assistente automatico")
    await page.evaluate("document.fonts.ready")
    clean = await looks(page)
    await page.evaluate("document.adoptedStyleSheets = [window.hostile = new CSSStyleSheet()]")
    for name, style in HOSTILE.items():
        await page.evaluate("style => hostile.replaceSync(style)", style)
        assert await looks(page) == clean, name
        await photograph(page, name)
        # A click waits until nothing else would get it.
        for state in ("false", "true"):
            await chat.launcher.click(timeout=2_000)
            await expect(chat.launcher).to_have_attribute("aria-expanded", state)
    await chat.say("Che cos'è InterCup?")
    await expect(chat.messages).to_have_count(3)


async def test_on_a_phone_the_panel_covers_a_hostile_page_whole(page: Page) -> None:
    await page.set_viewport_size(SIZES["360"])
    await page.evaluate("document.adoptedStyleSheets = [window.hostile = new CSSStyleSheet()]")
    await page.evaluate("style => hostile.replaceSync(style)", "\n".join(HOSTILE.values()))
    await ChatPanel(page).open()
    await photograph(page, "phone")
    box = await ChatPanel(page).dialog.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 740}


async def test_the_font_comes_with_the_script_and_only_when_it_is_used(page: Page) -> None:
    loaded = "[...document.fonts].filter(font => font.status === 'loaded').map(f => f.weight)"
    await expect(ChatPanel(page).launcher).to_be_visible()
    async with asyncio.timeout(15):  # `wait_for_function` needs what the page's policy forbids.
        while not await page.evaluate(loaded):  # noqa: ASYNC110 (the browser tells nobody)
            await asyncio.sleep(0.05)
    assert await page.evaluate(loaded) == ["600"]


async def test_the_page_gets_one_widget_and_no_accessibility_problem(page: Page) -> None:
    await ChatPanel(page).open()
    await expect(page.locator("intercup-assistenza")).to_have_count(1)
    await assert_accessible(page, "example page")


async def test_the_chat_itself_says_when_the_session_ends_and_that_it_has(
    service: RunningService, shared_browser: Browser
) -> None:
    state = await logged_in_state(shared_browser, service.url)
    async with example(service, shared_browser, state) as page:
        chat = ChatPanel(page)
        await chat.open()
        await age(service, seen_at=IDLE_LIMIT - 150)
        await look(page)
        await expect(chat.notice).to_contain_text("La sessione scade fra 3 min.")
        await expect(chat.live).to_contain_text("La sessione scade fra 3 min.")
        await assert_accessible(page, "session ending")
        await photograph(page, "ending")
        await chat.notice.get_by_role("button", name="Resta collegato").click()
        await expect(chat.notice).to_have_count(0)
        await age(service, seen_at=IDLE_LIMIT + 1)
        await look(page)
        await expect(chat.notice).to_contain_text("La sessione è scaduta.")
        await expect(chat.notice.get_by_role("link", name="Accedi di nuovo")).to_be_visible()
        await assert_accessible(page, "session ended")
        await photograph(page, "ended")
