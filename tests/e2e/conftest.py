"""A real Chromium for the browser tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, StorageState, expect

from intercup.domain.directory import Directory
from intercup.domain.italian_time import ROME
from tests.support.browser.chat_panel import a_context, forget, logged_in_state
from tests.support.browser.chromium import chromium
from tests.support.browser.page_place import Place, running_place
from tests.support.browser.page_states import STATES, Visit
from tests.support.browser.page_watch import Watch
from tests.support.browser.photographs import photograph_state
from tests.support.running_service import RunningService

expect.set_options(timeout=15_000)  # milliseconds, for a busy machine


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser of the test's own."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncIterator[Browser]:
    """The browser of all tests that run in the session's event loop."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def agata(service: RunningService, shared_browser: Browser) -> StorageState:
    """A login for all tests of a file, each of which starts a conversation of its own."""
    return await logged_in_state(shared_browser, service.url)


@pytest_asyncio.fixture(loop_scope="session")
async def portal(
    service: RunningService, shared_browser: Browser, agata: StorageState
) -> AsyncIterator[Page]:
    """The portal in a browser of Agata's, with a conversation that begins."""
    async with a_context(shared_browser, agata) as context:
        await forget(context, service.url)
        page = await context.new_page()
        await page.goto(f"{service.url}/portale")
        yield page


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(directory: Directory, memory_disk: Path) -> AsyncIterator[Place]:
    """The web application without Rasa and worker, for the tests of the pages."""
    folder = memory_disk / "pages"
    folder.mkdir()
    async with running_place(directory, folder) as place:
        yield place


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=STATES)
async def shown(
    request: pytest.FixtureRequest, place: Place, shared_browser: Browser
) -> AsyncIterator[Visit]:
    """Each page in each of its states, reached once for all tests that ask for it."""
    context = await shared_browser.new_context(locale="it-IT", timezone_id=ROME.key)
    context.set_default_timeout(10_000)
    watch = await Watch.over(context, place.url, place.idp_url)
    visit = Visit(await context.new_page(), place, request.param, watch)
    await STATES[request.param].reach(visit)
    await photograph_state(visit.page, visit.name)
    yield visit
    await context.close()
