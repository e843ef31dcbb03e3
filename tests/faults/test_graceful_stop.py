"""SIGTERM: what was begun is finished or given back, and the process ends within 30 s."""

import asyncio
import signal
import subprocess
import time
from dataclasses import replace

import aiohttp
import pytest
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import Channel, Delivery
from intercup.domain.directory import Directory
from tests.faults.figures import note
from tests.faults.kill_sweep import tally_of
from tests.faults.processes import PATIENCE, Citizen, Place, end, lost, until_delivered
from tests.faults.test_clock import until_taken
from tests.support.made_requests import deliveries, submit
from tests.support.smtp_servers import (
    STALL,
    Caught,
    MailCatcher,
    scripted_relay,
)

STOP_MAX = 30.0  # seconds


async def stopped(process: subprocess.Popen[bytes]) -> float:
    """Ask a process to end; return the seconds that it took."""
    start = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, STOP_MAX) == 0
    return time.monotonic() - start


async def rows(database: Database) -> set[tuple[str, str | None]]:
    found: list[Delivery] = list(await deliveries(database))
    return {(row.state, row.lease_owner) for row in found}


async def test_the_web_answers_what_has_come_in(place: Place, sqlite: Database) -> None:
    citizen = await Citizen.of(place, sqlite)
    web = await place.start_web()
    try:
        async with aiohttp.ClientSession() as http:
            async with sqlite.write() as writing:
                await writing.execute(update(Channel).values(name=Channel.name))
                # The request waits for its turn to write.
                sending = asyncio.create_task(citizen.send(http))
                await asyncio.sleep(0.5)
                stopping = asyncio.create_task(stopped(web))
                await asyncio.sleep(0.5)
                assert not sending.done()
            assert await sending
        await stopping
    finally:
        end(web)
    assert await lost(sqlite, citizen.seen) == []


async def test_the_worker_gives_back_what_it_has_not_begun(
    place: Place, sqlite: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    async def slowly(_caught: Caught) -> None:
        await asyncio.sleep(0.1)

    mail_catcher.on_data = slowly
    numbers = [(await submit(sqlite, directory)).number for _ in range(20)]
    worker = place.start_worker()
    try:
        await until_taken(mail_catcher, 5)
        assert await stopped(worker) < 3
        assert await rows(sqlite) == {("queued", None), ("sent", None)}
        worker = place.start_worker()
        await until_delivered(sqlite)
    finally:
        end(worker)
    tally = await tally_of(sqlite, mail_catcher, numbers)
    note("arresto ordinato del `worker` a metà", "SIGTERM", replace(tally, runs=1, faults=1))
    assert (tally.lost, tally.duplicated) == (0, 0)


@pytest.mark.long
async def test_a_relay_that_never_answers_does_not_keep_the_worker(
    place: Place, sqlite: Database, directory: Directory
) -> None:
    for _ in range(3):
        await submit(sqlite, directory)
    async with scripted_relay(dot=STALL) as relay:
        place.smtp_port = relay.port
        worker = place.start_worker()
        try:
            async with asyncio.timeout(PATIENCE):
                while not relay.bodies:  # noqa: ASYNC110 (it comes from another process)
                    await asyncio.sleep(0.05)
            assert await stopped(worker) < STOP_MAX
        finally:
            end(worker)
    states = sorted(row.state for row in await deliveries(sqlite))
    assert states == ["queued"] * 5 + ["sending"], "only the one under way keeps its lease"
