"""House style of docstrings: noun or verb first (CONTRIBUTING.md)."""

import ast
import re

from tests.support.code import nodes_of
from tests.support.paths import ROOT

FOLDERS = ("intercup", "bot/actions", "bot/engine", "bot/evaluation", "tests", "bench")
CLAUSE_FIRST = re.compile(
    r"(What|Whoever|Whatever|Whether|Where|When|Which|Who|Whose|Whom|How|Tell (whether|if))\b"
)
OTHERS = {".venv", "node_modules"}  # installed packages
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def test_no_docstring_begins_with_a_clause() -> None:
    offenders = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not OTHERS.isdisjoint(path.parts):
                continue
            for node in nodes_of(path):
                docstring = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
                if docstring and CLAUSE_FIRST.match(docstring):
                    offenders.append(f"{path.relative_to(ROOT)}: {docstring.splitlines()[0]}")
    assert not offenders, "\n".join(offenders)
