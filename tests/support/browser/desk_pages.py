"""The technical team's pages in a real browser: entered, worked with and looked at."""

import asyncio
import re
import sys
import time

from playwright.async_api import Locator, Page, expect

from intercup.texts import TEXTS
from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.page_reader import assert_fits
from tests.support.browser.photographs import photograph

DONE = TEXTS.section("desk_done")
WIDTHS = (360, 320, 1280)
LOOK_EVERY = 1.0  # seconds


class Steps:
    """The steps of a walk; with `-s` each is printed, with its seconds and the person's acts."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.acts = 0  # presses, choices and fields filled in

    def done(self, name: str, acts: int = 0) -> float:
        """Print the seconds since the step before, and return them."""
        seconds = time.monotonic() - self._began
        self.acts += acts
        report(f"{seconds:6.1f} s  {f'{acts} acts' if acts else '':7}  {name}")
        self._began = time.monotonic()
        return seconds


def report(line: str) -> None:
    """Print a line; with `-s` it is seen."""
    sys.stdout.write(f"{line}\n")


async def enter_desk(page: Page, url: str, name: str) -> None:
    """Log in at the desk through the demonstration identity provider."""
    await page.goto(f"{url}/presidio")
    await page.get_by_role("link", name="dimostrativo").click()
    await page.get_by_role("button", name=name).click()
    await page.get_by_role("button", name="Autorizza", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Presidio tecnico")


async def open_part(page: Page, name: str) -> None:
    """Choose a page in the menu."""
    await page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)


async def press(page: Page, name: str | re.Pattern[str], then: str) -> None:
    """Press a button, and wait for the sentence about what was done."""
    await page.get_by_role("button", name=name).click()
    await expect(page.get_by_role("status")).to_have_text(DONE[then])


async def look(page: Page, name: str) -> None:
    """Check a page at every width, and photograph it."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        await photograph(page, name, whole=True)
        await assert_fits(page, f"{name} at {width} px")
        if width != 360:  # 320 px has the same style, and less room
            await assert_accessible(page, f"{name} at {width} px")


async def reload_until(page: Page, seen: Locator, limit: float) -> None:
    """Load the page again and again until the part is there."""
    async with asyncio.timeout(limit):
        while not await seen.count():
            await asyncio.sleep(LOOK_EVERY)
            await page.goto(page.url.partition("?")[0])
