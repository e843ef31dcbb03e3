"""A whole request in the browsers of .browserslistrc: the oldest Chromium, WebKit, Firefox."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.browsers.windows import Window, chromium_70, firefox, webkit
from tests.support.paths import ROOT
from tests.support.running_service import RunningService

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

PATIENCE = 60.0  # seconds for a page or an answer
BROWSERS: dict[str, tuple[Callable[[Path], AbstractAsyncContextManager[Window]], str]] = {
    "chromium-70": (chromium_70, str(ROOT / "tests/browsers/node_modules/chromium-70")),
    "firefox": (firefox, "firefox-esr"),
    "webkit": (webkit, "WebKitWebDriver"),
}
# In the words of 2018, as the browser to read them.
TOOLS = r"""
const all = (root, css) => Array.from(root.querySelectorAll('*')).reduce(
  (found, each) => each.shadowRoot ? found.concat(all(each.shadowRoot, css)) : found,
  Array.from(root.querySelectorAll(css)));
const nameOf = (each) => (each.getAttribute('aria-label') || each.textContent)
  .replace(/\s+/g, ' ').trim();
const named = (css, name) => all(document, css)
  .filter((each) => !each.disabled && nameOf(each).includes(name)).pop();
const said = () => all(document, "[role=log]").map((log) => log.textContent).join("");
"""


@pytest.fixture(params=BROWSERS)
async def window(request: pytest.FixtureRequest) -> AsyncIterator[Window]:
    start, name = BROWSERS[request.param]
    program = shutil.which(name)
    assert program, f"{name} is missing: `make browsers` fetches it"
    async with start(Path(program)) as window:
        yield window


async def see(window: Window, expression: str) -> str:
    """Wait until an expression has a value, over page changes too; return it."""
    script = f"(async () => {{ {TOOLS} return JSON.stringify(({expression}) || ''); }})()"
    last = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                last = await window.text(script)
                if last.startswith(('"', "true")) and last != '""':
                    return str(json.loads(last))
                await asyncio.sleep(0.2)
    except TimeoutError:
        page = await window.text("(async () => location.href + document.body.innerText)()")
        raise AssertionError(f"{expression}: {last}\n{page}") from None


async def press(window: Window, css: str, name: str) -> None:
    found = f"named({json.dumps(css)}, {json.dumps(name)})"
    await see(window, f"{found} && ({found}.click(), true)")


async def log_in(window: Window, url: str) -> None:
    await window.go(f"{url}/accedi?ritorno=/portale")
    await press(window, "a", "dimostrativo")
    await press(window, "button", "Agata Lo Presti")
    await press(window, "button", "Autorizza")
    await see(window, "location.pathname === '/portale' && document.readyState === 'complete'")


async def test_a_request_goes_from_login_through_the_chat_to_its_number(
    service: RunningService, window: Window
) -> None:
    await log_in(window, service.url)
    await press(window, ".launcher", "Assistenza")
    await see(window, "said().includes('assistente automatico')")
    colour = await see(window, "getComputedStyle(named('.launcher', '')).backgroundColor")
    assert colour == "rgb(0, 102, 204)", "the style is refused"
    text = json.dumps("non riesco a prenotare al papardo, la pagina da errore")
    await see(
        window,
        f"""(() => {{
          const field = all(document, '#message')[0];
          field.value = {text};
          field.dispatchEvent(new Event('input', {{ bubbles: true }}));
          const enter = {{ key: 'Enter', bubbles: true, cancelable: true }};
          return field.dispatchEvent(new KeyboardEvent('keydown', enter)) || true;
        }})()""",
    )
    await see(window, "said().includes('A.O. Papardo di Messina')")
    await press(window, "button", "Sì, confermo")
    await see(window, 'said().includes("un\'ultima conferma")')
    await press(window, "button", "Sì, confermo")
    await see(window, "named('h3', 'Controlla e invia') && true")
    await press(window, "button.primary", "Invia")
    card = "(all(document, 'intercup-receipt')[0] || {}).shadowRoot"
    await see(window, f"{card} && {card}.textContent.includes('registrata con il numero')")
    assert await see(window, "all(document, '.notice.error').length === 0")
