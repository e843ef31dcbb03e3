"""The measures of the pages themselves: a page with a fault is told, one without isn't."""

import pytest
from playwright.async_api import Browser

from tests.support.browser.page_reader import measure, reader

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOUND = '<button style="width: 9em; height: 44px; border: 1px solid">Avanti</button>'
FAULTS = {
    "too wide": ("cut", '<div style="width: 2000px">largo</div>'),
    "clipped": ("cut", '<p style="height: 5px; overflow: hidden">tagliato</p>'),
    "small": ("small", '<button style="width: 43px; height: 44px">a</button>'),
    "a link by itself": ("small", '<p><a href="/">Privacy</a></p>'),
    "no border": ("borderless", '<button style="border: 0">Avanti</button>'),
    "transition": ("moving", '<p style="transition: color 1s">testo</p>'),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_measured(shared_browser: Browser, fault: str) -> None:
    name, html = FAULTS[fault]
    page = await shared_browser.new_page()
    values = [44] if name == "small" else []
    await page.set_content(f"<main>{SOUND}</main>")
    async with reader(page, 360, 740):
        assert await measure(page, name, *values) == []
    await page.set_content(f"<main>{SOUND}{html}</main>")
    async with reader(page, 360, 740):
        assert len(await measure(page, name, *values)) > 0
    await page.close()


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        (SOUND, []),
        ('<button style="outline: 0">Avanti</button>', ["no ring"]),
        (
            f'{SOUND}<div style="position: fixed; inset: 0">sopra</div>',
            ["hidden by div,div,div"],
        ),
    ],
)
async def test_a_focus_that_is_not_seen_is_told(
    shared_browser: Browser, html: str, fault: list[str]
) -> None:
    page = await shared_browser.new_page()
    await page.set_content(f"<style>:focus {{ outline: 3px solid }}</style>{html}")
    assert await measure(page, "stops") == 1
    await page.keyboard.press("Tab")
    assert [stop["faults"] for stop in await measure(page, "visited")] == [fault]
    await page.close()
