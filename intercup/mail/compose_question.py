"""Compose the mail that asks the citizen whether the office has answered. Pure, like compose."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address

from intercup.domain.italian_time import italian_day
from intercup.mail.compose import (
    OfficeLink,
    RequestMail,
    message_id_of,
    office_message,
    put_in_thread,
    subject_of,
    template,
    with_courtesy,
)

_BODY = template("question.txt")


@dataclass(frozen=True)
class QuestionMail:
    """The question about a request at the office of a hop; `original` names that office."""

    original: RequestMail
    hop: int
    at: datetime
    link: OfficeLink


def question_id(mail: QuestionMail) -> str:
    """Return the Message-ID, of which a request has one."""
    return message_id_of(f"{mail.original.number}.q", mail.original.mail_from)


def compose_question(mail: QuestionMail) -> bytes:
    """Return the mail to the citizen alone, ready for SMTP, in the thread of the request."""
    original = mail.original
    message = office_message(original, original.office, mail.at, is_copy=True)
    for name in ("To", "Cc", "Message-ID"):
        del message[name]
    message["To"] = Address(addr_spec=original.citizen.email)
    message["Message-ID"] = question_id(mail)
    message["Subject"] = subject_of(original, "Ha avuto risposta?")
    put_in_thread(message, original, mail.hop)
    body = _BODY.format(
        number=original.number,
        created_at=italian_day(original.created_at),
        office=original.office.name,
        url=mail.link.url,
        until=italian_day(mail.link.expires_at),
    )
    key = "mail.courtesy_question"
    return with_courtesy(message, body, key, original.number, original.reader)
