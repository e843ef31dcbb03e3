"""A page for different readers: screen widths, larger text, forced colours, keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

MEASURES = Path(__file__).with_name("page_measures.js")
WIDE = (1280, 800)
# Width, height and the reader's style. 1280 × 1024 at 400 % is 320 × 256; the spacing is WCAG's.
READERS: dict[str, tuple[int, int, str]] = {
    "on 320 px": (320, 640, ""),
    "at 400 %": (320, 256, ""),
    "with text at 200 %": (*WIDE, "html { font-size: 200% }"),
    "with wide spacing": (
        *(360, 740),
        "* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
        " word-spacing: 0.16em !important } p { margin-bottom: 2em !important }",
    ),
}


async def measure(page: Page, name: str, *values: object) -> Any:
    """Call a function of page_measures.js, in one round trip where the page has it already."""
    call = "([name, values]) => 'measures' in window ? [measures[name](...values)] : []"
    if not (found := await page.evaluate(call, [name, [*values]])):
        await page.evaluate(_measures())
        found = await page.evaluate(call, [name, [*values]])
    return found[0]


async def assert_fits(page: Page, where: str) -> None:
    """Fail if the page is wider than the screen."""
    root = "document.documentElement"
    too_wide = await page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    assert too_wide <= 0, f"{where} is {too_wide} px too wide"


@asynccontextmanager
async def reader(page: Page, width: int, height: int, style: str = "") -> AsyncIterator[None]:
    """Apply a reader's width, height and style to the page, then restore it."""
    await page.set_viewport_size({"width": width, "height": height})
    await measure(page, "restyle", style)
    yield
    await measure(page, "restyle", "")


@cache
def _measures() -> str:
    return MEASURES.read_text("utf-8")
