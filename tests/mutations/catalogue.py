"""The mutations, and where each of them stands in the code as it is now."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import yaml

MUTATIONS = Path(__file__).parent / "mutations.yml"
_WITH_NAME = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class NotFound(Exception):
    """A mutation whose place isn't in the code, or isn't the only one; says why."""


@dataclass(frozen=True)
class Mutation:
    """A fault: in the symbol `old` becomes `new`.

    Where several modules define the symbol, `hint` stands in the right one only.
    """

    name: str
    symbol: str
    old: str
    new: str
    why: str
    hint: str = ""


@dataclass(frozen=True)
class Place:
    """A file of the tree, the position in its text, and the lines that run there."""

    file: str
    position: int
    lines: frozenset[int]


@dataclass(frozen=True)
class _Defined:
    """A function or class in its file. `text` is its source, decorators too, from `first` on."""

    file: str
    node: ast.AST
    first: int
    start: int
    text: str


def read_mutations(only: list[str] | None = None) -> list[Mutation]:
    """Read all mutations, or those with the given names.

    Raises:
        NotFound: a name is none of them.
    """
    found = [
        Mutation(each["name"], each["symbol"], each["old"], each["new"], each["why"],
                 each.get("in", ""))
        for each in yaml.safe_load(MUTATIONS.read_text("utf-8"))
    ]  # fmt: skip
    unknown = set(only or ()) - {mutation.name for mutation in found}
    if unknown:
        raise NotFound(f"mutazioni sconosciute: {', '.join(sorted(unknown))}")
    return [mutation for mutation in found if not only or mutation.name in only]


class Code:
    """The functions and classes of a tree, by their names within their modules."""

    def __init__(self, tree: Path, sources: str) -> None:
        self._tree = tree
        self._defined: dict[str, list[_Defined]] = {}
        for path in sorted((tree / sources).rglob("*.py")):
            for name, found in _definitions(path, path.relative_to(tree).as_posix()):
                self._defined.setdefault(name, []).append(found)

    def place_of(self, mutation: Mutation) -> Place:
        """Find a mutation's place.

        Raises:
            NotFound: there is none, or more than one.
        """
        named = self._defined.get(mutation.symbol, [])
        hinted = [each for each in named if mutation.hint in each.text]
        if len(hinted) != 1:
            files = ", ".join(each.file for each in hinted) or "nessun file"
            raise NotFound(f"{mutation.name}: {mutation.symbol} è in {files}")
        defined = hinted[0]
        times = defined.text.count(mutation.old)
        if times != 1:
            where = f"{defined.file}, {mutation.symbol}"
            raise NotFound(f"{mutation.name}: in {where} «{mutation.old}» c'è {times} volte")
        before = defined.text.index(mutation.old)
        first = defined.first + defined.text.count("\n", 0, before)
        last = first + mutation.old.count("\n")
        lines = _run_with(defined.node, first, last)
        if "@cache" in defined.text:  # It runs once only: whoever calls it uses what it returned.
            name = mutation.symbol.rpartition(".")[2]
            lines |= _lines_with(name, (self._tree / defined.file).read_text("utf-8"))
        return Place(defined.file, defined.start + before, lines)


def _definitions(path: Path, file: str) -> Iterator[tuple[str, _Defined]]:
    text = path.read_text("utf-8")
    lines = list(StringIO(text))

    def within(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Defined]]:
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, _WITH_NAME):
                name = f"{prefix}{child.name}"
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                start = len("".join(lines[: first - 1]))
                own = "".join(lines[first - 1 : child.end_lineno])
                yield name, _Defined(file, child, first, start, own)
                name += "."
            yield from within(child, name)

    yield from within(ast.parse(text), "")


def _lines_with(name: str, text: str) -> frozenset[int]:
    lines = text.splitlines()
    return frozenset(n for n, line in enumerate(lines, 1) if re.search(rf"\b{name}\b", line))


def _run_with(node: ast.AST, first: int, last: int) -> frozenset[int]:
    """Return the lines of the statement that holds lines first to last, without its blocks."""
    holding = [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.stmt) and each.lineno <= first and last <= (each.end_lineno or 0)
    ]
    smallest = min(holding, key=lambda each: (each.end_lineno or 0) - each.lineno)
    if smallest is node:  # In the head of a function, which runs when it is defined.
        return frozenset(range(smallest.lineno, (smallest.end_lineno or 0) + 1))
    if hasattr(smallest, "body") or hasattr(smallest, "cases"):
        return frozenset(range(first, last + 1))
    return frozenset(range(smallest.lineno, (smallest.end_lineno or 0) + 1))
