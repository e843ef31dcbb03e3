"""Compose the mail that tells the technicians of trouble: numbers of deliveries, nothing else."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from uuid import uuid4

_BODY = (Path(__file__).parent / "alarm.txt").read_text("utf-8")


@dataclass(frozen=True)
class AlarmMail:
    """What is told. `sent_at` is aware."""

    lines: tuple[str, ...]
    address: str
    sent_at: datetime
    mail_from: str


def compose_alarm(mail: AlarmMail) -> tuple[str, bytes]:
    """Return the Message-ID and the mail, ready for SMTP."""
    message_id = f"<{uuid4().hex}@{mail.mail_from.rpartition('@')[2]}>"
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("InterCup Assistenza", addr_spec=mail.mail_from)
    message["To"] = Address(addr_spec=mail.address)
    message["Subject"] = "[InterCup] Posta ferma"
    message["Date"] = mail.sent_at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    body = _BODY.format(troubles="\n".join(mail.lines))
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = "it"
    return message_id, message.as_bytes()
