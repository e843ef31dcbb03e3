"""Every regular expression takes time in proportion to the text, whatever the text is."""

import ast
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from itertools import product
from pathlib import Path
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, TypeGuard

import pytest

from tests.support.paths import ROOT

PROVED = ROOT / "var/linear-patterns"  # a file for each pattern that passed, and stays the same
FOLDERS = ("intercup", "bot/actions", "bot/engine")
FUNCTIONS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
# Characters: by small steps until what grows like 2^n is seen, then to what grows like n².
LENGTHS = (20, 40, 80, 160, 320, 5_120)
UNNOTICED = 0.004  # seconds; below it nothing can be said about growth
GROWTH_MAX = 3.0  # linear is 2, quadratic 4
ENDINGS = ("", "!")
REPEATS = (parser.MAX_REPEAT, parser.MIN_REPEAT, parser.POSSESSIVE_REPEAT)
FEW = 20  # repetitions
pytestmark = pytest.mark.timeout(600)  # a file needs some seconds of a quiet processor


@dataclass(frozen=True)
class Used:
    """A pattern and the functions that it is used with."""

    pattern: re.Pattern[Any]
    functions: frozenset[str]


def patterns_of(file: Path) -> Iterator[tuple[str, Used]]:
    """Yield all patterns of a file, each with its place."""
    module = ast.parse(file.read_text("utf-8"))
    names = {id(node.value): node.targets[0] for node in module.body if is_assignment(node)}
    for node in ast.walk(module):
        function = function_of(node)
        if isinstance(node, ast.Call) and function in {*FUNCTIONS, "compile"}:
            functions = {function}
            if function == "compile":
                name = names.get(id(node))
                functions = uses_of(name.id, module) if isinstance(name, ast.Name) else FUNCTIONS
            used = Used(compiled(node, file), frozenset(functions or FUNCTIONS))
            yield f"{file.relative_to(ROOT)}:{node.lineno}", used


def is_assignment(node: ast.stmt) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign)


def function_of(node: ast.AST) -> str:
    """Return the name of the function of `re` that is called."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of = node.func.value
        return node.func.attr if isinstance(of, ast.Name) and of.id == "re" else ""
    return ""


def uses_of(name: str, module: ast.Module) -> set[str]:
    return {
        node.attr
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


def compiled(node: ast.Call, file: Path) -> re.Pattern[Any]:
    """Compile a pattern as its call says, with the constants of its module."""
    names = module_of(file).__dict__
    flags = node.args[1:] if function_of(node) == "compile" else []
    values = [eval(ast.unparse(argument), names) for argument in (node.args[0], *flags)]  # noqa: S307
    return re.compile(*values)


def module_of(file: Path) -> Any:
    path = file.relative_to(ROOT).with_suffix("")
    parts = path.parts[1:] if path.parts[0] == "bot" else path.parts
    return import_module(".".join(parts))


def parsed(pattern: re.Pattern[Any]) -> Any:
    assert isinstance(pattern.pattern, str), "patterns for bytes have no test yet"
    return parser.parse(pattern.pattern, pattern.flags)


def parts_of(value: Any) -> Iterator[Any]:
    """Yield the trees directly inside of a node of a parsed pattern."""
    for inner in value if isinstance(value, (tuple, list)) else (value,):
        for each in inner if isinstance(inner, list) else (inner,):
            if isinstance(each, parser.SubPattern):
                yield each


def repeats(tree: Any) -> bool:
    """Return True if something is repeated many times; else the time can't but be linear."""
    return any(
        (kind in REPEATS and value[1] > FEW) or any(map(repeats, parts_of(value)))
        for kind, value in tree
    )


def alternatives_of(tree: Any) -> list[Any]:
    """Return the trees of the alternatives that end a pattern: its time is the sum of theirs."""
    if not tree or tree[-1][0] is not parser.BRANCH:
        return [tree]
    _, alternatives = tree[-1][1]
    return [parser.SubPattern(tree.state, [*tree[:-1], *each]) for each in alternatives]


def pieces_of(tree: Any) -> list[str]:
    """Return texts that parts of a tree match: its words, and a character of each set.

    Where nothing follows an alternative, those without many repetitions add a constant only.
    """
    found: dict[str, None] = {}

    def walk(tree: Any, ends: bool) -> None:
        word = ""
        for place, (kind, value) in enumerate(tree, 1):
            if kind is parser.LITERAL:
                word += chr(value)
                found[chr(value)] = None
                continue
            found[word] = None
            word = ""
            last = ends and place == len(tree) and kind in (parser.BRANCH, parser.SUBPATTERN)
            for part in parts_of(value):
                if not (last and kind is parser.BRANCH) or repeats(part):
                    walk(part, last)
        found[word] = None

    walk(tree, True)
    return [*(piece for piece in found if piece), "a", "0", " ", "-", "."]


def units_of(tree: Any) -> list[str]:
    """Return what is repeated to make a text: each piece, and each pair of pieces."""
    pieces = list(dict.fromkeys(pieces_of(tree)))
    return list(dict.fromkeys([*pieces, *("".join(pair) for pair in product(pieces, repeat=2))]))


def seconds_for(used: Used, text: str) -> float:
    start = time.process_time()
    if not used.functions <= {"match", "fullmatch"}:
        for _found in used.pattern.finditer(text):
            pass
    used.pattern.match(text)
    used.pattern.fullmatch(text)
    return time.process_time() - start


def growth(used: Used, unit: str, ending: str) -> float:
    """Return the most that twice the text takes more time; stops where it is seen."""
    worst = 0.0
    for length in LENGTHS:
        halves = [unit * (size // len(unit)) + ending for size in (length // 2, length)]
        if (taken := seconds_for(used, halves[1])) <= UNNOTICED:
            continue
        before = seconds_for(used, halves[0])
        for _ in range(3):
            if taken <= GROWTH_MAX * max(before, UNNOTICED / 4):
                break  # else it is steep, or another process has disturbed one
            before, taken = (min(seconds_for(used, each) for _ in range(5)) for each in halves)
        worst = max(worst, taken / max(before, UNNOTICED / 4))
        if worst > GROWTH_MAX:
            break
    return worst


FILES = [
    file
    for folder in FOLDERS
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "import re\n" in file.read_text("utf-8")
]


def proof_of(used: Used) -> Path:
    """Return the file of a pattern's proof, which another Python or another test makes anew."""
    of_pattern = (used.pattern.pattern, used.pattern.flags, sorted(used.functions))
    proved = repr((of_pattern, sys.version, Path(__file__).read_text("utf-8")))
    return PROVED / sha256(proved.encode()).hexdigest()


def growths(used: Used) -> Iterator[tuple[float, str, str]]:
    """Yield the growth of each alternative that repeats, for each unit and ending."""
    for tree in filter(repeats, alternatives_of(parsed(used.pattern))):
        alone = Used(compiler.compile(tree), used.functions)
        for unit, ending in product(units_of(tree), ENDINGS):
            yield growth(alone, unit, ending), unit, ending


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_twice_the_text_takes_no_more_than_twice_the_time(file: Path) -> None:
    PROVED.mkdir(parents=True, exist_ok=True)
    for place, used in patterns_of(file):
        if not proof_of(used).exists():
            steep = ((place, *found) for found in growths(used) if found[0] > GROWTH_MAX)
            assert next(steep, None) is None
            proof_of(used).touch()


@pytest.mark.parametrize(
    "slow",
    [
        *(r"\S+@\S+\.\w+", r"\b(invi|mand)\w*\b.*\b(tu|lei)\b", r"\d+\s*x"),
        r"^no$|\b(invi|mand)\w*\b.*\b(tu|lei)\b|grazie",
    ],
)
def test_a_pattern_that_is_not_linear_is_noticed(slow: str) -> None:
    used = Used(re.compile(slow), frozenset(FUNCTIONS))
    assert any(found > GROWTH_MAX for found, _, _ in growths(used))


def test_patterns_are_found() -> None:
    found = [used.pattern for file in FILES for _, used in patterns_of(file)]
    assert len(found) > 100
    assert len([pattern for pattern in found if repeats(parsed(pattern))]) > 50
