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
from intercup.mail.smtp import Outcome, Relay, Result, SmtpAddress
from intercup.services.conversations import add_event

BATCH = 20  # deliveries claimed at a time

logger = logging.getLogger(__name__)


async def deliver_due(
    database: Database,
    relay_address: SmtpAddress,
    owner: str,
    clock: Callable[[], float] = time.time,
) -> int:
    """Send one batch of due deliveries and return how many were tried.

    Raises:
        Unavailable: the database failed; the leases end by themselves.
    """
    claimed = await outbox.claim(database, owner, clock(), BATCH)
    if not claimed:
        return 0
    async with Relay(relay_address) as relay:
        down: Outcome | None = None
        for delivery in claimed:
            # Once the relay is down the rest of the batch goes back without an attempt.
            outcome = down or await relay.send(
                delivery.raw, delivery.envelope_from, delivery.recipient
            )
            await _write_down(database, delivery, owner, outcome, clock(), pause=down is None)
            if outcome.result is Result.CHANNEL_DOWN:
                down = outcome
    return len(claimed)


async def _write_down(
    database: Database, delivery: Claimed, owner: str, outcome: Outcome, now: float, *, pause: bool
) -> None:
    async with database.write() as session:
        state = await outbox.record(session, delivery, owner, outcome, now)
        if outcome.result is Result.CHANNEL_DOWN and pause:
            seconds = await outbox.channel_failed(session, outcome.reason, now)
            logger.error("ALARM relay down: %s, pause %.0f s", outcome.reason, seconds)
        if outcome.result is Result.SENT and await outbox.channel_works(session):
            logger.warning("relay works again")
        if state in ("sent", "held", "failed"):
            await _tell_the_chat(session, delivery)
    if state is None:
        logger.error("ALARM delivery %s: lease lost before its result", delivery.id)
    elif state in ("held", "failed"):
        level = logging.ERROR if state == "held" else logging.WARNING
        logger.log(level, "ALARM delivery %s %s: %s", delivery.id, state, outcome.reason)
    else:
        logger.info("delivery %s %s %s", delivery.id, state, outcome.reason)


async def _tell_the_chat(session: AsyncSession, delivery: Claimed) -> None:
    """Add a line to the citizen's chat once the office's mails, or the copy, have an end."""
    states = (
        await session.scalars(
            select(Delivery.state).where(
                Delivery.request_number == delivery.request_number,
                Delivery.role == delivery.role,
            )
        )
    ).all()
    request = await session.get(Request, delivery.request_number)
    if request is None or request.conversation_id is None:
        return
    end = overall_state(states)
    if end in ("sent", "held") and not (delivery.role == "copy" and end == "sent"):
        event = {"kind": "delivery", "role": delivery.role, "state": end, "number": request.number}
        await add_event(session, request.conversation_id, event, request.office_name)


def overall_state(states: Iterable[str]) -> str:
    """Sum up the states of one mail's deliveries: held before queued before sent."""
    found = set(states)
    if found & {"held", "failed"}:
        return "held"
    return "sent" if found == {"sent"} else "queued"
