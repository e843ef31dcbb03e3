"""Pictures of every page and step: `.venv/bin/python -m tests.support.browser.photographs`.

The browser tests visit all of them; they take pictures only for this tool.
"""

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterable

from playwright.async_api import Page, ViewportSize

from tests.support.paths import ROOT

FOLDER = ROOT / "test-results" / "photographs"
WANTED = "PHOTOGRAPHS_WANTED"  # not INTERCUP_…, which the service reads as settings
WIDTHS = (1280, 768, 360)
_numbers = itertools.count(1)


async def photograph(
    page: Page, name: str, sizes: Iterable[ViewportSize] = (), *, whole: bool = False
) -> None:
    """Photograph the screen, or the whole page, at its current size or at each given size."""
    if WANTED not in os.environ:
        return
    folder = FOLDER / _current_test()
    for size in sizes or [page.viewport_size]:
        if size:
            await page.set_viewport_size(size)
        width = f"-{size['width']}" if size else ""
        path = folder / f"{next(_numbers):04d}-{name}{width}.png"
        await page.screenshot(path=path, full_page=whole, animations="disabled")


async def photograph_state(page: Page, name: str) -> None:
    """Photograph a state of a page at each width."""
    sizes = [ViewportSize(width=width, height=800) for width in WIDTHS]
    await photograph(page, name, sizes, whole=True)


def _current_test() -> str:
    """Return a folder's name: the test's file, its name and its case."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    return re.sub(r"[^\w-]+", "-", test.removeprefix("tests/e2e/")).strip("-")


def main() -> int:
    """Run the browser tests with a camera."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/e2e", *sys.argv[1:]]
    status = subprocess.run(command, cwd=ROOT, env=os.environ | {WANTED: "1"}, check=False)
    print(f"Fotografie in {FOLDER}")  # noqa: T201
    return status.returncode


if __name__ == "__main__":
    sys.exit(main())
