"""SQLite's journal: which one a file has, and what stays after a power cut."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text

from intercup.db.engine import Database
from intercup.db.sqlite import TRUNCATE, WAL, newest_journal, sqlite3
from intercup.db.tables import SCHEMA_VERSION, Rating
from intercup.errors import ConfigurationError

FRAME = 4096 + 24  # bytes of a page in a WAL. Source: sqlite.org, "Database File Format", 4.1
# The former program: Python's own SQLite, with the journal that its connections asked for.
FORMER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
print(*connection.execute("PRAGMA journal_mode=truncate").fetchone(), flush=True)
print(*(day for (day,) in connection.execute("SELECT day FROM ratings ORDER BY day")), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def too_old(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An SQLite that can damage a file with a WAL, as where it has no build of its own."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    return monkeypatch


async def _add(database: Database, day: str, *, is_synced: bool = True) -> None:
    async with database.write(is_synced=is_synced) as writing:
        await writing.execute(insert(Rating).values(stars=1, day=day))


async def _days(database: Database) -> list[str]:
    async with database.read() as reading:
        return list((await reading.scalars(select(Rating.day).order_by(Rating.day))).all())


async def _pragma(database: Database, name: str) -> object:
    async with database.read() as reading:
        return (await reading.execute(text(f"PRAGMA {name}"))).scalar()


@contextmanager
def _former_program(file: Path) -> Iterator[list[str]]:
    """Open a file as the former program does; give what it printed: its journal and the rows."""
    command = [sys.executable, "-c", FORMER, str(file)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdin
    assert process.stdout
    with process:
        yield [process.stdout.readline().strip() for _ in range(2)]
        process.stdin.close()


async def test_a_new_file_has_a_wal(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await database.verify()
    assert await _pragma(database, "journal_mode") == WAL
    await database.close()


async def test_where_sqlite_is_too_old_everything_waits_for_the_disk(
    sqlite_url: str, too_old: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await database.verify()
    assert await _pragma(database, "journal_mode") == TRUNCATE
    async with database.write(is_synced=False) as writing:
        assert (await writing.execute(text("PRAGMA synchronous"))).scalar() == 2
    assert await database.checkpoint()
    await database.close()


async def test_a_file_keeps_its_journal_till_a_migration_of_nobody_else(
    sqlite_url: str, tmp_path: Path, too_old: pytest.MonkeyPatch
) -> None:
    former = Database(sqlite_url)
    await former.migrate()
    await _add(former, "1")
    await former.close()
    too_old.undo()
    database = Database(sqlite_url)
    with _former_program(tmp_path / "intercup.db") as (_, rows):
        assert rows == "1"
        await database.migrate()
        assert not await database.change_journal(newest_journal())
        await database.verify()
        assert await _pragma(database, "journal_mode") == TRUNCATE
        await _add(database, "2", is_synced=False)
    assert await database.change_journal(newest_journal())
    assert await _pragma(database, "journal_mode") == WAL
    await _add(database, "3", is_synced=False)
    assert await _days(database) == ["1", "2", "3"]
    await database.close()


async def test_a_process_that_cant_be_asked_counts_as_one_that_has_the_file(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in another namespace: the kernel refuses to tell what it has open."""
    database = Database(sqlite_url)
    await database.migrate()
    with _former_program(tmp_path / "other.db"):
        assert await database.change_journal(TRUNCATE)
        monkeypatch.setattr(Path, "readlink", _refuse)
        assert not await database.change_journal(WAL)
    await database.close()


def _refuse(_: Path) -> Path:
    raise PermissionError


async def test_a_wal_and_an_sqlite_that_can_damage_it_dont_go_together(
    sqlite_url: str, too_old: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
        database = Database(sqlite_url)
        await database.migrate()
    with pytest.raises(ConfigurationError, match="journal_mode è wal"):
        await database.verify()
    await database.close()
    await database.verify()  # It has opened the file anew, and nobody else has it.
    assert await _pragma(database, "journal_mode") == TRUNCATE
    await database.close()


async def test_the_way_back_leaves_the_former_journal(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await _add(database, "1")
    assert await database.change_journal(TRUNCATE)
    assert await _days(database) == ["1"]
    await database.migrate(back_to=SCHEMA_VERSION)  # repeated
    await database.close()
    assert not _holding(b"", tmp_path, "intercup.db-wal")
    with _former_program(tmp_path / "intercup.db") as printed:
        assert printed == ["truncate", "1"]


async def test_the_former_program_finds_what_is_only_in_the_journal(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await _add(database, "1")
    killed = _copied(tmp_path, tmp_path / "killed")
    await database.close()
    with _former_program(killed) as printed:
        assert printed == ["truncate", "1"]


def _copied(folder: Path, to: Path, journal: bytes | None = None) -> Path:
    """Copy a database as a power cut leaves it, if only these bytes of its journal are on disk."""
    to.mkdir()
    file = to / "intercup.db"
    shutil.copy(folder / "intercup.db", file)
    wal = (folder / "intercup.db-wal").read_bytes() if journal is None else journal
    file.with_name("intercup.db-wal").write_bytes(wal)
    return file


def _left(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [day for (day,) in connection.execute("SELECT day FROM ratings ORDER BY day")]


async def test_a_power_cut_takes_only_what_nobody_waited_for(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    wal = tmp_path / "intercup.db-wal"
    await _add(database, "1")
    synced = len(wal.read_bytes())
    await _add(database, "lease", is_synced=False)
    written = wal.read_bytes()
    assert len(written) > synced
    left = []
    for number, end in enumerate(range(synced, len(written) + 1, FRAME // 3)):
        torn = written[:end] + b"\x5a" * (FRAME // 2)
        left.append(_left(_copied(tmp_path, tmp_path / f"cut-{number}", torn)))
    left.append(_left(_copied(tmp_path, tmp_path / "whole", written)))
    assert left[0] == ["1"]
    assert left[-1] == ["1", "lease"]
    assert all(days in (["1"], ["1", "lease"]) for days in left)
    # What is synced after the lease takes it to the disk with it: no row has gone between.
    await _add(database, "2")
    assert _left(_copied(tmp_path, tmp_path / "later")) == ["1", "2", "lease"]
    await database.close()


async def test_a_lost_page_of_the_journal_ends_it(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    wal = tmp_path / "intercup.db-wal"
    await _add(database, "1")
    before = wal.read_bytes()
    await _add(database, "lease", is_synced=False)
    await _add(database, "2", is_synced=False)
    # A disk may write later pages before earlier ones.
    after = wal.read_bytes()
    lost = before + bytes(FRAME) + after[len(before) + FRAME :]
    assert _left(_copied(tmp_path, tmp_path / "lost", lost)) == ["1"]
    await database.close()


async def test_what_was_deleted_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await _add(database, "canary")
    async with database.write() as writing:
        await writing.execute(delete(Rating))
    assert _holding(b"canary", tmp_path)
    assert await database.checkpoint()
    assert not _holding(b"canary", tmp_path)
    await database.close()


def _holding(words: bytes, folder: Path, pattern: str = "*") -> list[str]:
    return [file.name for file in folder.glob(pattern) if words in file.read_bytes()]


async def test_a_journal_that_somebody_reads_is_emptied_later(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await _add(database, "1")
    with closing(sqlite3.connect(tmp_path / "intercup.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM ratings").fetchall()
        await _add(database, "2")
        assert not await database.checkpoint(wait=0.3)
        await _add(database, "3")  # Nothing is held up.
        other.execute("COMMIT")
        assert await database.checkpoint()
    assert (tmp_path / "intercup.db-wal").stat().st_size == 0
    assert await _days(database) == ["1", "2", "3"]
    await database.close()
