"""The watch over the pages: what breaks the content policy is told."""

import pytest
from playwright.async_api import Browser

from tests.support.browser.page_place import Place
from tests.support.browser.page_watch import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")

FAULTS = {
    "inline script": (
        "document.body.append(document.createRange()"
        ".createContextualFragment('<p onclick=\"1\">'))",
        "TrustedHTML",
    ),
    "inline handler": (
        "document.body.append(document.createElement('p')), document.body.lastChild"
        ".setAttribute('style', 'color: red')",
        "policy: style-src-attr",
    ),
    "evaluated text": (
        "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))",
        "TrustedScript",
    ),
    "another site": ("fetch('https://example.org/').catch(() => 0)", "policy: connect-src"),
    "picture of another site": (
        "new Promise((end) => Object.assign(new Image(), {src: 'https://example.org/a.png',"
        " onerror: end}))",
        "policy: img-src",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_told(place: Place, shared_browser: Browser, fault: str) -> None:
    statement, told = FAULTS[fault]
    context = await shared_browser.new_context()
    watch = await Watch.over(context, place.url)
    page = await context.new_page()
    await page.goto(f"{place.url}/regolamento")
    assert (watch.problems, watch.foreign) == ([], [])
    await page.evaluate(f"async () => {{ try {{ await ({statement}) }} catch {{}} }}")
    await page.wait_for_timeout(100)
    assert any(told in problem for problem in watch.problems), watch.problems
    await context.close()


async def test_a_request_to_another_place_is_told(place: Place, shared_browser: Browser) -> None:
    context = await shared_browser.new_context()
    watch = await Watch.over(context, place.url)
    page = await context.new_page()
    await page.goto(f"{place.idp_url}/demo.css")
    assert watch.foreign == [f"{place.idp_url}/demo.css"]
    await context.close()
