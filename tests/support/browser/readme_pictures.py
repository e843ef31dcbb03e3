"""Take the README's pictures: `.venv/bin/python -m tests.support.browser.readme_pictures`."""

import asyncio
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser

from tests.support.browser.chat_panel import ChatPanel, a_context, log_in
from tests.support.browser.chromium import chromium
from tests.support.paths import ROOT
from tests.support.running_service import STOP_LIMIT, start_service

FOLDER = ROOT / "docs" / "images"
SAID = "Non riesco a prenotare al Papardo: scelgo la data e la pagina resta bianca"


async def main() -> None:
    """Start a separate service, go through a request, stop the service."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        service, process = start_service(Path(folder))
        try:
            await service.until_healthy()
            async with chromium() as browser:
                await take_pictures(browser, service.url)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_LIMIT)


async def take_pictures(browser: Browser, url: str) -> None:
    """Photograph the page, the understood request, the summary and the confirmation."""
    async with a_context(browser, size="360", device_scale_factor=1.5) as context:
        page = await context.new_page()
        await log_in(page, url)
        chat = ChatPanel(page)
        await page.goto(f"{url}/assistenza")
        await chat.sees("Problema mentre prenoto")
        await picture(chat, "pagina-assistenza")
        await page.goto(f"{url}/portale")
        await chat.open()
        await chat.say(SAID)
        await chat.sees("Ho capito così")
        await chat.log.locator(".citizen").evaluate("said => said.scrollIntoView()")
        await picture(chat, "chat-capito")
        for sentence in ("Autorizzo al trattamento", "Dichiaro di aver preso visione"):
            await chat.sees(sentence)
            await chat.press("Sì, confermo")
        await chat.sees("Controlla e invia")
        await picture(chat, "chat-riepilogo")
        await chat.press("Invia")
        await chat.sees("consegnata alla posta")
        await picture(chat, "chat-consegnata")


async def picture(chat: ChatPanel, name: str) -> None:
    """Photograph the phone's screen once all animations have ended."""
    await chat.page.mouse.move(0, 0)
    await chat.page.wait_for_timeout(300)
    await chat.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
