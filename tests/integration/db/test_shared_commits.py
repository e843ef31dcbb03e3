"""Writers that wait for each other share a commit, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, text
from sqlalchemy.exc import IntegrityError

from intercup.db.engine import Database
from intercup.db.prepared import Prepared
from intercup.db.sqlite import SAFE_WAL, sqlite3
from intercup.db.sqlite_inline import InlineConnection
from intercup.db.tables import Rating
from intercup.errors import Unavailable

ADD = Prepared(insert(Rating.__table__).values(stars=bindparam("stars"), day=bindparam("day")))
WRITERS = 10
DAY = "2025-08-01"


@dataclass
class _Watched:
    """A database whose commits are counted."""

    database: Database
    commits: list[str] = field(default_factory=list)

    async def add(self, stars: int, *, fails: bool = False, undoes: bool = False) -> None:
        async with self.database.write() as writing:
            await ADD.run_each(writing, [{"stars": stars, "day": DAY}])
            await asyncio.sleep(0)
            if fails:
                raise RuntimeError
            if undoes:
                await writing.rollback()

    async def stars(self) -> list[int]:
        async with self.database.read() as reading:
            found = await reading.execute(text("SELECT stars FROM ratings ORDER BY id"))
            return list(found.scalars())

    async def driver(self) -> Any:
        """Return SQLite's own writing connection."""
        async with self.database.write() as writing:
            return vars(writing)["driver"]._connection


@pytest.fixture(params=[SAFE_WAL, (3, 40, 1)], ids=["wal", "truncate"])
async def watched(
    database: Database, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[_Watched]:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", request.param)
    await database.close()  # It was opened before, to be migrated.
    watched = _Watched(database)

    def note(statement: str) -> None:
        if statement == "COMMIT":
            watched.commits.append(statement)

    driver = await watched.driver()
    driver.set_trace_callback(note)
    yield watched
    driver.set_trace_callback(None)


async def test_one_writer_commits_alone(watched: _Watched) -> None:
    for stars in (1, 2, 3):
        await watched.add(stars)
        assert len(watched.commits) == stars
    assert await watched.stars() == [1, 2, 3]


async def test_writers_that_wait_share_a_commit(watched: _Watched) -> None:
    await asyncio.gather(*(watched.add(n % 5 + 1) for n in range(WRITERS)))
    assert len(await watched.stars()) == WRITERS
    assert len(watched.commits) <= 2


async def test_none_goes_on_before_the_commit(watched: _Watched) -> None:
    ended = list[int]()

    async def write(stars: int) -> None:
        await watched.add(stars)
        ended.append(len(watched.commits))

    await asyncio.gather(*(write(n) for n in range(1, 6)))
    assert ended == [1] * 5


async def test_a_failed_writer_undoes_its_own_part_only(watched: _Watched) -> None:
    wanted = [watched.add(n, fails=n in (1, 3), undoes=n == 4) for n in range(1, 6)]
    results = await asyncio.gather(*wanted, return_exceptions=True)
    assert [type(each) for each in results] == [
        *(RuntimeError, type(None), RuntimeError, type(None), type(None))
    ]
    assert await watched.stars() == [2, 5]


async def test_rows_of_sqlalchemy_are_undone_and_kept_like_others(watched: _Watched) -> None:
    async def add(stars: int) -> None:
        async with watched.database.write() as writing:
            writing.add(Rating(stars=stars, day=DAY))
            await writing.flush()
            if stars == 3:
                await writing.execute(text("INSERT INTO channels (name) VALUES ('relay')"))

    results = await asyncio.gather(*map(add, range(1, 6)), return_exceptions=True)
    assert [type(each) for each in results if each] == [IntegrityError]
    assert await watched.stars() == [1, 2, 4, 5]


async def test_a_cancelled_writer_leaves_the_others(watched: _Watched) -> None:
    tasks = [asyncio.create_task(watched.add(n)) for n in range(1, 6)]
    for _ in range(3):
        await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[2].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [n for n, each in enumerate(results, 1) if each is None]
    assert kept == [2, 4, 5]
    assert set(kept) <= set(await watched.stars())


async def test_a_full_disk_is_told_to_every_writer_that_it_undoes(watched: _Watched) -> None:
    driver = await watched.driver()
    (pages,) = driver.execute("PRAGMA page_count").fetchone()

    async def fill() -> None:
        async with watched.database.write() as writing:
            driver.execute(f"PRAGMA max_page_count={pages}")
            many = [{"stars": 1, "day": "x" * 100_000}] * 3
            await ADD.run_each(writing, many)

    writers = (watched.add(1), watched.add(2), fill(), watched.add(3))
    results = await asyncio.gather(*writers, return_exceptions=True)
    assert [type(each) for each in results] == [*[Unavailable] * 3, type(None)]
    assert await watched.stars() == [3]


async def test_a_failed_commit_is_told_to_all_of_its_writers(
    watched: _Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = await watched.driver()
    deferred = (
        "CREATE TABLE child (parent INTEGER REFERENCES ratings (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    driver.execute(deferred)

    async def orphan() -> None:
        async with watched.database.write() as writing:
            await writing.execute(text("INSERT INTO child VALUES (99)"))

    writers = (watched.add(1), orphan(), watched.add(2))
    results = await asyncio.gather(*writers, return_exceptions=True)
    assert all(isinstance(each, Exception) for each in results)
    await watched.add(3)
    assert await watched.stars() == [3]


async def test_checking_the_schema_commits_what_waits(watched: _Watched) -> None:
    await asyncio.gather(*(watched.add(n) for n in range(1, 4)), watched.database.verify())
    assert await watched.stars() == [1, 2, 3]


async def test_a_part_that_sqlite_has_undone_with_all_else_blocks_no_later_writer(
    tmp_path: Path,
) -> None:
    driver = InlineConnection(str(tmp_path / "x.db"))
    await driver.begin(1.0)
    driver.begin_part()
    cursor = driver.cursor()
    await cursor.execute("ROLLBACK")  # as SQLite does on a full disk
    await cursor.execute("BEGIN")
    driver.undo_part()
    assert not driver.in_transaction
    await driver.begin(1.0)
    await driver.rollback()
    await driver.close()
