"""A disk that fills up: whatever can't be stored gets no number, and all goes on by itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from intercup.db.engine import ROOM_MIN, Database
from tests.faults.figures import note
from tests.faults.kill_sweep import tally_of
from tests.faults.processes import PATIENCE, Citizen, Place, end, until_delivered
from tests.support.smtp_servers import MailCatcher

REQUESTS_MAX = 300  # many more than there is room for


@pytest.fixture
def place(tmp_path: Path, small_disk: Path, mail_catcher: MailCatcher) -> Place:
    url = f"sqlite+aiosqlite:///{small_disk}/intercup.db"
    return Place(tmp_path, mail_catcher.port, url)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


async def health(place: Place, http: aiohttp.ClientSession) -> tuple[int, bool]:
    async with http.get(f"{place.url}/health") as response:
        return response.status, (await response.json())["database"]


async def until_healthy(place: Place, http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(PATIENCE):
        while await health(place, http) != (200, True):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.1)


async def test_a_full_disk_gives_no_number_and_all_goes_on_when_there_is_room(
    place: Place,
    sqlite: Database,
    small_disk: Path,
    mail_catcher: MailCatcher,
    http: aiohttp.ClientSession,
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(ROOM_MIN * 2))
    citizen = await Citizen.of(place, sqlite)
    web = await place.start_web()
    worker = None
    try:
        while not citizen.statuses or citizen.statuses[-1] == 303:
            await citizen.send(http)
            assert len(citizen.statuses) < REQUESTS_MAX, "the disk doesn't fill up"
        before = len(citizen.seen)
        await asyncio.sleep(2.1)  # until it looks again
        assert await health(place, http) == (503, False)
        worker = place.start_worker()
        for _ in range(10):
            await citizen.send(http)
        refused = citizen.statuses[before:]
        assert refused == [503] * len(refused)
        assert [wait for wait in citizen.waits[before:] if not (wait or "").isdigit()] == []
        assert mail_catcher.mails == [], "what can't be written down isn't sent"
        ballast.unlink()
        await until_healthy(place, http)
        assert await citizen.send(http)
        await until_delivered(sqlite)
        end(worker)
    finally:
        end(web)
        if worker:
            end(worker)
    tally = await tally_of(sqlite, mail_catcher, citizen.seen)
    tally.runs = len(citizen.statuses)
    tally.faults = len(refused)
    note("disco pieno: 503 senza numero, poi riprende da sé", "tmpfs di 1 MB", tally)
    assert before > 3
    assert (tally.lost, tally.duplicated) == (0, 0)
