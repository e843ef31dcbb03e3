"""The header of the pages on a phone, before and after the login, with the demo's banner."""

import pytest
from playwright.async_api import Browser

from tests.support.browser.page_place import Place
from tests.support.browser.page_states import AGATA, Visit
from tests.support.browser.page_watch import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")
HIGHEST = 180  # px


@pytest.mark.parametrize("size", [(360, 740), (320, 568)], ids=["360x740", "320x568"])
@pytest.mark.parametrize("path", ["/", "/portale"])
async def test_the_header_is_low_and_its_menu_has_one_row(
    place: Place, shared_browser: Browser, path: str, size: tuple[int, int]
) -> None:
    page = await shared_browser.new_page(viewport={"width": size[0], "height": size[1]})
    visit = Visit(page, place, f"header-{size[0]}", await Watch.over(page.context, place.url))
    if path == "/portale":
        await visit.log_in(AGATA)
    await visit.go(path)
    await visit.settle()
    assert await page.evaluate("document.querySelector('main').offsetTop") <= HIGHEST
    tops = "items => items.map(item => item.getBoundingClientRect().top)"
    assert len(set(await page.locator(".main-nav li").evaluate_all(tops))) == 1
    await page.context.close()
