"""docs/accessibility.md: all criteria of WCAG 2.2 A and AA, and only tests that exist."""

import re

from tests.support.paths import ROOT

TABLE = (ROOT / "docs/accessibility.md").read_text("utf-8")
A = """1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1
2.4.1 2.4.2 2.4.3 2.4.4 2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2"""
AA = """1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7
2.4.11 2.5.7 2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3"""


def test_every_criterion_has_its_row() -> None:
    rows = re.findall(r"^\| (\d\.\d\.\d+) [^|]+\| (A+) \|", TABLE, re.MULTILINE)
    levels = {number: level for level, text in (("A", A), ("AA", AA)) for number in text.split()}
    assert len(rows) == len(levels) == 55
    assert dict(rows) == levels


def test_every_test_it_names_exists() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert len(named) > 10
    assert named <= set(re.findall(r"def (test_\w+)\(", sources))
