"""Below the supported browsers a link to the plain form stands where the assistant would."""

import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.browser.chat_panel import SIZES
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
