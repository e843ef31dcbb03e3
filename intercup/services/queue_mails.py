"""Put an office's mail and the citizen's copy of it into the outbox."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Delivery, Request
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
        Delivery(
            request_number=request.number,
            role=role,
            hop=mail.hop,
            envelope_from=mails.envelope_from(mail.message_id, role, recipient),
            recipient=recipient,
            message_id=mail.message_id,
            raw=raw,
            state="queued",
            attempts=0,
            next_attempt_at=at,
            created_at=at,
        )
        for role, recipient, raw in recipients
    )
