"""Send what is due in the outbox and write down how it went."""

import logging
import time
from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db import outbox
from intercup.db.engine import Database
from intercup.db.outbox import Claimed
from intercup.db.tables import Delivery, Request
from intercup.domain.retry import LEASE
from intercup.mail.smtp import ANSWER_TIMEOUT, Outcome, Relay, Result, SmtpAddress
from intercup.services.conversations import add_event

BATCH = 20  # deliveries claimed at a time

logger = logging.getLogger(__name__)


async def deliver_due(
    database: Database,
    relay_address: SmtpAddress,
    owner: str,
    clock: Callable[[], float] = time.time,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send one batch of due deliveries and return how many were claimed.

    Raises:
        Unavailable: the database failed; the leases end by themselves.
    """
    claimed_at = clock()
    claimed = await outbox.claim(database, owner, claimed_at, BATCH)
    tried = 0
    async with Relay(relay_address) as relay:
        for delivery in claimed:
            # A lease must outlast the slowest transaction that is begun under it.
            if stopping() or abs(clock() - claimed_at) > LEASE - ANSWER_TIMEOUT:
                break
            tried += 1
            outcome = await relay.send(delivery.raw, delivery.envelope_from, delivery.recipient)
            await _write_down(database, delivery, owner, outcome, clock())
            if delivery.pauses_the_channel(outcome):
                break
    if claimed[tried:]:
        async with database.write() as session:
            await outbox.release(session, claimed[tried:], owner)
    return len(claimed)


async def _write_down(
    database: Database, delivery: Claimed, owner: str, outcome: Outcome, now: float
) -> None:
    async with database.write() as session:
        state = await outbox.record(session, delivery, owner, outcome, now)
        if delivery.pauses_the_channel(outcome):
            seconds = await outbox.channel_failed(session, outcome.reason, now)
            logger.error("ALARM relay down: %s, pause %.0f s", outcome.reason, seconds)
        if outcome.result is Result.SENT and await outbox.channel_works(session):
            logger.warning("relay works again")
        if state in ("sent", "held", "failed"):
            await _tell_the_chat(session, delivery, state)
    if state is None:
        logger.error("ALARM delivery %s: lease lost before its result", delivery.id)
    elif state in ("held", "failed"):
        level = logging.ERROR if state == "held" else logging.WARNING
        logger.log(level, "ALARM delivery %s %s: %s", delivery.id, state, outcome.reason)
    else:
        logger.info("delivery %s %s %s", delivery.id, state, outcome.reason)


async def _tell_the_chat(session: AsyncSession, delivery: Claimed, state: str) -> None:
    """Add a line to the citizen's chat when the office has it all, or at the first refusal."""
    states = (
        await session.scalars(
            select(Delivery.state).where(
                Delivery.request_number == delivery.request_number,
                Delivery.role == delivery.role,
            )
        )
    ).all()
    end = overall_state(states)
    is_news = end == "sent" if state == "sent" else states.count(state) == 1
    request = await session.get(Request, delivery.request_number)
    if request is None or request.conversation_id is None or not is_news:
        return
    if delivery.role == "office" or end == "held":
        event = {"kind": "delivery", "role": delivery.role, "state": end, "number": request.number}
        await add_event(session, request.conversation_id, event, request.office_name)


def overall_state(states: Iterable[str]) -> str:
    """Sum up the states of one mail's deliveries: held before queued before sent."""
    found = set(states)
    if found & {"held", "failed"}:
        return "held"
    return "sent" if found == {"sent"} else "queued"
