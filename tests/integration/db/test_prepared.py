"""Prepared statements and the transactions that they share with all others."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared, add
from intercup.db.sqlite import SAFE_WAL, sqlite3
from intercup.db.tables import Conversation, Delivery, Rating, Use
from intercup.domain.delivery import DeliveryState
from intercup.errors import Unavailable

pytestmark = pytest.mark.both_databases

_ROWS = Conversation.__table__
_CHAT = {
    **{"id": "chat", "sender_id": "s", "sender_turns": 3, "person_key": None, "page": "home"},
    **{"proposed_structure": None, "draft": {"città": ["à", None, 1.5]}, "ip_key": None},
    **{"said": None, "leased_until": None, "resumes": True, "ended_at": None},
    **{"created_at": 1.25, "updated_at": 2.5},
}
_ALL = select(*_ROWS.c).where(_ROWS.c.id == bindparam("chat"))
ADD_CHAT = Prepared(insert(_ROWS).values({c.name: bindparam(c.name) for c in _ROWS.c}))
FIND_CHAT = Prepared(_ALL)
RENAME = Prepared(
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("chat"), _ROWS.c.sender_turns > 1)
    .values(sender_id=bindparam("fresh"))
    .returning(_ROWS.c.sender_id, _ROWS.c.draft)
)


async def _ratings(database: Database) -> int:
    async with database.read() as reading:
        return await reading.scalar(select(func.count()).select_from(Rating)) or 0


async def test_its_rows_are_those_of_sqlalchemy(database: Database) -> None:
    async with database.write() as writing:
        await ADD_CHAT.run_each(writing, [_CHAT])
    async with database.read() as reading:
        prepared = await FIND_CHAT.rows(reading, {"chat": "chat"})
        usual = (await reading.execute(_ALL, {"chat": "chat"})).all()
    assert [tuple(row) for row in prepared] == [tuple(row) for row in usual]
    assert dict(zip(_ROWS.c.keys(), prepared[0], strict=True)) == _CHAT


async def test_a_change_returns_its_rows(database: Database) -> None:
    async with database.write() as writing:
        await ADD_CHAT.run_each(writing, [_CHAT])
        row = await RENAME.row(writing, {"chat": "chat", "fresh": "f"})
        assert tuple(row) == ("f", _CHAT["draft"])
        assert await RENAME.row(writing, {"chat": "nobody", "fresh": "f"}) is None


async def _write_both(writing: AsyncSession) -> None:
    await ADD_CHAT.run_each(writing, [_CHAT])
    writing.add(Rating(stars=1, day="2025-08-01"))
    await writing.flush()
    await RENAME.row(writing, {"chat": "chat", "fresh": "f"})


async def test_it_shares_the_transaction_of_all_others(database: Database) -> None:
    async with database.write() as writing:
        await _write_both(writing)
    async with database.read() as reading:
        assert (await FIND_CHAT.row(reading, {"chat": "chat"}))[1] == "f"
    assert await _ratings(database) == 1


async def test_a_failure_undoes_all_kinds(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as writing:
            await _write_both(writing)
            raise RuntimeError
    async with database.read() as reading:
        assert await FIND_CHAT.row(reading, {"chat": "chat"}) is None
    assert await _ratings(database) == 0


async def test_a_rollback_undoes_it(database: Database) -> None:
    async with database.write() as writing:
        await ADD_CHAT.run_each(writing, [_CHAT])
        await writing.rollback()
    async with database.read() as reading:
        assert await FIND_CHAT.row(reading, {"chat": "chat"}) is None


async def test_a_row_that_is_only_added_is_stored(database: Database) -> None:
    async with database.write() as writing:
        writing.add(Rating(stars=1, day="2025-08-01"))
    assert await _ratings(database) == 1


async def test_a_read_during_a_commit_doesnt_wait(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    loop = asyncio.get_running_loop()
    run, ended = loop.run_in_executor, list[float]()
    begun, may_end = asyncio.Event(), threading.Event()

    def slowly(_: object, commit: Any) -> Any:
        def late() -> None:
            assert may_end.wait(10)
            commit()
            ended.append(time.monotonic())

        begun.set()
        return run(None, late)

    monkeypatch.setattr(loop, "run_in_executor", slowly)

    async def write() -> None:
        async with database.write() as writing:
            await ADD_CHAT.run_each(writing, [_CHAT])

    async def read() -> object:
        async with database.read() as reading:
            return await FIND_CHAT.row(reading, {"chat": "chat"})

    writing = asyncio.create_task(write())
    await begun.wait()
    reading = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    assert reading.done()
    assert not ended
    may_end.set()
    assert await reading is None
    await writing
    assert await read()
    await database.close()


async def test_a_cancelled_commit_ends_before_the_next_transaction(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    loop, committing = asyncio.get_running_loop(), asyncio.Event()
    run = loop.run_in_executor

    def telling(_: object, commit: Any) -> Any:
        committing.set()
        return run(None, commit)

    monkeypatch.setattr(loop, "run_in_executor", telling)

    async def write(name: str) -> None:
        async with database.write() as writing:
            await ADD_CHAT.run_each(writing, [_CHAT | {"id": name, "sender_id": name}])

    for number in range(20):
        writing = asyncio.create_task(write(str(number)))
        await committing.wait()
        committing.clear()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    async with database.read() as reading:
        found = await reading.execute(text("SELECT count(*) FROM conversations"))
    assert found.scalar() == 20
    await database.close()


@pytest.fixture(params=[SAFE_WAL, (3, 40, 1)], ids=["wal", "truncate"])
async def on_sqlite(
    sqlite_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", request.param)
    database = Database(sqlite_url)
    await database.migrate()
    yield database
    await database.close()


async def _add(database: Database, name: str) -> None:
    async with database.write() as writing:
        await ADD_CHAT.run_each(writing, [_CHAT | {"id": name, "sender_id": name}])


async def _count(database: Database) -> int:
    async with database.read() as reading:
        found = await reading.execute(text("SELECT count(*) FROM conversations"))
        return found.scalar() or 0


async def test_a_commit_cancelled_twice_that_fails_leaves_no_transaction(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    run = loop.run_in_executor

    def fail() -> None:
        time.sleep(0.2)
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(loop, "run_in_executor", lambda _, commit: run(None, fail))
        writing = asyncio.create_task(_add(on_sqlite, "cancelled"))
        for _ in range(3):
            await asyncio.sleep(0.02)
            writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    await _add(on_sqlite, "next")
    assert await _count(on_sqlite) == 1


async def test_a_transaction_left_behind_is_undone(on_sqlite: Database) -> None:
    async with on_sqlite.write() as writing:
        driver: Any = vars(writing)["driver"]
    await driver.begin(0)
    await driver.run_each("DELETE FROM channels", [()])
    await _add(on_sqlite, "next")
    async with on_sqlite.read() as reading:
        assert (await reading.execute(text("SELECT count(*) FROM channels"))).scalar()


async def test_a_closed_connection_is_an_outage(on_sqlite: Database) -> None:
    with pytest.raises(Unavailable):
        async with on_sqlite.read() as reading:
            await vars(reading)["driver"].close()
            await FIND_CHAT.row(reading, {"chat": "chat"})


@pytest.mark.parametrize("by_sqlalchemy", [False, True])
async def test_added_rows_have_their_columns_defaults(
    database: Database, by_sqlalchemy: bool
) -> None:
    mail = {"role": "alarm", "envelope_from": "a@example.it", "recipient": "b@example.it"}
    mail |= {"message_id": "<1@example.it>", "trace": ""}
    state = {"state": DeliveryState.QUEUED, "raw": b"\0", "attempts": 0}
    times = {"next_attempt_at": 1.0, "created_at": 1.0}
    async with database.write() as writing:
        if by_sqlalchemy:
            await writing.execute(text("SELECT 1"))
        await add(writing, Delivery(**mail, **state, **times), Rating(stars=5, day="2025-08-01"))
    async with database.read() as reading:
        stored = (await reading.scalars(select(Delivery))).one()
    assert (stored.raw, stored.state, stored.request_number) == (b"\0", "queued", None)
    assert (stored.hop, stored.addition, stored.attached, stored.breaks) == (0, 0, False, 0)
    assert await _ratings(database) == 1


async def test_an_added_row_that_is_refused_is_an_integrity_error(database: Database) -> None:
    for _ in range(2):
        async with database.write() as writing:
            with pytest.raises(IntegrityError):
                await add(writing, Use(kind="k", who=None, used_at=0.0))
            await writing.rollback()
