"""Neither the launcher nor the open panel covers what a page is for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import (
    Browser,
    FloatRect,
    Locator,
    Page,
    StorageState,
    ViewportSize,
    expect,
)

from tests.support.browser.chat_panel import SIZES, ChatPanel, a_context
from tests.support.browser.page_place import Place
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.page_states import STATES, Visit
from tests.support.browser.page_watch import Watch
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


@pytest.mark.parametrize("width", [320, 360, 768])
async def test_no_line_of_a_page_ends_beneath_the_launcher(
    service: RunningService, shared_browser: Browser, agata: StorageState, width: int
) -> None:
    """A line is beside it nowhere: it scrolls out beneath it as a whole."""
    async with a_context(shared_browser, agata) as context:
        page = await context.new_page()
        await page.set_viewport_size({"width": width, "height": 740})
        await page.goto(f"{service.url}/portale")
        launcher = ChatPanel(page).launcher
        await launcher.wait_for()
        await photograph(page, "launcher-in-the-middle")
        box = await launcher.bounding_box()
        assert box
        assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, 740)


@asynccontextmanager
async def list_of_requests(place: Place, browser: Browser, size: str) -> AsyncIterator[Page]:
    """The citizen's list of requests in a window of this size."""
    async with await browser.new_context(viewport=SIZES[size], locale="it-IT") as context:
        watch = await Watch.over(context, place.url, place.idp_url)
        visit = Visit(await context.new_page(), place, "requests", watch)
        await STATES["requests"].reach(visit)
        yield visit.page


async def test_at_the_right_the_launcher_covers_no_state_of_a_request(
    place: Place, shared_browser: Browser
) -> None:
    async with list_of_requests(place, shared_browser, "1280") as page:
        launcher = await ChatPanel(page).launcher.bounding_box()
        assert launcher
        for state in await page.locator(".state").all():
            box = await state.bounding_box()
            assert box
            assert box["x"] + box["width"] <= launcher["x"]


async def test_two_ways_of_a_request_stand_below_each_other_without_a_sign(
    place: Place, shared_browser: Browser
) -> None:
    """On the smallest screen a sign between them would end the first one's line."""
    async with list_of_requests(place, shared_browser, "320") as page:
        await expect(page.locator(".ways").first).not_to_contain_text("·")


async def overlap(one: Locator, other: Locator) -> bool:
    a, b = await one.bounding_box(), await other.bounding_box()
    assert a
    assert b
    return _crosses(a, b, "x", "width") and _crosses(a, b, "y", "height")


def _crosses(a: FloatRect, b: FloatRect, start: str, length: str) -> bool:
    ends = a[start] + a[length], b[start] + b[length]  # type: ignore[literal-required]
    return a[start] < ends[1] and b[start] < ends[0]  # type: ignore[literal-required,no-any-return]
