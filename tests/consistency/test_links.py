"""Links of the documents lead to files and headings that exist."""

import re
import subprocess
import unicodedata
from pathlib import Path

from tests.support.paths import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


def anchors_of(text: str) -> set[str]:
    """Return the ids that a forge gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).lower() for heading in headings)
    return {
        "".join(
            "-" if mark == " " else mark
            for mark in heading
            if mark in " -_" or unicodedata.category(mark)[0] in "LN"
        )
        for heading in plain
    }


def test_every_link_of_a_document_leads_somewhere() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    lost, seen = [], 0
    for name in listed:
        document = ROOT / name
        for markdown, image in LINK.findall(document.read_text("utf-8")):
            target, _, anchor = (markdown or image).partition("#")
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            seen += 1
            file: Path = (document.parent / target).resolve() if target else document
            found = file.exists()
            if found and anchor and file.suffix == ".md":
                found = anchor in anchors_of(file.read_text("utf-8"))
            if not found:
                lost.append(f"{name}: {markdown or image}")
    assert seen > 50
    assert lost == []


def test_the_english_readme_is_as_complete_as_the_italian_one() -> None:
    shapes = []
    for name in ("README.md", "README.en.md"):
        text = (ROOT / name).read_text("utf-8")
        links = {link or image for link, image in LINK.findall(text)} - {
            "README.md",
            "README.en.md",
        }
        commands = set(re.findall(r"`(make[ \n][a-z-]+)`", text))
        shapes.append(
            (text.count("\n## "), text.count("\n- "), links, {c.split()[1] for c in commands})
        )
    assert shapes[0] == shapes[1]
