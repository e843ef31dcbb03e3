"""Pictures of every page and step: `.venv/bin/python -m tests.support.browser.photographs`.

The browser tests visit all of them; they take pictures only for this tool, which lays them out on
a contact sheet of each state.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable

from playwright.async_api import Page, ViewportSize

from tests.support.browser.chat_panel import SIZES
from tests.support.browser.contact_sheets import make_sheets
from tests.support.paths import ROOT

FOLDER = ROOT / "test-results" / "photographs"
WANTED = "PHOTOGRAPHS_WANTED"  # not INTERCUP_…, which the service reads as settings
SCHEMES = ("dark", "light")
_numbers = itertools.count(1)


async def photograph(
    page: Page, name: str, sizes: Iterable[ViewportSize] = (), *, whole: bool = False
) -> None:
    """Photograph the screen, or the whole page, at its current size or at each given size."""
    if WANTED not in os.environ:
        return
    folder = FOLDER / _current_test()
    scheme = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for size in sizes or [page.viewport_size]:
        assert size
        await page.set_viewport_size(size)
        width, colours = size["width"], SCHEMES[0 if scheme else 1]
        path = folder / f"{next(_numbers):05d} {name} {width} {colours}.png"
        await page.screenshot(path=path, full_page=whole, animations="disabled")


async def photograph_state(page: Page, name: str) -> None:
    """Photograph a state of a page at each width, in light and dark colours."""
    if WANTED not in os.environ:
        return
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await photograph(page, name, SIZES.values(), whole=True)


def _current_test() -> str:
    """Return a folder's name: the test's file and its name, without its case."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0].partition("[")[0]
    return re.sub(r"[^\w-]+", "-", test.removeprefix("tests/e2e/")).strip("-")


def main() -> int:
    """Run the browser tests with a camera, and lay out the pictures."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "pytest", "-q", *(sys.argv[1:] or ["tests/e2e"])]
    status = subprocess.run(command, cwd=ROOT, env=os.environ | {WANTED: "1"}, check=False)
    make_sheets(FOLDER)
    print(f"Fotografie e provini in {FOLDER}")  # noqa: T201
    return status.returncode


if __name__ == "__main__":
    sys.exit(main())
