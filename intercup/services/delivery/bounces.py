"""Mark returned mails, an office's as held and a citizen's copy as failed; keep PEC receipts."""

import hashlib
import logging
from collections.abc import Sequence
from enum import Enum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import BounceReport, Delivery
from intercup.domain.delivery import DeliveryState, refused_state
from intercup.domain.pec import ReceiptKind
from intercup.mail.bounce_address import ReportAddress
from intercup.mail.bounce_report import Report, Verdict, read_report
from intercup.services.delivery.news import tell_the_conversations
from intercup.services.delivery.outbox import change_state
from intercup.services.delivery.receipts import keep_receipt, mails_named

logger = logging.getLogger(__name__)


class Handled(Enum):
    """The outcome of a message in the mailbox for reports."""

    MARKED = "marked"
    RECEIPT = "receipt"  # of certified mail, about a mail that goes on
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"  # no sent mail of ours matches
    IGNORED = "ignored"  # it reports no failure


async def handle_message(
    database: Database, address: ReportAddress, raw: bytes, now: float
) -> Handled:
    """Mark the mail reported as failed, keep a receipt; the same message again changes nothing.

    Raises:
        Unavailable: the database failed; nothing was marked.
    """
    report = read_report(raw, address)
    if report.verdict is Verdict.NOT_OURS:
        return Handled.UNKNOWN
    if report.verdict is not Verdict.FAILED and report.notice is None:
        return Handled.IGNORED
    sha256 = hashlib.sha256(raw).hexdigest()
    async with database.write() as session:
        if await session.get(BounceReport, sha256) is not None:
            return Handled.DUPLICATE
        mails = await _mails_of(session, report)
        if not mails:
            return Handled.UNKNOWN
        failed = report.verdict is Verdict.FAILED
        doubtful = failed and len(mails) > 1 and not _names_the_recipient(report)
        kept = [
            mail
            for mail in mails
            if report.notice
            and await keep_receipt(session, mail, report.notice, sha256, now, doubtful=doubtful)
        ]
        to_mark = mails if failed and not doubtful else ()
        marked = [mail for mail in to_mark if await _mark(session, mail, report.status)]
        if not kept and not marked:
            return Handled.DUPLICATE if failed or report.status in ReceiptKind else Handled.IGNORED
        session.add(BounceReport(sha256=sha256, seen_at=now))
        await tell_the_conversations(session, marked, {mail.id: mail.state for mail in marked})
    if doubtful:
        ids = ", ".join(str(mail.id) for mail in mails)
        logger.error("ALARM one of the deliveries %s failed: %s", ids, report.status)
    for mail in marked:
        level = logging.ERROR if mail.state == DeliveryState.HELD else logging.WARNING
        logger.log(level, "ALARM delivery %s %s: %s", mail.id, mail.state, mail.last_error)
    return Handled.MARKED if marked else Handled.RECEIPT


def _names_the_recipient(report: Report) -> bool:
    """Return True unless a notice is about all recipients that its mail has in its headers."""
    return report.notice is None or report.notice.names_the_recipient


async def _mails_of(session: AsyncSession, report: Report) -> Sequence[Delivery]:
    if report.notice and not report.envelope_from:
        return await mails_named(session, report.notice)
    # Each row has an envelope sender of its own, which nobody can forge.
    of_sender = Delivery.envelope_from == report.envelope_from
    return (await session.scalars(select(Delivery).where(of_sender).with_for_update())).all()


async def _mark(session: AsyncSession, delivery: Delivery, status: str) -> bool:
    """Change the state of a sent mail; one that is queued or being sent again stays as it is."""
    changed = await session.execute(
        change_state(
            DeliveryState.SENT,
            # A mail without its body, after its time or an erasure, can't be sent again.
            to=refused_state(delivery.role, can_be_sent_again=bool(delivery.raw)),
        )
        .where(Delivery.id == delivery.id)
        .values(last_error=f"bounce {status}".strip())
        .returning(Delivery.id)
    )
    if changed.scalar_one_or_none() is None:
        return False
    await session.refresh(delivery)
    return True
