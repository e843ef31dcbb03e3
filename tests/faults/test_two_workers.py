"""Two worker processes on one outbox: every mail goes out exactly once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from tests.faults.figures import note
from tests.faults.kill_sweep import tally_of
from tests.faults.processes import Place, end, until_delivered
from tests.support.made_requests import submit
from tests.support.smtp_servers import Caught, MailCatcher

REQUESTS = 100


@pytest.fixture
async def place(
    tmp_path: Path, mail_catcher: MailCatcher, database_url: str
) -> AsyncIterator[Place]:
    yield Place(tmp_path, mail_catcher.port, database_url)


async def test_two_worker_processes_send_every_mail_once(
    place: Place, database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.on_data = _a_moment
    numbers = [(await submit(database, directory)).number for _ in range(REQUESTS)]
    workers = [place.start_worker() for _ in range(2)]
    try:
        await until_delivered(database)
    finally:
        for worker in workers:
            end(worker)
    tally = await tally_of(database, mail_catcher, numbers)
    tally.runs = tally.faults = 1
    name = "SQLite" if database.is_sqlite else "PostgreSQL"
    note(f"due `worker` insieme, {name}", "due processi, 200 e-mail", tally)
    assert (tally.lost, tally.duplicated) == (0, 0)


async def _a_moment(_caught: Caught) -> None:
    await asyncio.sleep(0.01)
