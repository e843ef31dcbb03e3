"""A database that is away is told in the log of each process: at once, then once a minute."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from intercup.db.engine import Database
from tests.faults.processes import PATIENCE, Place, end

LINE = "ALARM database unavailable"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def has_open(pid: int, file: Path) -> bool:
    return any(link.resolve() == file for link in Path(f"/proc/{pid}/fd").iterdir())


async def until_works_with(pid: int, file: Path) -> None:
    """Wait until a process has the file open, and has looked into it."""
    deadline = time.monotonic() + PATIENCE
    while not has_open(pid, file):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    await asyncio.sleep(3)


async def until_told(place: Place, part: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while LINE not in place.log(part):
        assert time.monotonic() < deadline, place.log(part)
        await asyncio.sleep(0.1)


async def test_each_process_tells_it_in_one_line_and_no_more_for_a_minute(
    place: Place, sqlite: Database
) -> None:
    await sqlite.close()
    web = await place.start_web()
    worker = place.start_worker()
    try:
        file = place.folder / "intercup.db"
        await until_works_with(worker.pid, file)
        for each in place.folder.glob("intercup.db*"):  # its journal too
            each.write_bytes(b"x" * each.stat().st_size)
        async with aiohttp.ClientSession() as http:
            for _ in range(20):
                async with http.get(f"{place.url}/health") as answer:
                    await answer.read()
                await asyncio.sleep(0.3)
            assert answer.status == 503
        await until_told(place, "web")
        await until_told(place, "worker")
        await asyncio.sleep(6)  # the worker's pause after a failure is 5 s
        assert [place.log(part).count(LINE) for part in ("web", "worker")] == [1, 1]
    finally:
        end(web)
        end(worker)
