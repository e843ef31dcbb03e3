"""Compose the mail about a citizen's addition to a request. Pure, like compose."""

from dataclasses import dataclass
from datetime import datetime

from intercup.domain.addition import AdditionKind
from intercup.domain.italian_time import italian_time
from intercup.mail.compose import (
    OfficeLink,
    RequestMail,
    facts_of,
    office_message,
    put_in_thread,
    section,
    subject_of,
    template,
    with_body,
)
from intercup.texts import TEXTS

_BODY = template("addition.txt")


@dataclass(frozen=True)
class AdditionMail:
    """An addition on its way to the office of the request's hop; `at` is aware."""

    original: RequestMail
    hop: int
    addition: int  # counts from 1
    kind: AdditionKind
    text: str
    at: datetime
    link: OfficeLink | None = None  # none once the team has revoked the hop's
    is_copy: bool = False  # for the citizen


def compose_addition(mail: AdditionMail) -> bytes:
    """Return the mail, ready for SMTP, in the thread of the request's mails."""
    original, subject = mail.original, TEXTS(f"addition.{mail.kind}")
    message = office_message(
        original, original.office, mail.at, mail.hop, mail.addition, is_copy=mail.is_copy
    )
    message["Subject"] = subject_of(original, subject)
    put_in_thread(message, original, mail.hop)
    text = _BODY.format(
        **facts_of(original),
        opening=TEXTS(f"addition.{mail.kind}_opening"),
        at=italian_time(mail.at),
        text=f"\n\n{section(subject, mail.text)}" if mail.text else "",
    )
    return with_body(message, original, text, mail.link, is_copy=mail.is_copy)
