"""The structure's asterisk, with and without JavaScript; the home's first screen on a phone."""

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser.chat_panel import ChatPanel
from tests.support.browser.page_place import Place
from tests.support.browser.page_states import AGATA, Visit
from tests.support.browser.page_watch import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("script", [True, False], ids=["script", "without"])
async def test_the_asterisk_of_the_structure_follows_the_category(
    place: Place, shared_browser: Browser, script: bool
) -> None:
    page = await shared_browser.new_page(java_script_enabled=script)
    visit = Visit(page, place, f"star-{script}", await Watch.over(page.context, place.url))
    await visit.log_in(AGATA)
    await visit.go("/assistenza")
    star, category = page.locator("#structure-star"), page.locator("#category")
    await expect(star).to_be_hidden()
    await expect(page.locator("#structure-hint")).to_contain_text("Obbligatoria, tranne che")
    await category.select_option("technical")
    if not script:
        await visit.press("Invia")
    await expect(star).to_be_visible()
    await category.select_option("platform")
    if script:
        await expect(star).to_be_hidden()
    await page.context.close()


async def test_an_empty_form_counts_the_structure_and_tells_the_places_of_each(
    place: Place, shared_browser: Browser
) -> None:
    page = await shared_browser.new_page()
    visit = Visit(page, place, "structure", await Watch.over(page.context, place.url))
    await visit.log_in(AGATA)
    await visit.go("/assistenza")
    await visit.press("Invia")
    lines, category = page.locator("#errori li"), page.locator("#category")
    await expect(lines).to_have_count(5)
    await category.select_option("technical")
    await expect(lines).to_have_count(4)
    await expect(page.locator("#structure-error")).to_be_visible()
    await category.select_option("platform")
    await expect(lines).to_have_count(3)
    await expect(page.locator("#structure-error")).to_have_count(0)
    await page.get_by_text("Quale struttura per il mio paese o ospedale?").click()
    places = page.locator("dt", has_text="ASP Agrigento").locator("+ dd")
    await expect(places).to_contain_text("Sciacca")
    await page.context.close()


@pytest.mark.parametrize("size", [(360, 740), (320, 568)], ids=["360x740", "320x568"])
async def test_the_login_is_on_the_first_screen_of_the_home(
    place: Place, shared_browser: Browser, size: tuple[int, int]
) -> None:
    page = await shared_browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(place.url)
    box = await page.get_by_role("main").get_by_role("link", name="Accedi").bounding_box()
    launcher = await ChatPanel(page).launcher.bounding_box()
    assert box
    assert launcher
    assert box["y"] + box["height"] <= launcher["y"]
    await page.context.close()
