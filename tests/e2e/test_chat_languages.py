"""The chat's steps in a language read from right to left, and in another: accessible, in sight."""

import pytest
from playwright.async_api import Browser, StorageState, expect

from intercup.languages.catalogues import direction, translated
from intercup.texts import TEXTS
from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.chat_panel import SIZES, a_context, forget
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph
from tests.support.running_service import RunningService

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXTS_OF = {
    "ar": "لا أستطيع إكمال الحجز لأن الصفحة تتوقف بعد اختيار التاريخ.",
    "en": "The booking page stops with an error each time that I choose the day of the visit.",
}


@pytest.mark.parametrize("language", TEXTS_OF)
async def test_each_step_is_accessible_in_the_language(
    service: RunningService, shared_browser: Browser, agata: StorageState, language: str
) -> None:
    def said(key: str) -> str:
        return translated(key, TEXTS.written(key), language)

    async with a_context(shared_browser, agata) as context:
        await forget(context, service.url)
        page = await context.new_page()
        await page.goto(f"{service.url}/portale?lingua={language}")
        await page.locator("intercup-assistenza .launcher").click()
        log = page.get_by_role("log")

        async def step(name: str) -> None:
            for size in (SIZES["360"], SIZES["1280"]):
                await page.set_viewport_size(size)
                await assert_fits(page, f"{name} in {language}")
                await photograph(page, f"{language}-{name}")
            await assert_accessible(page, f"{name} in {language}")

        async def press(name: str) -> None:
            await log.get_by_role("button", name=name, disabled=False).last.click()

        layer = page.locator("intercup-assistenza .layer")
        await expect(log.locator(".message")).to_have_count(1)
        await expect(layer).to_have_attribute("dir", direction(language))
        await step("greeting")
        await log.locator(".actions button").first.click()
        await expect(page.get_by_role("combobox")).to_be_visible()
        await step("structure")
        await page.get_by_role("combobox").fill("papardo")
        await page.get_by_role("option").first.click()
        await expect(page.locator("intercup-composer textarea.long")).to_be_visible()
        await step("description")
        await page.locator("intercup-composer textarea").fill(TEXTS_OF[language])
        await page.locator("intercup-composer button").click()
        for consent in (1, 2):
            await expect(log.locator("intercup-consent")).to_have_count(consent)
            await step(f"consent-{consent}")
            await press(said("input.accept"))
        await expect(log.locator("intercup-summary")).to_be_visible()
        await step("summary")
        await press(said("input.send"))
        await expect(log.locator("intercup-receipt")).to_be_visible()
        await step("receipt")
