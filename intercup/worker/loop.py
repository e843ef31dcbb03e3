"""The worker's loops: send due mails, purge and ask until stopped."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

from intercup.db.engine import Database
from intercup.errors import Unavailable
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.alarm import Watch, tell_of_troubles
from intercup.services.delivery.deliver import deliver_due
from intercup.services.models.training import Place, train_waiting
from intercup.services.privacy.purge import purge
from intercup.services.requests.ask import Asking, ask_due
from intercup.services.tuning.sentence_seal import SentenceSeal

POLL = 0.5  # seconds between two queries of an empty outbox
AFTER_FAILURE = 5.0  # seconds
LOOK_EVERY = 60.0  # seconds between two checks for stuck mail
WATCH_LOG = Watch()
LOOK_FOR_TRAINING = 2.0  # seconds
PURGE_EVERY = 24 * 3600.0  # seconds
ASK_EVERY = 3600.0  # seconds
EMPTY_EVERY = 60.0  # seconds between two times that the journal is emptied
EMPTY_WAIT = 1.0  # seconds that it waits for others to leave the journal
MISSED_MAX = 5  # times in a row after which the log alarms
AFTER_FAILED_RUN = 15 * 60.0  # seconds

logger = logging.getLogger(__name__)


async def run_worker(
    database: Database,
    relay: SmtpAddress,
    stop: asyncio.Event,
    watch: Watch = WATCH_LOG,
    seal: SentenceSeal | None = None,
) -> None:
    """Send due mails, batch after batch; ends after the current batch when `stop` is set."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    next_look = time.monotonic()
    while not stop.is_set():
        pause = 0.0
        try:
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + LOOK_EVERY
                await tell_of_troubles(database, watch, time.time())
            if await deliver_due(database, relay, owner, stopping=stop.is_set, seal=seal) == 0:
                pause = POLL
        except Unavailable:  # The database has logged it.
            pause = AFTER_FAILURE
        except Exception:
            logger.exception("ALARM worker failed, goes on")
            pause = AFTER_FAILURE
        if pause:
            await _wait(stop, pause)


async def purge_daily(database: Database, stop: asyncio.Event) -> None:
    """Purge data beyond retention, at the start and then every day, until `stop` is set."""
    await _repeat("purge", lambda: purge(database, time.time()), PURGE_EVERY, stop)


async def empty_journal(database: Database, stop: asyncio.Event) -> None:
    """Empty SQLite's journal, in which deleted words stay till then, every minute."""
    missed = 0

    async def empty() -> None:
        nonlocal missed
        missed = 0 if await database.checkpoint(EMPTY_WAIT) else missed + 1
        if missed and missed % MISSED_MAX == 0:
            logger.error("ALARM journal not emptied %d times: a program keeps reading", missed)

    await _repeat("journal", empty, EMPTY_EVERY, stop)


async def ask_hourly(database: Database, asking: Asking, stop: asyncio.Event) -> None:
    """Ask citizens whether offices have answered, at the start and then every hour."""
    await _repeat("ask", lambda: ask_due(database, asking, datetime.now(UTC)), ASK_EVERY, stop)


async def _repeat(
    name: str, run: Callable[[], Awaitable[object]], every: float, stop: asyncio.Event
) -> None:
    while not stop.is_set():
        pause = every
        try:
            await run()
        except Exception:
            logger.exception("ALARM %s failed, tried again", name)
            pause = min(every, AFTER_FAILED_RUN)
        await _wait(stop, pause)


async def train_when_asked(database: Database, place: Place, stop: asyncio.Event) -> None:
    """Do the trainings that are asked for, one after the other, until `stop` is set."""
    while not stop.is_set():
        try:
            await train_waiting(database, place, stop)
        except Unavailable:  # The database has logged it.
            pass
        except Exception:
            logger.exception("ALARM a training failed")
        await _wait(stop, LOOK_FOR_TRAINING)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
