"""Neither the launcher nor the open panel covers what a page is for."""

import pytest
from playwright.async_api import Browser, FloatRect, Locator, StorageState, ViewportSize

from tests.support.browser.chat_panel import ChatPanel, a_context
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCREENS = [(320, 568), (360, 740), (768, 1024), (992, 744), (1280, 800)]


@pytest.mark.parametrize("screen", SCREENS)
async def test_the_mailbox_and_the_card_stay_free(
    service: RunningService, shared_browser: Browser, agata: StorageState, screen: tuple[int, int]
) -> None:
    size = ViewportSize(width=screen[0], height=screen[1])
    for path, state, name in (
        ("/", None, "mailto:intercup@"),
        ("/portale", agata, "/assistenza"),
        ("/richieste", agata, "/assistenza"),
    ):
        async with a_context(shared_browser, state) as context:
            page = await context.new_page()
            await page.set_viewport_size(size)
            await page.goto(f"{service.url}{path}")
            chat, link = ChatPanel(page), page.locator(f"main a[href^='{name}']").first
            await chat.launcher.wait_for()
            await photograph(page, f"launcher{path.replace('/', '-')}")
            assert not await overlap(chat.launcher, link)
            await link.scroll_into_view_if_needed()
            assert not await overlap(chat.launcher, link)
            if size["width"] < 992:
                continue
            await chat.open()
            await photograph(page, f"panel{path.replace('/', '-')}")
            assert not await overlap(chat.dialog, link)
            await assert_fits(page, path)


async def overlap(one: Locator, other: Locator) -> bool:
    a, b = await one.bounding_box(), await other.bounding_box()
    assert a
    assert b
    return _crosses(a, b, "x", "width") and _crosses(a, b, "y", "height")


def _crosses(a: FloatRect, b: FloatRect, start: str, length: str) -> bool:
    ends = a[start] + a[length], b[start] + b[length]  # type: ignore[literal-required]
    return a[start] < ends[1] and b[start] < ends[0]  # type: ignore[literal-required,no-any-return]
