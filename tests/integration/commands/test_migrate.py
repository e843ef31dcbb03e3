"""`intercup migrate` and SQLite's journal, at a terminal."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from intercup.db.sqlite import SAFE_WAL, TRUNCATE, WAL, newest_journal, sqlite3
from intercup.db.tables import SCHEMA_VERSION
from tests.support.paths import ROOT

OPENS = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM channels')"
WAITS = f"{OPENS}; print(flush=True); sys.stdin.read()"

pytestmark = pytest.mark.skipif(newest_journal() != WAL, reason=f"SQLite is before {SAFE_WAL}")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of this schema, with the journal of the program before."""
    file = tmp_path / "intercup.db"
    monkeypatch.setenv("INTERCUP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("INTERCUP_DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    assert migrate().returncode == 0
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode=truncate").fetchone() == (TRUNCATE,)
    return file


@pytest.fixture
def reader(file: Path) -> Iterator[None]:
    """A process that has the file open and does nothing."""
    command = [sys.executable, "-c", WAITS, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.kill()


def migrate(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [Path(sys.executable).with_name("intercup"), "migrate", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


def has_wal(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA journal_mode").fetchone() == (WAL,))


def test_only_a_stopped_service_gets_a_wal(file: Path) -> None:
    """The units hide their processes from each other: nobody in sight doesn't mean nobody there."""
    done = migrate()
    assert (done.returncode, has_wal(file)) == (0, False)
    assert "intercup migrate --stopped" in done.stdout
    assert migrate("--stopped").returncode == 0
    assert has_wal(file)
    assert "--stopped" not in migrate().stdout


@pytest.mark.usefixtures("reader")
def test_a_service_that_isnt_stopped_gets_none(file: Path) -> None:
    done = migrate("--stopped")
    assert (done.returncode, has_wal(file)) == (1, False)
    assert "fermarli" in done.stderr


def test_the_way_back_to_the_same_schema_leaves_the_former_journal(file: Path) -> None:
    assert migrate("--stopped").returncode == 0
    assert migrate("--back-to", SCHEMA_VERSION, "--yes").returncode == 0
    assert not has_wal(file)
    assert migrate("--back-to", SCHEMA_VERSION, "--yes").returncode == 0
