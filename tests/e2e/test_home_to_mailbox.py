"""A citizen's whole way in a real browser: home, login, chat, mailbox; on a desktop and a phone."""

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.support.browser.page_reader import assert_fits
from tests.support.browser.page_watch import Watch
from tests.support.browser.photographs import photograph
from tests.support.chatting_citizen import number_in
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
SIZES = {
    "desktop": ViewportSize(width=1280, height=900),
    "phone": ViewportSize(width=360, height=740),
}


@pytest.mark.parametrize("size", SIZES)
async def test_citizen_gets_from_home_through_login_and_chat_to_the_mail(
    service: RunningService, shared_browser: Browser, size: str
) -> None:
    context = await shared_browser.new_context(viewport=SIZES[size], locale="it-IT")
    provider = f"http://127.0.0.1:{service.environment['INTERCUP_DEMO_IDP_PORT']}"
    watch = await Watch.over(context, service.url, provider)
    page = await context.new_page()

    await page.goto(service.url)
    await _look(page, "home")
    await page.get_by_role("link", name="Accedi").first.click()
    await _look(page, "login")
    await page.get_by_role("link", name="dimostrativo").click()
    await page.get_by_role("button", name="Agata Lo Presti").click()
    await _look(page, "identity")
    await page.get_by_role("button", name="Autorizza", exact=True).click()
    await page.wait_for_url(f"{service.url}/portale")
    await _look(page, "portal")

    await page.get_by_role("button", name="Assistenza", exact=True).click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("assistente automatico")
    await _look(page, "chat")
    box = page.get_by_role("textbox")
    await box.fill("non riesco a prenotare al papardo, la pagina da errore")
    await box.press("Enter")
    await expect(log).to_contain_text("A.O. Papardo di Messina")
    await _look(page, "understood")
    for picture in ("privacy", "regulation"):
        accept = page.get_by_role("button", name="Sì, confermo").last
        await expect(accept).to_be_enabled()
        await _look(page, picture)
        await accept.click()
        await expect(log).to_contain_text(
            "un'ultima conferma" if picture == "privacy" else "Controlla e invia"
        )
    await _look(page, "summary")
    await page.reload()
    await _open_again(page)
    await expect(log).to_contain_text("Controlla e invia")
    await page.get_by_role("button", name="Invia", exact=True).first.click()
    await expect(log).to_contain_text("registrata con il numero")
    await expect(log).to_contain_text("consegnata alla posta", timeout=20_000)
    await _look(page, "sent")

    number = number_in(await log.locator(".number").inner_text())
    await page.goto(f"{service.url}/richieste")
    await expect(page.get_by_role("main")).to_contain_text(number)
    await _look(page, "requests")
    await page.goto(f"{service.url}/demo/mailbox")
    await expect(page.get_by_role("main")).to_contain_text("f.dantonino@ads.it")
    await expect(page.get_by_role("main")).to_contain_text(number)
    await _look(page, "mailbox")
    assert (watch.problems, watch.foreign) == ([], [])
    await context.close()


async def _open_again(page: Page) -> None:
    """Open the panel if the reload left it closed, as it does on a phone."""
    launcher = page.get_by_role("button", name="Assistenza", exact=True)
    if await launcher.get_attribute("aria-expanded") == "false":
        await launcher.click()


async def _look(page: Page, name: str) -> None:
    """Look at a page, which must not be wider than the screen."""
    await page.wait_for_load_state()
    await photograph(page, name)
    await assert_fits(page, name)
