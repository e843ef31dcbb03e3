"""The chat's accessibility tree, compared with the recorded one."""

import asyncio
import difflib
import os
import re

from playwright.async_api import Locator

from tests.support.paths import ROOT

FOLDER = ROOT / "tests/e2e/trees/chat"
CHANGING = (
    *((r"\d\d:\d\d", "HOUR"), (r"\d\d/\d\d/\d{4}", "DAY"), (r"Chrome \d+", "Chrome N")),
    *((r"IC(-[0-9A-Z]{4}){3}", "NUMBER"), (r"a{99,}", "LONG")),
    (r"http://127\.0\.0\.1:\d+", "http://SERVICE"),
    # Read when the page asks for its files, while a test changes the size.
    (r"Schermo: [a-z, ]+ (?=Ora)", "Schermo: SIZE "),
)
TRIES = 30


async def assert_tree(part: Locator, name: str) -> None:
    """Compare with `trees/chat/NAME.yml`; UPDATE_TREES=1 overwrites it with the current tree."""
    file = FOLDER / f"{name}.yml"
    if os.environ.get("UPDATE_TREES"):
        file.write_text(await _tree(part), "utf-8")
    agreed = file.read_text("utf-8")
    for _ in range(TRIES):
        if (tree := await _tree(part)) == agreed:
            return
        await asyncio.sleep(0.1)  # Rendering may not be finished.
    lines = difflib.unified_diff(agreed.splitlines(), tree.splitlines(), "recorded", "now", n=1)
    assert tree == agreed, "\n".join(lines)


async def _tree(part: Locator) -> str:
    tree = await part.aria_snapshot()
    for pattern, name in CHANGING:
        tree = re.sub(pattern, name, tree)
    return tree + "\n"
