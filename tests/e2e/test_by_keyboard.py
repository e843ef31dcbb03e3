"""The whole way of a citizen without a mouse: only Tab, Shift+Tab, Enter, Space and arrows."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser.page_place import Place

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    # python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning:onelogin"),
]

TEXT = "La pagina della data non si apre."


@pytest_asyncio.fixture(loop_scope="session")
async def page(place: Place, shared_browser: Browser) -> AsyncIterator[Page]:
    """The home in a browser whose mouse isn't used."""
    context = await shared_browser.new_context(locale="it-IT")
    context.set_default_timeout(10_000)
    page = await context.new_page()
    await page.goto(place.url)
    yield page
    await context.close()


async def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; a page has no more than 60 stops."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab doesn't reach {target}")


async def press(page: Page, target: Locator, key: str = "Enter") -> None:
    await tab_to(page, target)
    await page.keyboard.press(key)


async def log_in(page: Page) -> None:
    await press(page, page.get_by_role("main").get_by_role("link", name="Accedi"))
    await press(page, page.get_by_role("link", name="dimostrativo"))
    await press(page, page.get_by_role("button", name="Agata Lo Presti"))
    await press(page, page.get_by_role("button", name="Autorizza", exact=True))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Buongiorno, Agata")


async def test_a_request_is_sent_corrected_and_rated_by_keyboard(page: Page) -> None:
    main = page.get_by_role("main")
    await log_in(page)
    await press(page, main.get_by_role("link", name="Richiedi assistenza"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Richiesta d'assistenza")

    await tab_to(page, page.locator("#description"))
    await page.keyboard.type("breve")
    await press(page, main.get_by_role("button", name="Invia", exact=True).last)
    await expect(page.locator("#errori")).to_be_focused()
    await expect(page).to_have_title("Errore: Richiesta d'assistenza | InterCup, Regione Siciliana")

    await press(page, page.locator("#errori a[href='#category']"))
    await expect(page.locator("#category")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await tab_to(page, page.locator("#structure"))
    await page.keyboard.type("A.O. Pap")
    await tab_to(page, page.locator("#description"))
    await page.keyboard.press("Control+A")
    await page.keyboard.type(TEXT)
    for consent in ("privacy", "regulation"):
        await press(page, page.locator(f"#{consent}"), "Space")
    await press(page, main.get_by_role("button", name="Invia", exact=True).last)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Richiesta inviata")
    await expect(main).to_contain_text("A.O. Papardo di Messina")
    await expect(main).to_contain_text(TEXT)

    await tab_to(page, page.get_by_role("radio").first)
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="2 stelle su 5")).to_be_checked()
    await press(page, main.get_by_role("button", name="Invia la valutazione"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Valutazione ricevuta")
    await tab_to(page, page.get_by_role("radio").first)
    await page.keyboard.press("ArrowDown")
    await press(page, main.get_by_role("button", name="Invia la risposta"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Grazie")
    await press(page, main.get_by_role("link", name="Le mie richieste"))
    await expect(main).to_contain_text("A.O. Papardo di Messina")
    await press(page, page.get_by_role("banner").get_by_role("button", name="Esci"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Benvenuti in InterCup")


async def test_enter_in_the_form_sends_it_and_does_not_leave_for_the_address(page: Page) -> None:
    await log_in(page)
    await press(page, page.get_by_role("main").get_by_role("link", name="Richiedi assistenza"))
    await press(page, page.locator("#privacy"))
    await expect(page.locator("#errori")).to_be_focused()


async def test_the_first_tab_leads_past_menu_and_header(page: Page) -> None:
    skip = page.get_by_role("link", name="Vai al contenuto principale")
    await page.keyboard.press("Tab")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.keyboard.press("Tab")
    inside = "document.querySelector('main').contains(document.activeElement)"
    assert await page.evaluate(inside)


async def test_the_second_tab_leads_to_the_footer(page: Page) -> None:
    for key in ("Tab", "Tab", "Enter", "Tab"):
        await page.keyboard.press(key)
    inside = "document.querySelector('footer').contains(document.activeElement)"
    assert await page.evaluate(inside)
