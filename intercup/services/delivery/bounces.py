"""Mark returned mails: an office's mail is held, a citizen's copy has failed."""

import hashlib
import logging
from enum import Enum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import BounceReport, Delivery
from intercup.domain.delivery import DeliveryState, refused_state
from intercup.mail.bounce_address import BounceAddress
from intercup.mail.bounce_report import Report, Verdict, read_report
from intercup.services.delivery.news import tell_the_conversations
from intercup.services.delivery.outbox import change_state

logger = logging.getLogger(__name__)


class Handled(Enum):
    """The outcome of a message in the mailbox for reports."""

    MARKED = "marked"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"  # no sent mail of ours matches
    IGNORED = "ignored"  # it reports no failure


async def handle_message(
    database: Database, bounces: BounceAddress, raw: bytes, now: float
) -> Handled:
    """Mark the mail reported as failed; the same report again changes nothing.

    Raises:
        Unavailable: the database failed; nothing was marked.
    """
    report = read_report(raw, bounces)
    if report.verdict is Verdict.NOT_OURS:
        return Handled.UNKNOWN
    if report.verdict is not Verdict.FAILED:
        return Handled.IGNORED
    sha256 = hashlib.sha256(raw).hexdigest()
    async with database.write() as session:
        if await session.get(BounceReport, sha256) is not None:
            return Handled.DUPLICATE
        delivery = await _mark(session, report)
        if isinstance(delivery, Handled):
            return delivery
        session.add(BounceReport(sha256=sha256, seen_at=now))
        await tell_the_conversations(session, [delivery], {delivery.id: delivery.state})
    level = logging.ERROR if delivery.state == DeliveryState.HELD else logging.WARNING
    logger.log(level, "ALARM delivery %s %s: %s", delivery.id, delivery.state, delivery.last_error)
    return Handled.MARKED


async def _mark(session: AsyncSession, report: Report) -> Delivery | Handled:
    """Change the state of a sent mail; one that is queued or being sent again stays as it is."""
    # Each row has an envelope sender of its own, which nobody can forge.
    delivery = await session.scalar(
        select(Delivery)
        .where(Delivery.envelope_from == report.envelope_from)
        .with_for_update()
        .limit(1)
    )
    if delivery is None:
        return Handled.UNKNOWN
    changed = await session.execute(
        change_state(
            DeliveryState.SENT,
            # A mail without its body, after its time or an erasure, can't be sent again.
            to=refused_state(delivery.role, can_be_sent_again=bool(delivery.raw)),
        )
        .where(Delivery.id == delivery.id)
        .values(last_error=f"bounce {report.status}".strip())
        .returning(Delivery.id)
    )
    if changed.scalar_one_or_none() is None:
        return Handled.DUPLICATE
    await session.refresh(delivery)
    return delivery
