"""The launcher while the chat can't run, or not yet."""

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.browser.chat_panel import SIZES, ChatPanel, a_context
from tests.support.browser.page_place import Place

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("size", ["1280", "360"])
@pytest.mark.parametrize("script", [None, "a browser of 2017 can't read this ?.", "throw Error()"])
async def test_where_the_script_cannot_run_a_link_leads_to_the_form(
    place: Place, shared_browser: Browser, script: str | None, size: str
) -> None:
    context = await shared_browser.new_context(
        viewport=SIZES[size], java_script_enabled=script is not None
    )
    page = await context.new_page()
    await page.route(
        "**/static/assistenza.js*",
        lambda route: route.fulfill(body=script or "", content_type="text/javascript"),
    )
    await page.goto(place.url)
    link = page.get_by_role("link", name="Assistenza", exact=True)
    await expect(link).to_be_in_viewport(ratio=1)
    await link.click()
    await expect(page.get_by_role("heading", name="Modulo di richiesta")).to_be_visible()
    await context.close()


@pytest.mark.parametrize("script", [None, "throw Error()"])
async def test_where_the_chat_cannot_be_loaded_the_launcher_becomes_that_link(
    place: Place, shared_browser: Browser, script: str | None
) -> None:
    async def answer(route: Route) -> None:
        if script is None:
            await route.abort()
        else:
            await route.fulfill(body=script, content_type="text/javascript")

    context = await shared_browser.new_context()
    page = await context.new_page()
    await page.route("**/static/chat.js*", answer)
    await page.goto(place.url)
    await page.get_by_role("button", name="Assistenza", exact=True).click()
    link = page.get_by_role("link", name="Assistenza", exact=True)
    await expect(link).to_be_focused()
    await link.click()
    await expect(page.get_by_role("heading", name="Modulo di richiesta")).to_be_visible()
    await context.close()


async def test_a_press_while_the_chat_is_loading_opens_it(
    place: Place, shared_browser: Browser
) -> None:
    """It loads by itself where it was left open, which on a phone doesn't open it again."""
    pressed = asyncio.Event()

    async def answer(route: Route) -> None:
        await pressed.wait()
        await route.continue_()

    async with a_context(shared_browser, None, "360") as context:
        page = await context.new_page()
        await page.add_init_script("sessionStorage['intercup-assistenza'] = '{\"open\":true}'")
        await page.route("**/static/chat.js*", answer)
        await page.goto(place.url, wait_until="commit")
        chat = ChatPanel(page)
        await chat.launcher.click()
        pressed.set()
        await expect(chat.dialog).to_be_visible()
        await expect(chat.composer).to_be_visible()
