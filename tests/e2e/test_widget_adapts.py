"""Small screens, large or spaced text, few colours, no motion, fingers: nothing is cut or lost."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, StorageState, expect

from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import ChatPanel, a_context, forget
from tests.support.browser.photographs import photograph
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
# WCAG 1.4.12, applied in every shadow root as a browser's own style sheet would.
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-bottom: 2em !important }"""
EVERYWHERE = """
  const parts = [];
  const collect = root => {
    for (const part of root.querySelectorAll('*')) {
      parts.push(part);
      if (part.shadowRoot) collect(part.shadowRoot);
    }
  };
  collect(document.querySelector('intercup-assistenza').shadowRoot);
"""
STYLE = f"""css => {{ {EVERYWHERE}
  const style = new CSSStyleSheet();
  style.replaceSync(css);
  const roots = new Set(parts.map(part => part.getRootNode()));
  for (const root of roots) root.adoptedStyleSheets = [...root.adoptedStyleSheets, style];
}}"""
# Whose text doesn't fit, except where it is only for the ears or meant to scroll.
CUT = f"""() => {{ {EVERYWHERE}
  return parts.filter(part => {{
    const style = getComputedStyle(part);
    if (part.closest('.sr, [hidden]') || !part.getClientRects().length) return false;
    if (part.matches('svg, svg *, textarea, input')) return false;
    const x = part.scrollWidth > part.clientWidth + 1 && style.overflowX !== 'visible';
    const y = part.scrollHeight > part.clientHeight + 1 && style.overflowY === 'hidden';
    return style.display !== 'inline' && (x || y);
  }}).map(part => `${{part.localName}}.${{part.className}}`);
}}"""
SMALL = f"""() => {{ {EVERYWHERE}
  return parts.filter(part => part.matches('button, a.link, input, textarea, [role=option]'))
    .filter(part => !part.closest('[hidden]') && part.checkVisibility())
    .map(part => [part.localName, part.className, part.closest('label') ?? part])
    .map(([name, kind, target]) => [name, kind, target.getBoundingClientRect()])
    .filter(([, , {{ width, height }}]) => width < 44 || height < 44)
    .map(([name, kind, {{ width, height }}]) => `${{name}}.${{kind}} ${{width}}x${{height}}`);
}}"""
# Headless Chromium has no keyboard: what one does to the visible part is told to the page.
KEYBOARD = """() => {
  Object.defineProperty(visualViewport, 'height', { value: 400, configurable: true });
  visualViewport.dispatchEvent(new Event('resize'));
}"""
TYPED = f"""() => {{ {EVERYWHERE}
  return parts.filter(part => part.matches('input:not([type=file], [type=checkbox]), textarea'))
    .map(part => parseFloat(getComputedStyle(part).fontSize));
}}"""


@pytest_asyncio.fixture(loop_scope="session")
async def context(
    service: RunningService, shared_browser: Browser, agata: StorageState
) -> AsyncIterator[BrowserContext]:
    async with a_context(shared_browser, agata, has_touch=True) as context:
        await forget(context, service.url)
        yield context


async def to_summary(context: BrowserContext, url: str) -> ChatPanel:
    """Type a request as far as its summary."""
    page = await context.new_page()
    await page.goto(f"{url}/portale")
    chat = ChatPanel(page)
    await chat.open()
    await chat.say("il sito del Papardo si blocca mentre prenoto")
    await chat.sees("Autorizzo al trattamento")
    await chat.press("Sì, confermo")
    await chat.sees("Dichiaro di aver preso visione")
    await chat.press("Sì, confermo")
    await chat.sees("Controlla e invia")
    return chat


async def all_targets(page: Page) -> list[str]:
    small: list[str] = await page.evaluate(SMALL)
    return small


async def test_reflow_large_text_and_spacing_cut_nothing(
    service: RunningService, context: BrowserContext
) -> None:
    chat = await to_summary(context, service.url)
    page = chat.page
    send = chat.log.get_by_role("button", name="Invia")
    for name, size, css in (
        ("reflow-320", (320, 640), ""),
        ("zoom-400", (320, 256), ""),
        ("spacing-360", (360, 740), SPACING),
        ("spacing-1280", (1280, 900), SPACING),
    ):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        if css:
            await page.evaluate(STYLE, css)
        await send.scroll_into_view_if_needed()
        await photograph(page, name)
        assert await page.evaluate(CUT) == [], name
        await expect(send).to_be_in_viewport(ratio=1)
        await expect(chat.composer).to_be_in_viewport(ratio=1)


async def test_text_of_twice_the_size_is_all_there(
    service: RunningService, context: BrowserContext
) -> None:
    chat = await to_summary(context, service.url)
    page = chat.page
    # A browser's zoom of 200 % halves the page's pixels.
    for name, size in (("large-640", (640, 450)), ("large-180", (384, 512))):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await photograph(page, name)
        assert await page.evaluate(CUT) == [], name
        await expect(chat.composer).to_be_in_viewport(ratio=1)


async def test_every_target_is_at_least_44_pixels(
    service: RunningService, context: BrowserContext
) -> None:
    chat = await to_summary(context, service.url)
    for width, height in ((1280, 900), (360, 740)):
        await chat.page.set_viewport_size({"width": width, "height": height})
        assert await all_targets(chat.page) == []
    await chat.press("Modifica la struttura")
    await chat.page.get_by_role("combobox").click()
    await expect(chat.page.get_by_role("option")).not_to_have_count(0)
    assert await all_targets(chat.page) == []
    await chat.page.get_by_role("button", name="Altre opzioni").click()
    assert await all_targets(chat.page) == []


async def test_a_field_never_makes_a_phone_zoom_and_its_keyboard_sends(
    service: RunningService, context: BrowserContext
) -> None:
    chat = await to_summary(context, service.url)
    await expect(chat.composer).to_have_attribute("enterkeyhint", "send")
    sizes = await chat.page.evaluate(TYPED)
    for field in ("descrizione", "struttura"):
        await chat.press(f"Modifica la {field}")
        await expect(chat.composer).to_have_count(0)
        sizes += await chat.page.evaluate(TYPED)
        await chat.say("Ragusa: la pagina resta bianca")
        await chat.sees("Ragusa: la pagina")
    assert len(sizes) == 3
    assert min(sizes) >= 16


async def test_the_keyboard_of_a_phone_leaves_header_and_composer_in_sight(
    service: RunningService, context: BrowserContext
) -> None:
    chat = await to_summary(context, service.url)
    await chat.page.set_viewport_size({"width": 360, "height": 740})
    await chat.page.evaluate(KEYBOARD)
    box = await chat.dialog.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 400}
    await photograph(chat.page, "keyboard")
    field = await chat.composer.bounding_box()
    assert field
    assert field["y"] + field["height"] <= 400


async def test_the_keyboard_leaves_the_embedded_chat_alone_on_the_screen(
    service: RunningService, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(f"{service.url}/assistenza")
    chat = ChatPanel(page)
    await chat.open()
    await chat.composer.focus()
    await page.evaluate(KEYBOARD)
    for part in (page.locator("intercup-assistenza .header"), chat.composer):
        box = await part.bounding_box()
        assert box
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 400


async def test_forced_colours_keep_every_border(
    service: RunningService, context: BrowserContext
) -> None:
    chat = await to_summary(context, service.url)
    await chat.page.emulate_media(forced_colors="active")
    await photograph(chat.page, "forced-colours")
    for part in (".bubble", ".card", ".launcher", "dialog", ".header", ".send", ".tool"):
        widths = await chat.page.locator(f"intercup-assistenza {part}").first.evaluate(
            "part => [getComputedStyle(part).borderBottomStyle,"
            " parseFloat(getComputedStyle(part).borderBottomWidth)]"
        )
        assert widths[0] == "solid", part
        assert widths[1] >= 1, part
    await assert_accessible(chat.page, "forced colours")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_nothing_moves_for_whoever_asked_for_it(
    service: RunningService, context: BrowserContext, motion: str
) -> None:
    page = await context.new_page()
    await page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    await page.goto(service.url)
    slow = await context.new_cdp_session(page)  # else it may be over before one looks
    await slow.send("Animation.enable")
    await slow.send("Animation.setPlaybackRate", {"playbackRate": 0.01})
    await ChatPanel(page).launcher.click()
    moving = await page.locator("intercup-assistenza dialog").evaluate(
        "panel => panel.getAnimations({ subtree: true }).length"
    )
    assert (moving > 0) == (motion == "no-preference")
