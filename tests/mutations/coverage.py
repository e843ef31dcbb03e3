"""Note which tests run which lines of the code, once for all mutations."""

import hashlib
import json
import os
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.recorder import FILE, records

ROOT = Path(__file__).parents[2]
VAR = ROOT / "var" / "mutations"
COVERAGE = VAR / "coverage.json"
SOURCES = "intercup"
# The suites that run the code in their own process; the others start the whole service.
SUITES = ("tests/unit", "tests/integration")
PLUGIN = "pytest-cov==7.1.0"
_TIME_LIMIT = 45 * 60.0  # seconds
_DATA, _RECORD, _CONFIG = VAR / ".coverage", VAR / "record.jsonl", VAR / "coverage.ini"
# SQLAlchemy switches between greenlets, which would mix up what runs.
_SETTINGS = f"""[run]
source = {SOURCES}
data_file = {_DATA}
concurrency = thread, greenlet
"""

type Mask = int  # a bit for each test


@dataclass(frozen=True)
class Test:
    """A test that passes without mutations, with what it takes and how much of the code it runs."""

    id: str
    seconds: float
    lines: int


@dataclass(frozen=True)
class Coverage:
    """The tests, and for each file its fingerprint and the tests that run each line."""

    tests: list[Test]
    sha256: dict[str, str]
    lines: dict[str, dict[int, Mask]]


def measure(arguments: list[str]) -> int:
    """Run pytest with arguments and keep which test runs what; return its exit code."""
    VAR.mkdir(parents=True, exist_ok=True)
    _CONFIG.write_text(_SETTINGS, "utf-8")
    for old in (_RECORD, *VAR.glob(".coverage*")):
        old.unlink(missing_ok=True)
    command = [
        *(str(ROOT / ".tools/bin/uv"), "run", "--frozen", "--no-sync", "--with", PLUGIN),
        *("python", "-m", "pytest", *arguments, "-q", "-p", "tests.mutations.recorder"),
        *("--cov", f"--cov-config={_CONFIG}", "--cov-context=test", "--cov-report="),
    ]
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": ".venv", FILE: str(_RECORD)}
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, timeout=_TIME_LIMIT, check=False
    ).returncode
    COVERAGE.write_text(json.dumps(_measured()), "utf-8")
    return ended


def _measured() -> dict[str, object]:
    seconds: dict[str, float] = defaultdict(float)
    failed = set()
    for test, has_failed, took in records(_RECORD):
        seconds[test] += took
        if has_failed:
            failed.add(test)
    passed = [test for test in seconds if test not in failed]
    position = {test: each for each, test in enumerate(passed)}
    masks: dict[str, dict[int, Mask]] = defaultdict(lambda: defaultdict(int))
    counts = [0] * len(position)
    for file, test, lines in _lines_run():
        if test in position:
            counts[position[test]] += len(lines)
            for line in lines:
                masks[file][line] |= 1 << position[test]
    return {
        "tests": [(test, round(seconds[test], 3), counts[each]) for test, each in position.items()],
        "sha256": {file: fingerprint(ROOT / file) for file in masks},
        "lines": {
            file: {line: f"{mask:x}" for line, mask in of.items()} for file, of in masks.items()
        },
    }


def _lines_run() -> Iterator[tuple[str, str, set[int]]]:
    """Give file, test and lines. Source: coverage.py, "Coverage.py database schema"."""
    query = """SELECT file.path, context.context, line_bits.numbits FROM line_bits
        JOIN file ON file.id = line_bits.file_id JOIN context ON context.id = line_bits.context_id
        WHERE context.context <> ''"""
    with sqlite3.connect(_DATA) as data:
        for path, context, bits in data.execute(query):
            lines = {
                byte * 8 + bit
                for byte, value in enumerate(bits)
                for bit in range(8)
                if value >> bit & 1
            }
            # The context ends in the phase: `|setup`, `|run` or `|teardown`.
            yield str(Path(path).relative_to(ROOT)), context.rpartition("|")[0], lines
    data.close()


def fingerprint(path: Path) -> str:
    """Return what tells a file's text from another one's."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load() -> Coverage:
    """Read what `measure` has kept.

    Raises:
        FileNotFoundError: nothing was measured yet.
    """
    values = json.loads(COVERAGE.read_text("utf-8"))
    lines = {
        file: {int(line): int(mask, 16) for line, mask in of.items()}
        for file, of in values["lines"].items()
    }
    return Coverage([Test(*test) for test in values["tests"]], values["sha256"], lines)
