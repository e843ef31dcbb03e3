"""Compose the mail that passes a request on to another office. Pure, like compose."""

from dataclasses import dataclass
from datetime import datetime

from intercup.domain.directory import Office
from intercup.domain.forwarding import Hop
from intercup.domain.italian_time import italian_time
from intercup.mail.compose import (
    OfficeLink,
    RequestMail,
    message_id_of,
    office_message,
    quoted,
    request_text,
    subject_of,
    template,
    with_body,
)

_BODY, _NOTE = template("forward.txt"), template("forward_note.txt")


@dataclass(frozen=True)
class ForwardMail:
    """A request on its way to another office; `hop` counts from 1. `at` is aware."""

    original: RequestMail
    hop: int
    from_office: str
    office: Office
    note: str
    at: datetime
    earlier: tuple[Hop, ...] = ()
    link: OfficeLink | None = None


def compose_forward(mail: ForwardMail) -> bytes:
    """Return the mail, ready for SMTP, without text of office or citizen in headers."""
    original = mail.original
    is_copy = mail.link is None
    message = office_message(original, mail.office, mail.at, mail.hop, is_copy=is_copy)
    message["Subject"] = subject_of(original, "Inoltro")
    for name in ("In-Reply-To", "References"):
        message[name] = message_id_of(original.number, original.mail_from)
    return with_body(message, original, _text_of(mail), mail.link, is_copy=is_copy)


def _text_of(mail: ForwardMail) -> str:
    return _BODY.format(
        from_office=mail.from_office,
        to_office=mail.office.name,
        at=italian_time(mail.at),
        earlier="".join(
            f"Già inoltrata il {italian_time(hop.at)} da: {hop.from_office}\n"
            for hop in mail.earlier
        ),
        note=_NOTE.format(note=quoted(mail.note)) if mail.note else "",
        original=quoted(request_text(mail.original)),
    )
