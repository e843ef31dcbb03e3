"""docs/reference.md has every setting, command and route, each with its explanation."""

import re

from intercup.settings import Settings
from tests.support.reference import FILE, reference


def test_the_reference_is_that_of_the_program() -> None:
    """After a change: `.venv/bin/python -m tests.support.reference`."""
    assert FILE.read_text("utf-8") == reference()


def test_nothing_in_it_is_without_an_explanation() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", FILE.read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} >= set(Settings.model_fields)
    silent = [
        name for name, said in rows if not said.split("|")[-1 if "." in name else 0].strip(" |")
    ]
    assert silent == []
