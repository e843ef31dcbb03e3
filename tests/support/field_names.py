"""The names of the web service's form fields and query parameters, found in its code."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import intercup.web

READERS = ("read_fields", "read_form")
FOLDER = Path(intercup.web.__file__).parent


@cache
def fields_read_in(module: ModuleType) -> tuple[str, ...]:
    """Return the names of all form fields that a module reads with `read_fields` or `read_form`."""
    return tuple(dict.fromkeys(_fields(module)))


@cache
def query_names() -> tuple[str, ...]:
    """Return the names of all query parameters that any citizen's page reads."""
    found = set()
    for file in FOLDER.glob("*.py"):
        module = importlib.import_module(f"intercup.web.{file.stem}")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            found.update(_query_names(node, vars(module)))
    return tuple(sorted(found))


def modules_with_forms() -> list[ModuleType]:
    """Return the modules of the web service that read forms."""
    names = [file.relative_to(FOLDER).with_suffix("").parts for file in FOLDER.rglob("*.py")]
    modules = [importlib.import_module(".".join(("intercup.web", *name))) for name in names]
    return [module for module in modules if fields_read_in(module)]


def _fields(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS:
            names = ast.unparse(node.args[1])
            # A parameter's names are those that its callers give; `boxes` are the structures'.
            yield from eval(names, {"names": (), "boxes": ()} | vars(module))  # noqa: S307


def _query_names(node: ast.AST, names: dict[str, object]) -> Iterator[str]:
    """Find `request.query.get("name", …)` and `"name" in request.query`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "request.query.get":
        yield eval(ast.unparse(node.args[0]), names)  # noqa: S307
    elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) == "request.query":
        yield eval(ast.unparse(node.left), names)  # noqa: S307
