"""Login, address and form on plain pages: no JavaScript, keyboard only."""

import re

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")
SIZES = {
    "desktop": ViewportSize(width=1280, height=900),
    "phone": ViewportSize(width=360, height=740),
}


async def look(page: Page, name: str) -> None:
    """Look at a page, which must not be wider than the screen."""
    await photograph(page, name, whole=True)
    await assert_fits(page, name)


@pytest.mark.parametrize("size", SIZES)
async def test_a_citizen_without_an_address_gives_one_and_sends_the_form(
    service: RunningService, shared_browser: Browser, size: str
) -> None:
    context = await shared_browser.new_context(
        viewport=SIZES[size], locale="it-IT", java_script_enabled=False
    )
    page = await context.new_page()
    address = f"salvatore.{size}@example.it"
    await page.goto(f"{service.url}/accedi?ritorno=/assistenza%3Fstructure%3Dao_papardo")
    await look(page, "login")
    await page.get_by_role("link", name="dimostrativo").click()
    await page.get_by_role("button", name="Salvatore Cusumano").click()
    await page.get_by_role("button", name="Autorizza", exact=True).click()
    await page.get_by_role("button", name="Continua").click()
    await expect(page.locator("#structure")).to_have_value("ao_papardo")
    await look(page, "form-without-address")
    await page.locator("#category").select_option("technical")
    await page.locator("#description").fill("La pagina della data non si apre.")
    await page.locator("#privacy").check()
    await page.locator("#regulation").check()
    await page.get_by_role("button", name="Invia", exact=True).last.click()
    await expect(page.get_by_role("alert")).to_contain_text("Manca un indirizzo e-mail")
    await look(page, "address-missing")
    await page.get_by_role("button", name="Indica l'indirizzo e-mail").click()
    await look(page, "address")
    await page.get_by_label("Indirizzo e-mail", exact=True).fill(address)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text(address)
    await look(page, "code")
    await page.get_by_label("Codice ricevuto").fill("12")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Codice ricevuto")).to_have_attribute("aria-invalid", "true")
    await look(page, "wrong-code")
    await page.get_by_label("Codice ricevuto").fill(await code_for(page, service, address))
    await page.keyboard.press("Enter")
    await expect(page.locator("#request-form")).to_contain_text(address)
    await expect(page.locator("#description")).to_have_value("La pagina della data non si apre.")
    await look(page, "form-again")
    await page.get_by_role("button", name="Invia", exact=True).last.click()
    await expect(page.get_by_role("main")).to_contain_text("registrata con il numero")
    await page.goto(f"{service.url}/richieste")
    await look(page, "requests")
    await context.close()


async def code_for(page: Page, service: RunningService, address: str) -> str:
    for _ in range(100):
        mails = await (await page.request.get(f"{service.url}/demo/mailbox.json")).json()
        for mail in mails:
            found = re.search(r"codice è: (\d{6})", mail["body"])
            if found and mail["rcpt"] == [address]:
                return found[1]
        await page.wait_for_timeout(100)
    raise AssertionError("no mail with a code")


@pytest.mark.parametrize("size", SIZES)
async def test_login_and_its_refusal_work_by_keyboard(
    service: RunningService, shared_browser: Browser, size: str
) -> None:
    context = await shared_browser.new_context(
        viewport=SIZES[size], locale="it-IT", java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(f"{service.url}/accedi?ritorno=/richieste")
    link = page.get_by_role("link", name="dimostrativo")
    await page.locator("summary").filter(has_text="Entra con SPID").focus()
    await page.keyboard.press("Enter")
    await expect(link).to_be_hidden()
    await look(page, "closed")
    await page.keyboard.press("Enter")
    await expect(link).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(link).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator("summary").click()
    await page.get_by_role("button", name="Accesso annullato").click()
    await page.get_by_role("button", name="Continua").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Accesso non riuscito")
    await look(page, "refused")
    await page.get_by_role("link", name="Torna ad Accedi").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Accedi")
    assert page.url.endswith("/accedi?ritorno=/richieste")
    await context.close()
