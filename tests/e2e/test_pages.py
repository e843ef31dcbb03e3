"""Every page in every state: the rules of accessibility, and what machines can measure of them."""

import asyncio
import os
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from babel.dates import get_month_names
from playwright.async_api import Page

from tests.support.browser.accessibility import assert_accessible
from tests.support.browser.page_reader import READERS, WIDE, measure, reader
from tests.support.browser.page_states import Visit

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    # python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning:onelogin"),
]

TARGET = 44  # px
DARK = 80  # of 255
KEY = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
TAB = [("Input.dispatchKeyEvent", KEY | {"type": kind}) for kind in ("rawKeyDown", "keyUp")]
TREES = Path(__file__).parent / "trees"
CHANGING = (
    (r"IC(-[0-9A-Z]{4}){3}", "IC-NUMERO"),
    (r"\d\d/\d\d/\d{4}(, (ore )?\d\d:\d\d)?", "DATA"),
    (r"Chrome \d+", "Chrome N"),
    (r"onsegna \d+", "onsegna ID"),
    (r" \(\d+\)\"", ' (QUANTE)"'),
    (r"\b[0-9a-f]{4}-[0-9a-f]{4}\b", "TRACE"),
    (rf"\b20\d\d-\d\d\b|\b({'|'.join(get_month_names(locale='it').values())}) 20\d\d\b", "MESE"),
    (r"http(:|%3A)(//|%2F%2F)127\.0\.0\.1(:|%3A)\d+", "http://SERVIZIO"),
)


async def test_the_page_keeps_to_its_content_policy_and_its_own_server(shown: Visit) -> None:
    # This comes first: the measures that follow do in the page what pages may not.
    assert (shown.watch.own_problems, shown.watch.foreign) == ([], [])


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_rule_of_accessibility_is_broken(
    shown: Visit, scheme: Literal["light", "dark"], width: int
) -> None:
    await shown.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await shown.page.set_viewport_size({"width": width, "height": 800})
    await assert_accessible(shown.page, f"{shown.name} at {width} px, {scheme}", scheme)
    await shown.page.emulate_media(color_scheme="light", reduced_motion="no-preference")


async def test_a_dark_screen_gets_a_dark_page(shown: Visit) -> None:
    await shown.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    paper = await shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    await shown.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < DARK, paper


@pytest.mark.parametrize("how", READERS)
async def test_nothing_is_cut_off(shown: Visit, how: str) -> None:
    async with reader(shown.page, *READERS[how]):
        assert await measure(shown.page, "cut") == []


@pytest.mark.parametrize("width", [1280, 360])
async def test_what_can_be_pressed_is_large_enough(shown: Visit, width: int) -> None:
    async with reader(shown.page, width, 800):
        assert await measure(shown.page, "small", TARGET) == []


async def test_forced_colours_leave_buttons_and_fields_their_borders(shown: Visit) -> None:
    await shown.page.emulate_media(forced_colors="active")
    assert await measure(shown.page, "borderless") == []
    await shown.page.emulate_media(forced_colors="none")


async def test_nothing_moves_for_whoever_asks_for_less_motion(shown: Visit) -> None:
    await shown.page.emulate_media(reduced_motion="reduce")
    assert await measure(shown.page, "moving") == []
    await shown.page.emulate_media(reduced_motion="no-preference")


@pytest.mark.parametrize("size", [WIDE, (360, 740)], ids=["wide", "phone"])
async def test_the_tab_key_reaches_everything_in_order_and_the_focus_is_seen(
    shown: Visit, size: tuple[int, int]
) -> None:
    await shown.page.emulate_media(reduced_motion="reduce")  # no smooth scrolling to wait for
    async with reader(shown.page, *size):
        count = await measure(shown.page, "stops")
        stops = await _tab_around(shown.page, count)
    await shown.page.evaluate("document.activeElement.blur()")
    await shown.page.emulate_media(reduced_motion="no-preference")
    assert [stop for stop in stops if stop["faults"]] == []
    places = [stop["place"] for stop in stops]
    start = places.index(0)
    assert places[start:] + places[:start] == list(range(count))


async def _tab_around(page: Page, count: int) -> list[dict[str, Any]]:
    """Press Tab until the focus comes again where it has been, wherever it starts."""
    keyboard = await page.context.new_cdp_session(page)
    for presses in (count + 1, *[5] * 8):  # the assistant has some stops of its own
        # In their order, but without a wait for each one's picture.
        await asyncio.gather(*(keyboard.send(*event) for event in TAB * presses))
        stops: list[dict[str, Any]] = await measure(page, "visited")
        places = [stop["place"] for stop in stops]
        if places and places[0] in places[1:]:
            return stops[: places.index(places[0], 1)]
    raise AssertionError(f"the focus doesn't come around: {stops[-5:]}")


async def test_assistive_technology_reads_what_was_agreed(shown: Visit) -> None:
    """The accessibility tree of the main part; UPDATE_TREES=1 writes what is there now."""
    modal, main = shown.page.locator("dialog[open]"), shown.page.get_by_role("main")
    # The assistant has trees of its own.
    async with reader(shown.page, *WIDE, ".assistant { display: none !important }"):
        tree = await (modal if await modal.count() else main).aria_snapshot()
    for pattern, name in CHANGING:
        tree = re.sub(pattern, name, tree)
    file = TREES / f"{shown.name}.yml"
    if os.environ.get("UPDATE_TREES"):
        file.write_text(tree + "\n", "utf-8")
    assert tree + "\n" == file.read_text("utf-8")
