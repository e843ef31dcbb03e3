"""Compose the mails about an office's new mailbox: the code to it, the notice to the old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from intercup.domain.italian_time import italian_time
from intercup.mail.compose import notice, template

_CODE, _NOTICE = template("mailbox_code.txt"), template("mailbox_notice.txt")


@dataclass(frozen=True)
class MailboxMail:
    """Content of both mails: the office, whom to ask, the recipient. `sent_at` is aware."""

    office: str
    contact: str
    address: str
    sent_at: datetime
    mail_from: str


def compose_mailbox_code(mail: MailboxMail, code: str, expires_at: datetime) -> tuple[str, bytes]:
    """Return the Message-ID and the mail with the code, ready for SMTP."""
    body = _CODE.format(
        office=mail.office, contact=mail.contact, code=code, until=italian_time(expires_at)
    )
    subject = "Codice per la casella di un ufficio"
    return notice(mail.mail_from, mail.address, mail.sent_at, subject, body)


def compose_mailbox_notice(mail: MailboxMail, addresses: Sequence[str]) -> tuple[str, bytes]:
    """Return the Message-ID and the mail that names an office's mailboxes, ready for SMTP."""
    listed = "\n".join(f"    {address}" for address in addresses)
    body = _NOTICE.format(office=mail.office, contact=mail.contact, addresses=listed)
    subject = "La casella di un ufficio è cambiata"
    return notice(mail.mail_from, mail.address, mail.sent_at, subject, body)
