"""Tests take the time when they run: a run that crosses midnight imports them the day before."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.code import nodes_of
from tests.support.paths import ROOT

CLOCKS = {"now", "time", "today"}


def _moments(file: Path) -> Iterator[str]:
    """Yield the lines of a module's constants that ask a clock."""
    module = nodes_of(file)[0]
    assert isinstance(module, ast.Module)
    for constant in (each for each in module.body if isinstance(each, ast.Assign | ast.AnnAssign)):
        for node in ast.walk(constant):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                yield f"{file.relative_to(ROOT)}:{called.lineno}"


def test_no_test_keeps_the_moment_of_its_import() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    found = [line for file in files if ".venv" not in file.parts for line in _moments(file)]
    assert found == []
