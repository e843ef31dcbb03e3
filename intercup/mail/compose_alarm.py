"""Compose the alarm mail to the technicians: ids of deliveries, names of hosts, no other data."""

from dataclasses import dataclass
from datetime import datetime

from intercup.mail.compose import notice, template

_BODY = template("alarm.txt")


@dataclass(frozen=True)
class AlarmMail:
    """Content of an alarm mail. `sent_at` is aware."""

    subject: str
    lines: tuple[str, ...]
    address: str
    sent_at: datetime
    mail_from: str


def compose_alarm(mail: AlarmMail) -> tuple[str, bytes]:
    """Return the Message-ID and the mail, ready for SMTP."""
    body = _BODY.format(troubles="\n".join(mail.lines))
    return notice(mail.mail_from, mail.address, mail.sent_at, mail.subject, body)
