"""The commit is on disk before the answer that carries its number leaves: seen by strace."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from intercup.db.engine import Database
from tests.faults.figures import Tally, note
from tests.faults.kill_sweep import is_traced
from tests.faults.processes import PATIENCE, Citizen, Place, end

CALLS = "fsync,write,writev,sendto,sendmsg"
REQUESTS = 12
COMMIT = "fsync intercup.db-wal"  # of SQLite's journal, which holds the data
_CALL = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\((?:\d+<([^>]*)>)?| resumed)(.*)")


@contextmanager
def recorded(process: subprocess.Popen[bytes], log: Path) -> Iterator[None]:
    """Write down a process's calls."""
    words = ["-f", "-qq", "-y", "-s", "60000", "-e", f"trace={CALLS}", "-o", str(log)]
    tracer = subprocess.Popen(["strace", *words, "-p", str(process.pid)])
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_traced(process.pid):
            assert time.monotonic() < deadline and tracer.poll() is None, "strace doesn't attach"
            time.sleep(0.01)
        yield
    finally:
        tracer.terminate()
        tracer.wait(PATIENCE)


def calls_before(log: Path, numbers: list[str]) -> dict[str, list[str]]:
    """For each number, what was written to disk between the answer before and its own."""
    found: dict[str, list[str]] = {}
    begun: dict[str, str] = {}
    since: list[str] = []
    for line in log.read_text("utf-8", "replace").splitlines():
        match = _CALL.match(line)
        if not match:
            continue
        pid, call, path, rest = match.groups()
        name = Path(path).name if path else begun.pop(pid, "")
        if rest.endswith("<unfinished ...>"):
            begun[pid] = name
        elif call.startswith("f") and line.endswith("= 0"):
            since.append(f"{call} {name}")
        # An answer counts from the moment at which it begins to leave.
        shown = [number for number in numbers if number in line and number not in found]
        if shown and "socket" in line.partition("(")[2][:80] + (path or ""):
            found[shown[0]] = since
            since = []
    return found


async def _answers(place: Place, database: Database, *module: str) -> dict[str, list[str]]:
    log = place.folder / "calls"
    citizen = await Citizen.of(place, database)
    web = await place.start_web(*module)
    try:
        with recorded(web, log):
            async with aiohttp.ClientSession() as http:
                for _ in range(REQUESTS):
                    await citizen.send(http)
    finally:
        end(web)
    found = calls_before(log, citizen.seen)
    assert len(found) == len(citizen.seen) == REQUESTS, "every answer was seen to leave"
    return found


@pytest.mark.usefixtures("strace")
async def test_every_number_leaves_after_its_commit(place: Place, sqlite: Database) -> None:
    answers = await _answers(place, sqlite)
    early = [number for number, calls in answers.items() if COMMIT not in calls]
    tally = Tally(runs=len(answers), seen=len(answers), lost=len(early))
    note("nessuno: `fsync` prima di ogni risposta con un numero", "strace", tally)
    assert early == []


@pytest.mark.usefixtures("strace")
async def test_the_proof_fails_for_a_server_that_answers_early(
    place: Place, sqlite: Database
) -> None:
    answers = await _answers(place, sqlite, "tests.faults.answers_early")
    # Each answer is followed by its commit, which counts for the next one; the first has none.
    first = next(iter(answers.values()))
    assert COMMIT not in first
