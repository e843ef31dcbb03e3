"""Each environment declares what its programs import, and nothing else."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests.support.code import nodes_of
from tests.support.paths import ROOT

# Declared but never imported by us, each with its reason.
INDIRECT = {
    "tzdata": "zoneinfo, where the machine has no time zones",
    "xmlsec": "python3-saml, with the libxml2 of our lxml",
}
OURS = {"intercup", "actions", "tests", "bench", "engine", "evaluation", "action_server"}
ROOT_CODE = ("intercup", "bot/actions")
ROOT_TESTS = ("tests", "bench")
BOT_CODE = ("bot/engine",)
BOT_TESTS = ("bot/evaluation", "bot/tests")


def normal(name: str) -> str:
    """Write a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def imported(folders: tuple[str, ...]) -> set[str]:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    # The conformance tool's environment stands beside its test.
    names = {name for file in files if ".venv" not in file.parts for name in _imports(file)}
    return names - sys.stdlib_module_names - OURS


def _imports(file: Path) -> Iterator[str]:
    for node in nodes_of(file):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def declared(project: str, *groups: str) -> set[str]:
    """Return the names of the distributions that a pyproject.toml asks for."""
    file = tomllib.loads((ROOT / project / "pyproject.toml").read_text("utf-8"))
    wanted = list(file["project"]["dependencies"])
    for group in groups:
        wanted += file["dependency-groups"][group]
    return {normal(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in wanted}


@cache
def sources(environment: str) -> dict[str, set[str]]:
    """Return the distributions that give each importable name."""
    (packages,) = (ROOT / environment / "lib").glob("python3.*/site-packages")
    found: dict[str, set[str]] = {}
    for distribution in distributions(path=[str(packages)]):
        for name in _modules(distribution):
            found.setdefault(name, set()).add(normal(distribution.metadata["Name"]))
    return found


def _modules(distribution: Distribution) -> set[str]:
    # `Distribution.files` makes a path and a hash of each line, which takes ten times as long.
    lines = (distribution.read_text("RECORD") or "").splitlines()
    files = (line.partition(",")[0] for line in lines)
    return {re.split("[/.]", each)[0] for each in files if each.endswith((".py", ".so"))}


def undeclared(environment: str, names: set[str], wanted: set[str]) -> list[str]:
    known = sources(environment)
    return sorted(name for name in names if not known.get(name, {normal(name)}) & wanted)


@pytest.mark.parametrize(
    ("environment", "folders", "wanted"),
    [
        (".venv", ROOT_CODE, declared(".", "demo")),
        (".venv", ROOT_TESTS, declared(".", "demo", "dev")),
        (".venv-bot", BOT_CODE, declared("bot")),
        (".venv-bot", BOT_TESTS, declared("bot", "dev", "compare")),
    ],
    ids=["service", "tests", "bot", "bot's tests"],
)
def test_every_import_is_declared(
    environment: str, folders: tuple[str, ...], wanted: set[str]
) -> None:
    assert undeclared(environment, imported(folders), wanted) == []


@pytest.mark.parametrize(
    ("environment", "folders", "project"),
    [(".venv", ROOT_CODE, "."), (".venv-bot", BOT_CODE, "bot")],
    ids=["service", "bot"],
)
def test_every_declaration_is_used(
    environment: str, folders: tuple[str, ...], project: str
) -> None:
    known = sources(environment)
    used = {source for name in imported(folders) for source in known.get(name, {normal(name)})}
    assert declared(project) - used - INDIRECT.keys() == set()
