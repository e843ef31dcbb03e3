"""PostgreSQL stopped and started while requests come in and mails go out."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from intercup.db.engine import Database
from tests.faults.figures import note
from tests.faults.kill_sweep import tally_of
from tests.faults.processes import Citizen, Place, end, until_delivered
from tests.support.databases import execute
from tests.support.postgres_server import PostgresServer, postgres_that_restarts
from tests.support.smtp_servers import MailCatcher

AWAY = 0.5  # seconds


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_that_restarts() as server:
        yield server


@pytest.fixture
async def place(
    tmp_path: Path, mail_catcher: MailCatcher, server: PostgresServer
) -> AsyncIterator[Place]:
    await execute(server.address, "CREATE DATABASE intercup")
    url = f"postgresql+asyncpg://{server.address}/intercup"
    yield Place(tmp_path, mail_catcher.port, url)


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    found = Database(place.database_url)
    await found.migrate()
    yield found
    await found.close()


async def test_a_restart_of_postgresql_loses_nothing(
    place: Place, database: Database, server: PostgresServer, mail_catcher: MailCatcher
) -> None:
    citizen = await Citizen.of(place, database)
    web, worker = await place.start_web(), place.start_worker()
    try:
        await citizen.send_until(asyncio.Event(), 1, at_once=1)
        await until_delivered(database)  # both work
        stopped = asyncio.Event()
        sending = asyncio.create_task(citizen.send_until(stopped, 10_000, pause=0.05))
        for how in (signal.SIGINT, signal.SIGQUIT):
            await asyncio.sleep(0.7)
            await asyncio.to_thread(server.stop, how)
            await asyncio.sleep(AWAY)
            await asyncio.to_thread(server.start)
        await asyncio.sleep(0.7)
        stopped.set()
        await sending
        assert citizen.statuses[-1] == 303
        await until_delivered(database)
    finally:
        end(web)
        end(worker)
    tally = await tally_of(database, mail_catcher, citizen.seen)
    tally.runs = tally.faults = 2
    note("PostgreSQL riavviato sotto carico, anche di colpo", "SIGINT e SIGQUIT", tally)
    assert set(citizen.statuses) == {303, 503}
    assert tally.lost == 0
    assert web.returncode == worker.returncode == -signal.SIGKILL, "neither died by itself"
