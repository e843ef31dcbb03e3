"""Sentences and icons: what is used exists, and what exists is used."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.support.code import nodes_of
from tests.support.paths import ROOT

CODE = [*(ROOT / "intercup").rglob("*.py"), *(ROOT / "bot/actions").glob("*.py")]
TEXTS = yaml.load((ROOT / "intercup/texts.yaml").read_text("utf-8"), yaml.CSafeLoader)
KEYS = [f"{section}.{name}" for section, texts in TEXTS.items() for name in texts]
WIDGET = ROOT / "web-widget/src"
TEMPLATES = [
    *(ROOT / "intercup/web/templates").glob("*.html"),
    *(ROOT / "intercup/identity/templates").glob("*.html"),
]


@cache
def words() -> frozenset[str]:
    """Every text and number that stands in the code."""
    return frozenset(
        str(node.value)
        for path in CODE
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int)
    )


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Every f-string that could give a key, with a group for each part known only when it runs."""
    found = []
    for path in CODE:
        for node in nodes_of(path):
            if not isinstance(node, ast.JoinedStr):
                continue
            fixed = [part.value if isinstance(part, ast.Constant) else "" for part in node.values]
            if re.search(r"[._]", "".join(fixed)):
                parts = (re.escape(text) if text else "([a-z0-9_]+?)" for text in fixed)
                found.append(re.compile("".join(parts)))
    return tuple(found)


def can_be_made(text: str, depth: int = 2) -> bool:
    """Return True if the code holds the text, or an f-string that yields it."""
    if text in words():
        return True
    found = (pattern.fullmatch(text) for pattern in patterns()) if depth else iter(())
    return any(
        match and all(can_be_made(part, depth - 1) for part in match.groups()) for match in found
    )


def whole_sections() -> set[str]:
    """The sections that code reads whole."""
    read = re.compile(r'(?:TEXTS\.|spoken_)section\("(\w+)"\)')
    return {name for path in CODE for name in read.findall(path.read_text("utf-8"))}


def test_every_sentence_of_the_service_is_used() -> None:
    whole = whole_sections()
    rest = [key for key in KEYS if key.partition(".")[0] not in whole]
    assert [key for key in rest if not can_be_made(key)] == []


@pytest.mark.parametrize("key", ["chat.nonsense", "error.nonsense", "nonsense.expired"])
def test_a_sentence_that_nobody_uses_would_be_found(key: str) -> None:
    assert not can_be_made(key)


def test_every_sentence_of_the_widget_is_used() -> None:
    texts = json.loads((WIDGET / "texts.json").read_text("utf-8"))
    defined = [name for place in ("chat", "files", "facts") for name in texts[place]]
    sources = "\n".join(path.read_text("utf-8") for path in WIDGET.rglob("*.ts"))
    assert len(defined) > 50
    assert sorted(set(defined) - set(re.findall(r"\btexts\.(\w+)", sources))) == []


def icons_of(path: Path) -> Iterator[str]:
    """The icons that a template names, one by one or in a table."""
    text = path.read_text("utf-8")
    yield from re.findall(r"\bicon\('([a-z-]+)'\)", text)
    for table in re.findall(r"set state_icons = \{([^}]*)\}", text):
        yield from re.findall(r": '([a-z-]+)'", table)


def test_the_sprite_holds_the_icons_of_the_pages_and_no_other() -> None:
    config = (ROOT / "web-widget/vite.pages.config.ts").read_text("utf-8")
    listed = re.findall(r'"([a-z-]+)"', config.partition("const ICONS = [")[2].partition("]")[0])
    used = {icon for path in TEMPLATES for icon in icons_of(path)}
    assert sorted(used) == sorted(listed)
