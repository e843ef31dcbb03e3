"""Send the due deliveries of the outbox and record the results."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from cryptography.fernet import InvalidToken

from intercup.db.engine import Database
from intercup.domain.retry import LEASE, PROBES
from intercup.mail.attach import with_attachments
from intercup.mail.smtp import ANSWER_TIMEOUT, Outcome, Relay, Result
from intercup.mail.smtp_address import SmtpAddress
from intercup.metrics import timed
from intercup.services.attachments.store import contents_of, files_of
from intercup.services.delivery import channel, outbox
from intercup.services.delivery.outbox import Claimed
from intercup.services.delivery.record import Recorder
from intercup.services.tuning.sentence_seal import SentenceSeal

BATCH = 50  # deliveries claimed at a time
LANES = 2  # connections to the relay while many mails wait
MANY = 10  # deliveries; fewer go over one connection, in their order
FRESH = 2.0  # seconds, from which on a lease is looked at again before a mail goes


async def deliver_due(
    database: Database,
    relay_address: SmtpAddress,
    owner: str,
    clock: Callable[[], float] = time.time,
    stopping: Callable[[], bool] = lambda: False,
    seal: SentenceSeal | None = None,
) -> int:
    """Send one batch of due deliveries and return how many were claimed.

    Raises:
        Unavailable: the database failed; the leases expire.
    """
    claimed_at = clock()

    def must_end() -> bool:
        # A lease must outlast the slowest transaction begun under it.
        return stopping() or abs(clock() - claimed_at) > LEASE - ANSWER_TIMEOUT

    async def ready(delivery: Claimed) -> bytes | None:
        # A batch may take long, and an office's mailbox change meanwhile.
        is_fresh = abs(clock() - claimed_at) <= FRESH
        if not is_fresh and not await outbox.is_ours(database, delivery, owner):
            return None
        return await _whole(database, seal, delivery)

    async with database.read() as session:
        if await channel.is_paused(session, claimed_at):
            return 0
        limit = PROBES if await channel.is_failing(session) else BATCH
    claimed = await outbox.claim(database, owner, claimed_at, limit)
    if not claimed:
        return 0
    waiting = deque(claimed)
    try:
        async with Recorder(database, owner, clock) as recorder:
            lanes = [
                _send(waiting, relay_address, recorder, must_end, ready)
                for _ in range(LANES if len(claimed) >= MANY else 1)
            ]
            for ended in await asyncio.gather(*lanes, return_exceptions=True):
                if ended is not None:
                    raise ended
    finally:
        if waiting:
            async with database.write() as session:
                await outbox.release(session, waiting, owner)
    return len(claimed)


async def _send(
    waiting: deque[Claimed],
    relay_address: SmtpAddress,
    recorder: Recorder,
    must_end: Callable[[], bool],
    ready: Callable[[Claimed], Awaitable[bytes | None]],
) -> None:
    """Send over one connection until the batch is empty or the relay fails."""
    async with Relay(relay_address) as relay:
        while waiting and not must_end() and not recorder.relay_failed:
            delivery = waiting.popleft()
            try:
                raw = await ready(delivery)
            except InvalidToken as error:  # It goes on when the key is back, by the team's retry.
                await recorder.note(delivery, Outcome(Result.UNBUILDABLE, type(error).__name__))
                continue
            if raw is None:
                continue
            with timed("smtp", delivery.trace):
                outcome = await relay.send(raw, delivery.envelope_from, delivery.recipient)
            await recorder.note(delivery, outcome)


async def _whole(database: Database, seal: SentenceSeal | None, delivery: Claimed) -> bytes:
    """Return the mail's bytes with its files, the same at every retry.

    Raises:
        InvalidToken: a file can't be opened with this key.
    """
    if not delivery.attached:
        return delivery.raw
    if seal is None:
        raise InvalidToken
    number = delivery.request_number or ""
    async with database.read() as session:
        files = (await files_of(session, [number])).get(number, [])
    contents = await contents_of(database, seal, files)
    return await asyncio.to_thread(with_attachments, delivery.raw, contents)
