"""The receipt on paper: what the citizen keeps, without what only a screen can use."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.support.browser.page_place import Place
from tests.support.browser.page_states import AGATA, STATES, TEXT, Visit
from tests.support.browser.page_watch import Watch
from tests.support.browser.photographs import photograph

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def receipt(place: Place, shared_browser: Browser) -> AsyncIterator[Page]:
    context = await shared_browser.new_context(locale="it-IT")
    watch = await Watch.over(context, place.url)
    visit = Visit(await context.new_page(), place, "printed-receipt", watch)
    await STATES["receipt"].reach(visit)
    yield visit.page
    await context.close()


async def test_the_paper_has_the_request_and_nothing_to_press(receipt: Page) -> None:
    await receipt.emulate_media(media="print")
    await receipt.set_viewport_size({"width": 794, "height": 1123})  # A4
    await photograph(receipt, "receipt", whole=True)
    words = await receipt.locator("body").inner_text()
    for kept in ("Regione Siciliana", "Richiesta inviata", AGATA.email, AGATA.surname, TEXT):
        assert kept in words
    await expect(receipt.locator(".number")).to_be_visible()
    shown = "all => all.filter(e => e.checkVisibility({ visibilityProperty: true })).length"
    assert await receipt.locator("button, input, nav a, footer a").evaluate_all(shown) == 0


async def test_the_button_prints(receipt: Page) -> None:
    await receipt.evaluate("window.print = () => { window.printed = true }")
    await receipt.get_by_role("button", name="Stampa o salva").click()
    assert await receipt.evaluate("window.printed")


async def test_going_back_to_the_receipt_shows_it_again(receipt: Page) -> None:
    await receipt.get_by_role("link", name="Le mie richieste").last.click()
    await expect(receipt.get_by_role("heading", level=1)).to_have_text("Le mie richieste")
    await receipt.go_back()
    await expect(receipt.get_by_role("heading", level=1)).to_have_text("Richiesta inviata")
    await receipt.reload()
    await expect(receipt.locator(".number")).to_be_visible()
