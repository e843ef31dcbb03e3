"""A real Chromium for the browser tests."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.running_service import PROJECT

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium from the system's packages, or else Playwright's own."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found, args=[*ARGUMENTS, *sandbox]
        )
        yield browser
        await browser.close()


@pytest.fixture
def screenshots(request: pytest.FixtureRequest) -> Path:
    """The folder of this test's pictures."""
    folder = (
        PROJECT / "test-results" / "screenshots" / request.node.name.replace("[", "-").strip("]")
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder
