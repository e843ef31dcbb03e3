"""The code as the tests of consistency read it."""

import ast
from functools import cache
from pathlib import Path


@cache
def nodes_of(file: Path) -> tuple[ast.AST, ...]:
    """Return all nodes of a Python file, outer ones first; parsed once for all tests."""
    return tuple(ast.walk(ast.parse(file.read_text("utf-8"))))
