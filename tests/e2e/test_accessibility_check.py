"""The accessibility check itself: what is broken is found, also inside a shadow root."""

import pytest
from playwright.async_api import Browser

from tests.support.browser.accessibility import COLOURS, assert_accessible, broken_rules

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = """<!doctype html><html lang="it"><head><title>Prova</title></head>
<body><main><h1>Prova</h1>{}</main></body></html>"""
ADD_SHADOW = """html => {
  const host = document.querySelector('main').appendChild(document.createElement('div'));
  host.attachShadow({ mode: 'open' }).innerHTML = html;
}"""
FAULTS = {
    "label": '<input type="text">',
    "color-contrast": '<p style="color: #999; background: #fff">grigio</p>',
    "target-size": '<button style="all: unset; font-size: 8px">a</button>' * 2,
    "heading-order": "<h4>Titolo</h4>",
}


@pytest.mark.parametrize("rule", FAULTS)
async def test_a_fault_is_found_in_the_page_and_in_a_shadow_root(
    shared_browser: Browser, rule: str
) -> None:
    page = await shared_browser.new_page()
    await page.set_content(PAGE.format(FAULTS[rule]))
    assert any(line.strip().startswith(f"{rule} (") for line in await broken_rules(page))
    await page.set_content(PAGE.format(""))
    await page.evaluate(ADD_SHADOW, FAULTS[rule])
    assert any(line.strip().startswith(f"{rule} (") for line in await broken_rules(page))
    await page.close()


async def test_a_failure_names_page_rule_and_place(shared_browser: Browser) -> None:
    page = await shared_browser.new_page()
    await page.set_content(PAGE.format('<img id="foto" src="data:,">'))
    with pytest.raises(AssertionError, match=r"prova: 1 .*\n.*image-alt \(critical\) at #foto: "):
        await assert_accessible(page, "prova")
    await page.close()


async def test_a_page_without_faults_passes(shared_browser: Browser) -> None:
    page = await shared_browser.new_page()
    await page.set_content(PAGE.format("<p>Testo</p>"))
    await assert_accessible(page, "prova")
    await page.close()


async def test_the_rules_of_colours_are_checked_alone(shared_browser: Browser) -> None:
    page = await shared_browser.new_page()
    await page.set_content(PAGE.format("".join(FAULTS.values())))
    found = await broken_rules(page, *COLOURS)
    assert [line.split()[0] for line in found] == ["color-contrast"]
    link = '<p style="color: #000">Testo <a href="#" style="color: #333; text-decoration: none">'
    await page.set_content(PAGE.format(f"{link}collegamento</a> in una frase.</p>"))
    found = await broken_rules(page, *COLOURS)
    assert [line.split()[0] for line in found] == ["link-in-text-block"]
    await page.close()
