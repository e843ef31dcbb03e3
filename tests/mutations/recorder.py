"""A plugin of pytest: write down how each test ended and how long it took, a JSON line each."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# The variable that names the file; not INTERCUP_…, as the service refuses unknown settings.
FILE = "TESTS_RECORD"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a test's setup, call or teardown; with xdist the main process hears of all of them."""
    _note(report.nodeid, report.outcome, report.duration)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a file that can't be read as tests."""
    if report.failed:
        _note(report.nodeid, report.outcome, 0.0)


def _note(test: str, outcome: str, seconds: float) -> None:
    if FILE in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
        line = json.dumps({"test": test, "outcome": outcome, "seconds": seconds})
        with Path(os.environ[FILE]).open("a", encoding="utf-8") as record:
            record.write(f"{line}\n")


def records(file: Path) -> Iterator[tuple[str, bool, float]]:
    """Read what was written: the test, whether this part of it failed, and its seconds."""
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        values = json.loads(line)
        yield values["test"], values["outcome"] == "failed", values["seconds"]
