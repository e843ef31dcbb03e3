"""Run tests in the copy and say which fail."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from tests.mutations.coverage import VAR, Test
from tests.mutations.recorder import FILE, records

TIME_LIMIT = 180.0  # seconds, beside what the tests take; one that hangs fails before by itself
SLOWER = 5  # times as long as without mutations is still no fault on a busy machine
PATIENCE = 20.0  # seconds for pytest to end what its tests have started
TIMEOUT = "tempo scaduto"
_CHOSEN, _RECORD, _LOG = VAR / "chosen.txt", VAR / "trial.jsonl", VAR / "trial.log"


class NotRun(Exception):
    """pytest couldn't run the tests: that proves nothing."""


def failing(tree: Path, tests: Collection[Test], *, all_of_them: bool = False) -> list[str]:
    """Run tests until one fails and return it, or run all of them and return those that fail.

    Raises:
        NotRun: pytest had another trouble.
    """
    _CHOSEN.write_text("\n".join(test.id for test in tests), "utf-8")
    _RECORD.unlink(missing_ok=True)
    limit = TIME_LIMIT + SLOWER * sum(test.seconds for test in tests)
    code = _pytest(tree, limit, *(() if all_of_them else ("-x",)))
    failed = [test for test, has_failed, _ in records(_RECORD) if has_failed]
    if code is None:
        failed.append(TIMEOUT)
    elif code and not failed:
        raise NotRun(_LOG.read_text("utf-8", "replace")[-2000:])
    return list(dict.fromkeys(failed))


def catcher(tree: Path, tests: Collection[Test]) -> str:
    """Return the first test that fails twice, as a busy machine fails some by chance; or nothing.

    Raises:
        NotRun: pytest had another trouble.
    """
    while tests and (failed := failing(tree, tests)):
        again = [test for test in tests if test.id == failed[0]]
        if not again or failing(tree, again):
            return failed[0]
        tests = [test for test in tests if test.id != failed[0]]
    return ""


def _pytest(tree: Path, limit: float, *options: str) -> int | None:
    """Return the exit code, None when the time is over."""
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options),
        *("-p", "tests.mutations.recorder", "--hypothesis-seed=0", f"@{_CHOSEN}"),
    ]
    environment = os.environ | {"PYTHONPATH": str(tree), FILE: str(_RECORD)}
    with _LOG.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=tree, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pytest, if it still runs, and what is left of its group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
