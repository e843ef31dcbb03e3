"""MkDocs' hooks: the project's other documents are pages too, and links to code are plain text."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
# Documents outside docs/, by their names in the site.
OTHERS = {
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "SECURITY.md": "SECURITY.md",
    "bot.md": "bot/README.md",
}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_DECISIONS = "adr/*"


def on_config(config: Any) -> Any:
    """Put the decisions into the menu, by their numbers."""
    decisions = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.glob(_DECISIONS))
    _replace(config["nav"], decisions)
    return config


def _replace(menu: list[Any], decisions: list[str]) -> None:
    for entry in menu:
        for title, part in entry.items() if isinstance(entry, dict) else ():
            if part == _DECISIONS:
                entry[title] = decisions
            elif isinstance(part, list):
                _replace(part, decisions)


def on_files(files: Files, config: Any) -> Files:
    """Add the documents outside docs/."""
    for name, source in OTHERS.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Make links between the project's folders links of the site."""
    name = page.file.src_uri
    folder = (ROOT / OTHERS[name] if name in OTHERS else DOCS / name).parent
    depth = "../" * name.count("/")

    def link(found: re.Match[str]) -> str:
        text, target, anchor = found[1], found[2], found[3] or ""
        if re.match(r"[a-z]+:", target):
            return found[0]
        file = (folder / target).resolve()
        if file.is_relative_to(DOCS) and file.is_file():
            there = f"{depth}{file.relative_to(DOCS).as_posix()}"
        else:
            pages = {(ROOT / source).resolve(): page for page, source in OTHERS.items()}
            if file not in pages:
                return text if file.exists() else found[0]
            there = f"{depth}{pages[file]}"
        return f"[{text}]({there}{anchor})"

    return _LINK.sub(link, markdown)
