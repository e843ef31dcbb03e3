"""Put an office's mail and the citizen's copy of it into the outbox."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.outbox import queued
from intercup.db.tables import Request
from intercup.domain.directory import Office
from intercup.mail.compose import MailSettings


@dataclass(frozen=True)
class OfficeMail:
    """A mail to an office, final to the byte; the copy differs from it in the link only."""

    hop: int
    office: Office
    message_id: str
    raw: bytes
    copy_raw: bytes


def queue_mail(
    writing: AsyncSession, request: Request, mail: OfficeMail, mails: MailSettings, at: float
) -> None:
    """Add a delivery for each address of the office and one for the citizen."""
    recipients = [("office", address, mail.raw) for address in mail.office.addresses]
    recipients.append(("copy", request.email, mail.copy_raw))
    writing.add_all(
        queued(
            role,
            mails.envelope_from(mail.message_id, role, recipient),
            recipient,
            (mail.message_id, raw),
            at,
            request.number,
            mail.hop,
        )
        for role, recipient, raw in recipients
    )
