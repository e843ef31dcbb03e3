"""A cell tells the models of its Rasas when they change, and gives signs of life."""

import asyncio
import time

import pytest

from intercup.db.engine import Database
from intercup.services.models import cells as telling
from intercup.services.models.cells import FORGOTTEN_AFTER, GONE_AFTER, cells, keep_telling, tell

pytestmark = pytest.mark.both_databases
BASE = "0" * 64


async def told(database: Database, now: float) -> list[tuple[str, str]]:
    async with database.read() as reading:
        return [(each.name, each.models) for each in await cells(reading, BASE, now)]


async def test_a_change_is_told_soon_and_a_cell_that_is_silent_counts_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "LOOK_EVERY", 0.02)
    now, in_use = time.time(), list[str]()
    task = asyncio.create_task(keep_telling(database, "a", BASE, lambda: in_use))
    await asyncio.sleep(0.1)
    assert await told(database, now) == []
    for in_use[:], shown in ((["b", "a", "b"], "a b"), (["b"], "b"), ([], "")):
        async with asyncio.timeout(10):
            while await told(database, now) != [("a", shown)]:  # noqa: ASYNC110 (the database's)
                await asyncio.sleep(0.02)
    monkeypatch.setattr(telling, "SIGN_EVERY", 0.0)
    async with asyncio.timeout(10):
        while await told(database, time.time() + GONE_AFTER - 0.05) == []:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait({task})
    later = time.time() + GONE_AFTER + 1
    assert await told(database, later) == []
    async with database.write() as writing:
        await tell(writing, "b", BASE, "b", later + FORGOTTEN_AFTER)
    assert [name for name, _ in await told(database, 0.0)] == ["b"]
