"""A process is killed while it empties SQLite's journal."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.db.sqlite import WAL, newest_journal, sqlite3
from tests.faults.figures import Tally, note
from tests.support.paths import ROOT

ROUNDS = 40
# Writes a row, says so, then empties the journal, again and again.
WRITER = """
import asyncio, sys
from sqlalchemy import insert
from intercup.db.engine import Database
from intercup.db.tables import Rating

async def write(url):
    database = Database(url)
    for number in range(int(sys.argv[2])):
        async with database.write() as writing:
            await writing.execute(insert(Rating).values(stars=1, day=f"day{number}"))
        print(f"day{number}", flush=True)
        await database.checkpoint()

asyncio.run(write(sys.argv[1]))
"""
# Of a round: the journal's write and sync, then the file's, and the journal's end.
COUNTS = {"pwrite64": range(1, 41, 3), "fsync": range(1, 31, 2), "ftruncate": range(1, 15)}
SAMPLES = {"pwrite64": (10, 23), "fsync": (4, 9), "ftruncate": (3,)}

pytestmark = pytest.mark.usefixtures("strace")


@pytest.fixture
async def file(sqlite_url: str, tmp_path: Path) -> Path:
    if newest_journal() != WAL:
        pytest.skip("this SQLite has no WAL")
    database = Database(sqlite_url)
    await database.migrate()
    await database.close()
    return tmp_path / "intercup.db"


def test_some_kills_while_the_journal_is_emptied_lose_nothing(file: Path, sqlite_url: str) -> None:
    tally = _sweep(file, sqlite_url, SAMPLES)
    assert (tally.lost, tally.faults) == (0, tally.runs)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_all_kills_while_the_journal_is_emptied_lose_nothing(file: Path, sqlite_url: str) -> None:
    tally = _sweep(file, sqlite_url, COUNTS)
    note("`kill -9` mentre il giornale di SQLite è svuotato", "strace", tally)
    assert (tally.lost, tally.faults) == (0, tally.runs)


def _sweep(file: Path, url: str, counts: Mapping[str, Iterable[int]]) -> Tally:
    tally = Tally()
    for call, nth in [(call, nth) for call, each in counts.items() for nth in each]:
        seen, was_killed = _killed_at(call, nth, url)
        tally.runs += 1
        tally.faults += was_killed
        tally.seen += len(seen)
        tally.lost += len(seen - _left(file))
    return tally


def _killed_at(call: str, nth: int, url: str) -> tuple[set[str], bool]:
    """Return the rows that were said to be stored, and whether the process was killed."""
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    inject = ["-e", f"inject={call}:signal=SIGKILL:when={nth}"]
    done = subprocess.run(
        [*trace, *inject, sys.executable, "-c", WRITER, url, str(ROUNDS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=False,
        timeout=60,
        encoding="utf-8",
    )
    return set(done.stdout.split()), done.returncode != 0


def _left(file: Path) -> set[str]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        days = {day for (day,) in connection.execute("SELECT day FROM ratings")}
        connection.execute("DELETE FROM ratings")
    return days
