"""Below the supported browsers a link to the plain form stands where the assistant would."""

import pytest
from playwright.async_api import Browser, expect

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
