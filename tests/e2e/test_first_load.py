"""The work of a page while it opens: a phone's time is for what the citizen sees."""

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser.chat_panel import a_context
from tests.support.browser.page_place import Place
from tests.support.browser.page_states import AGATA, Visit
from tests.support.browser.page_watch import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")
# A browser's first use of Intl loads its tables: 10 ms of a computer's time, 40 of a phone's.
COUNT_INTL = """
  window.uses = [];
  const note = (owner, name) => {
    const original = owner[name];
    owner[name] = new Proxy(original, {
      apply: (...all) => (uses.push(name), Reflect.apply(...all)),
      construct: (...all) => (uses.push(name), Reflect.construct(...all)),
    });
  };
  for (const name of ['DateTimeFormat', 'NumberFormat', 'PluralRules']) note(Intl, name);
  for (const kind of [Date, Number])
    for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'])
      if (name in kind.prototype) note(kind.prototype, name);
"""


async def test_the_request_opens_without_intl_and_counts_in_the_pages_language(
    place: Place, shared_browser: Browser
) -> None:
    async with a_context(shared_browser, None, "360") as context:
        await context.add_init_script(COUNT_INTL)
        page = await context.new_page()
        visit = Visit(page, place, "first-load", await Watch.over(context, place.url))
        await visit.log_in(AGATA)
        await visit.go("/assistenza")
        await visit.settle()
        counter = page.locator("#description-counter [data-visible]")
        await expect(counter).to_have_text("Caratteri: 0 su 2.000")
        await expect(page.locator("#page-facts-list")).to_contain_text("Ora: ")
        assert await page.evaluate("window.uses") == []
        await page.locator("#description").fill("a" * 1234)
        await expect(counter).to_have_text("Caratteri: 1.234 su 2.000")
        await page.locator("#description").fill("a" * 3001)
        await expect(counter).to_have_text("Caratteri di troppo: 1.001")
