"""The chat in a real browser, with a citizen's actions."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Browser, BrowserContext, Page, StorageState, ViewportSize, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from intercup.domain.italian_time import ROME

SIZES = {
    "1280": ViewportSize(width=1280, height=900),
    "768": ViewportSize(width=768, height=1024),
    "360": ViewportSize(width=360, height=740),
    "320": ViewportSize(width=320, height=568),
}


class ChatPanel:
    """The widget of a page, and the actions on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.get_by_role("button", name="Assistenza", exact=True)
        self.dialog = page.get_by_role("dialog", name="Assistente InterCup")
        self.log = page.get_by_role("log")
        self.messages = self.log.locator(".message")
        self.composer = page.get_by_role("textbox", name="Scriva un messaggio")
        self.field = page.locator("intercup-chat textarea.field:not([readonly]), [role=combobox]")
        self.live = page.locator("intercup-chat [aria-live=polite]")
        self.notice = page.locator("intercup-chat .notice")

    async def open(self) -> None:
        """Open the panel if it is closed, and wait for the conversation."""
        closed = self.launcher.and_(self.page.locator("[aria-expanded=false]"))
        if await closed.count():
            with suppress(PlaywrightTimeout):  # A page opened again opens it by itself.
                await closed.click(timeout=5_000)
        await expect(self.messages).not_to_have_count(0)

    async def say(self, text: str) -> None:
        """Type a message in the step's one field and send it."""
        await self.field.fill(text)
        if await self.field.get_attribute("enterkeyhint") == "enter":
            await self.page.get_by_role("button", name="Continua").click()
        else:
            await self.field.press("Enter")

    async def press(self, name: str | re.Pattern[str]) -> None:
        """Press the newest enabled button with this name, or whose name ends with this label."""
        if isinstance(name, str):
            name = re.compile(f"(^|[.] ){re.escape(name)}$")
        await self.log.get_by_role("button", name=name, disabled=False).last.click()

    async def sees(self, text: str) -> None:
        """Wait until the newest messages contain the text."""
        await expect(self.log).to_contain_text(text)


async def log_in(page: Page, url: str, back_to: str = "/portale") -> None:
    """Go through the demonstration identity provider as Agata."""
    await page.goto(f"{url}/accedi?ritorno={back_to}")
    await go_through_the_login(page)


async def go_through_the_login(page: Page) -> None:
    """Log in as Agata from the page with the identity providers."""
    await page.get_by_role("link", name="dimostrativo").click()
    await page.get_by_role("button", name="Agata Lo Presti").click()
    await page.get_by_role("button", name="Autorizza", exact=True).click()
    await expect(page.get_by_text("Accesso effettuato come")).to_be_attached()


async def logged_in_state(browser: Browser, url: str) -> StorageState:
    """Log in once; other browser contexts start from the returned state."""
    async with a_context(browser) as context:
        await log_in(await context.new_page(), url)
        return await context.storage_state()


async def forget(context: BrowserContext, url: str) -> None:
    """Delete the session's conversation, if there is one."""
    await context.request.get(f"{url}/chat/session?page=portal")
    answer = await context.request.post(f"{url}/chat/forget", data={}, headers={"Origin": url})
    assert answer.ok, await answer.text()


@asynccontextmanager
async def a_context(
    browser: Browser, state: StorageState | None = None, size: str = "1280", **options: object
) -> AsyncIterator[BrowserContext]:
    """Open an Italian browser window, without animations."""
    context = await browser.new_context(
        viewport=SIZES[size],
        locale="it-IT",
        timezone_id=ROME.key,
        storage_state=state,
        reduced_motion="reduce",
        **options,  # type: ignore[arg-type]
    )
    context.set_default_timeout(15_000)
    try:
        yield context
    finally:
        await context.close()
