"""A copy of the tree for the mutations; the tree itself is never changed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutations.catalogue import Mutation, Place
from tests.mutations.coverage import ROOT, VAR

TREE = VAR / "tree"
# Ignored files are linked, as environments and model are large; but not the tests' output.
_NOT_LINKED = {"__pycache__", ".hypothesis", "var", "tree"}
_CACHE = "_cache"


def make_copy() -> Path:
    """Copy what git knows or would take, link the rest, and return the copy's folder."""
    shutil.rmtree(TREE, ignore_errors=True)
    for name in _listed("--cached", "--others", "--exclude-standard"):
        source, target = ROOT / name, TREE / name
        if source.is_file():  # not one that was deleted and not committed
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for name in _listed("--others", "--ignored", "--exclude-standard", "--directory"):
        target = TREE / name.rstrip("/")
        if target.name in _NOT_LINKED or target.name.endswith(_CACHE) or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(ROOT / name.rstrip("/"))
    return TREE


def _listed(*options: str) -> list[str]:
    found = subprocess.run(
        ["git", "ls-files", "-z", *options], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [name for name in found.stdout.split("\0") if name]


@contextmanager
def mutated(tree: Path, mutation: Mutation, place: Place, number: int) -> Iterator[None]:
    """Put a mutation into the copy and take it out again.

    Compiled files are told apart by time and size alone: `number` gives each mutation its time.
    """
    path = tree / place.file
    text, before = path.read_text("utf-8"), path.stat()
    end = place.position + len(mutation.old)
    path.write_text(text[: place.position] + mutation.new + text[end:], "utf-8")
    os.utime(path, (before.st_atime, int(before.st_mtime) - number))
    try:
        yield
    finally:
        path.write_text(text, "utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
