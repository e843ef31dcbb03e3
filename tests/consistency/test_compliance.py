"""docs/compliance.md: what it names exists, and the chat says at once that it is a program."""

import re

from intercup.texts import TEXTS
from intercup.web import pages
from tests.support.paths import ROOT

TEXT = (ROOT / "docs/compliance.md").read_text("utf-8")
CHAPTERS = 17  # of OWASP ASVS 5
STATES = ("programma", "ente", "manca")


def test_what_it_names_exists() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"def (test_\w+)\(", sources))
    named = re.findall(r"`([^`]+)`", TEXT)
    tests = {name for name in named if name.startswith("test_")}
    assert len(tests) > 30
    assert sorted(tests - known) == []
    files = {name for name in named if re.search(r"\.(py|yaml|yml|md|toml)$", name)}
    assert sorted(name for name in files if not (ROOT / name).exists()) == []
    routes = (ROOT / "intercup/web/pages.py").read_text("utf-8")
    paths = {name for name in named if name.startswith("/")}
    assert sorted(path for path in paths if f'"{path}"' not in routes) == []
    assert {"/privacy", "/accessibilita"} <= paths & set(pages.PUBLIC_PAGES)


def test_every_duty_has_a_state_and_every_chapter_a_row() -> None:
    duties = re.findall(
        r"^\|(?: [^|]+ \|){3} ([^|]+) \|$", TEXT.split("## Che cosa")[0], re.MULTILINE
    )
    assert len(duties) > 20
    assert [state for state in duties[1:] if not state.startswith(STATES)] == []
    chapters = re.findall(r"^\| V(\d+) ", TEXT, re.MULTILINE)
    assert chapters == [str(number) for number in range(1, CHAPTERS + 1)]


def test_the_first_sentence_says_that_a_program_answers() -> None:
    """Source: Regulation (EU) 2024/1689, article 50."""
    for page, text in TEXTS.section("welcome").items():
        first = text.partition(":")[0] + text.partition(":")[2].partition(".")[0]
        assert "assistente automatico" in first, page
        assert "un programma, non una persona" in first, page
