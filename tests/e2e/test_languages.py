"""The main pages in each other language: accessible, nothing cut off, nothing beside the screen."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from intercup.domain.italian_time import ROME
from intercup.languages.catalogues import ITALIAN, direction, languages
from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.page_place import Place
from tests.support.browser.page_reader import READERS, assert_fits, measure, reader
from tests.support.browser.page_states import STATES, Visit
from tests.support.browser.page_watch import Watch
from tests.support.browser.photographs import photograph

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    # python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning:onelogin"),
]

PAGES = ("home", "assistance-before-login", "login", "address", "form", "receipt", "requests")
WIDTHS = (320, 360, 1280)
# The state is reached in Italian, as its buttons are found by their names.
OTHERS = [code for code in languages() if code != ITALIAN]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=PAGES)
async def reached(
    request: pytest.FixtureRequest, place: Place, shared_browser: Browser
) -> AsyncIterator[Visit]:
    """Each page, in Italian."""
    context = await shared_browser.new_context(locale="it-IT", timezone_id=ROME.key)
    watch = await Watch.over(context, place.url, place.idp_url)
    visit = Visit(await context.new_page(), place, request.param, watch)
    await STATES[request.param].reach(visit)
    yield visit
    await context.close()


async def speak(visit: Visit, language: str) -> None:
    """Open the page again in a language."""
    cookie = {"name": "intercup-language", "value": language, "url": visit.place.url}
    await visit.page.context.add_cookies([cookie])  # type: ignore[list-item]
    await visit.page.reload()


@pytest.mark.parametrize("language", OTHERS)
async def test_the_page_is_accessible_in_each_language(reached: Visit, language: str) -> None:
    page, where = reached.page, f"{reached.name} in {language}"
    await speak(reached, language)
    opening = await page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    assert opening == [language, direction(language)]
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            await assert_fits(page, f"{where} at {width} px")
            await photograph(page, f"{reached.name}-{language}-{scheme}", whole=True)
        await assert_accessible(page, f"{where}, {scheme}", scheme)
    async with reader(page, *READERS["with text at 200 %"]):
        assert await measure(page, "cut") == []
    if reached.name == "form":
        await page.locator("#request-form").evaluate("form => form.submit()")
        field = page.locator("#description")
        shown = await field.evaluate("field => getComputedStyle(field).direction")
        assert shown == direction(language), "an empty field begins where the page's lines do"
        await page.wait_for_selector("#errori")
        await assert_accessible(page, f"{where}, errors")
        await photograph(page, f"errors-{language}", whole=True)
        await page.goto(f"{reached.place.url}/assistenza")


async def test_the_menu_opens_by_keyboard_and_stays_on_the_screen(
    place: Place, shared_browser: Browser
) -> None:
    page = await shared_browser.new_page(viewport={"width": 320, "height": 640})
    await page.goto(place.url)
    summary = page.locator(".languages summary")
    for name in ("العربية", "Italiano"):  # from the left side to the right, and back
        await summary.focus()
        await page.keyboard.press("Enter")
        await assert_fits(page, f"the menu before {name}")
        assert await measure(page, "small", 44) == []
        await photograph(page, "menu")
        await page.get_by_role("link", name=name, exact=True).click()
        await page.wait_for_function(
            "name => document.querySelector('.languages summary').textContent.includes(name)",
            arg=name,
        )
    await page.close()
