"""The worker's loop: sends due mails until stopped."""

import asyncio
import logging
import os
import socket
import time
from uuid import uuid4

from intercup.db.engine import Database
from intercup.errors import Unavailable
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.alarm import Watch, tell_of_troubles
from intercup.services.delivery.deliver import deliver_due
from intercup.services.privacy.purge import purge
from intercup.services.tuning.sentence_seal import SentenceSeal

POLL = 0.5  # seconds between two queries of an empty outbox
AFTER_FAILURE = 5.0  # seconds
LOOK_EVERY = 60.0  # seconds between two checks for stuck mail
WATCH_LOG = Watch()
PURGE_EVERY = 24 * 3600.0  # seconds
AFTER_FAILED_PURGE = 15 * 60.0  # seconds

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
    while not stop.is_set():
        pause = PURGE_EVERY
        try:
            await purge(database, time.time())
        except Exception:
            logger.exception("ALARM purge failed, tried again")
            pause = AFTER_FAILED_PURGE
        await _wait(stop, pause)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
