"""The worker's clock jumps, or the worker stands still for longer than its lease."""

import asyncio
import signal

import pytest

from intercup.db.engine import Database
from intercup.services.delivery.deliver import LANES
from intercup.services.delivery.record import UNRECORDED_MAX
from tests.faults.clock import Clock
from tests.faults.figures import note
from tests.faults.kill_sweep import tally_of
from tests.faults.processes import PATIENCE, Citizen, Place, end, until_delivered
from tests.support.delivering import OFFICE
from tests.support.smtp_servers import Caught, MailCatcher

REQUESTS = 30
BEFORE = 10  # mails taken before the fault
SLOW = 0.02  # seconds that the relay takes for a mail
RECORDED = 0.2  # seconds in which the worker writes down the mail before
PAST_THE_LEASE = "+12m"


async def until_taken(catcher: MailCatcher, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(catcher.mails) < count:  # noqa: ASYNC110 (they come from another process)
            await asyncio.sleep(0.01)


async def slowly(_caught: Caught) -> None:
    await asyncio.sleep(SLOW)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize("jump", ["+1d", "-1d"])
async def test_a_jump_of_the_clock_loses_nothing(
    place: Place,
    sqlite: Database,
    mail_catcher: MailCatcher,
    clock: Clock,
    jump: str,
    workers: int,
) -> None:
    mail_catcher.on_data = slowly
    # Some wait for their second attempt while the clock jumps.
    mail_catcher.at_rcpt = {OFFICE: ["250 OK", "451 later"] * 3}
    citizen = await Citizen.of(place, sqlite)
    processes = [await place.start_web()]
    try:
        await citizen.send_until(asyncio.Event(), REQUESTS)
        processes += [place.start_worker(**clock.environment) for _ in range(workers)]
        await until_taken(mail_catcher, BEFORE)
        clock.set(jump)
        await until_delivered(sqlite)
    finally:
        for process in processes:
            end(process)
    tally = await tally_of(sqlite, mail_catcher, citizen.seen)
    tally.runs = tally.faults = 1
    note(f"l'orologio salta di {jump[:-1]} giorno, {workers} `worker`", "libfaketime", tally)
    assert (len(citizen.seen), tally.lost) == (REQUESTS, 0)
    # With one worker nobody else can think that its leases have run out.
    assert tally.duplicated <= (workers - 1) * (LANES + UNRECORDED_MAX)


async def test_a_worker_that_wakes_after_its_lease_sends_nothing_more(
    place: Place, sqlite: Database, mail_catcher: MailCatcher, clock: Clock
) -> None:
    citizen = await Citizen.of(place, sqlite)
    web = await place.start_web()
    await citizen.send_until(asyncio.Event(), 4)
    end(web)
    asleep = place.start_worker(**clock.environment)
    others = []

    async def stop_the_worker(_caught: Caught) -> None:
        await asyncio.sleep(RECORDED)
        if len(mail_catcher.mails) == 2 and not others:
            others.append("to come")
            asleep.send_signal(signal.SIGSTOP)

    mail_catcher.on_data = stop_the_worker
    awake = None
    try:
        await until_taken(mail_catcher, 3)
        clock.set(PAST_THE_LEASE)
        awake = place.start_worker(**clock.environment)
        await until_delivered(sqlite)
        asleep.send_signal(signal.SIGCONT)
        await asyncio.sleep(2)
        assert asleep.poll() is None
    finally:
        end(asleep)
        if awake:
            end(awake)
    tally = await tally_of(sqlite, mail_catcher, citizen.seen)
    tally.runs = tally.faults = 1
    note("un `worker` fermo oltre il suo turno, poi ripreso", "SIGSTOP e libfaketime", tally)
    # The mail that was under way when it fell asleep, with the same Message-ID.
    assert (tally.lost, tally.duplicated) == (0, 1)
    assert "lease lost" in place.log("worker")
