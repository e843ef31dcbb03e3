"""What assistive technology is given of a part of the page, compared with the recorded trees."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

FOLDER = Path(__file__).parent / "trees"
CHANGING = {r"\d\d:\d\d": r"\\d\\d:\\d\\d", r"IC(-[0-9A-Z]{4}){3}": "IC(-[0-9A-Z]{4}){3}"}


async def assert_tree(part: Locator, name: str) -> None:
    """Fail if the tree isn't the one in `trees/NAME.yml`; one that is missing is written there."""
    recorded = FOLDER / f"{name}.yml"
    if not recorded.exists():
        FOLDER.mkdir(exist_ok=True)
        recorded.write_text(_with_patterns(await part.aria_snapshot()) + "\n", "utf-8")
        pytest.fail(f"{recorded} is new: read it, as a blind person would hear it, and commit it")
    await expect(part).to_match_aria_snapshot(recorded.read_text("utf-8"))


def _with_patterns(tree: str) -> str:
    """Turn the lines with hours and numbers into patterns."""
    return "\n".join(_with_pattern(line) for line in tree.splitlines())


def _with_pattern(line: str) -> str:
    if not any(re.search(changing, line) for changing in CHANGING):
        return line
    head, text = re.fullmatch(r"(\s*- \S+:? )(.*)", line).groups()  # type: ignore[union-attr]
    pattern = re.escape(text.strip('"')).replace(r"\ ", " ").replace(r"\-", "-").replace("/", r"\/")
    for changing, by in CHANGING.items():
        pattern = re.sub(changing, by, pattern)
    return f"{head}/{pattern}/"
