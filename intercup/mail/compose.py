"""Compose the mails. Pure: the same input gives the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from textwrap import fill
from uuid import uuid4

from intercup.domain.consent import ConsentText
from intercup.domain.directory import Category, Office
from intercup.domain.italian_time import ROME, italian_day, italian_time
from intercup.domain.request import Citizen
from intercup.mail.bounce_address import BounceAddress

LINE = 72  # characters
# A subject just over the usual 78 characters would begin on its second line, as few mails do.
_HEADERS = SMTP.clone(max_line_length=120)


def template(name: str) -> str:
    """Read a mail's template."""
    return (Path(__file__).parent / name).read_text("utf-8")


_BODY, _FOOT, _CODE_BODY = template("request.txt"), template("foot.txt"), template("code.txt")
_OFFICE_LINK, _COPY_NOTE = template("office_link.txt"), template("copy_note.txt")
# Whoever writes before login has proved an address, nothing else.
NO_NAME = "non identificato (scrive prima dell'accesso)"


@dataclass(frozen=True)
class MailSettings:
    """What mails take from the settings: who sends them, where our pages are, where reports go."""

    mail_from: str
    base_url: str
    bounces: BounceAddress | None = None  # None: nobody reads delivery reports

    def envelope_from(self, message_id: str, role: str, recipient: str) -> str:
        """Return the envelope sender of a mail to one recipient; always the same."""
        return self.bounces.of(message_id, role, recipient) if self.bounces else self.mail_from


@dataclass(frozen=True)
class OfficeLink:
    """The link by which an office forwards a request. `expires_at` is aware."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class RequestMail:
    """What the mail about a request says; the citizen's copy has no link. `created_at` is aware."""

    number: str
    category: Category
    structure_name: str
    office: Office
    citizen: Citizen
    texts: tuple[tuple[str, str], ...]  # label and text of each field in the citizen's own words
    consents: tuple[ConsentText, ...]
    created_at: datetime
    mail_from: str
    link: OfficeLink | None = None


@dataclass(frozen=True)
class CodeMail:
    """What the mail with a code says: nothing that the citizen wrote. Times are aware."""

    code: str
    address: str
    sent_at: datetime
    expires_at: datetime
    mail_from: str


def compose_code(mail: CodeMail) -> tuple[str, bytes]:
    """Return the Message-ID and the mail that proves an address, ready for SMTP."""
    until = f"{mail.expires_at.astimezone(ROME):%H:%M}"
    body = _CODE_BODY.format(code=mail.code, until=until)
    return notice(mail.mail_from, mail.address, mail.sent_at, "Codice di verifica", body)


def notice(
    mail_from: str, address: str, sent_at: datetime, subject: str, body: str
) -> tuple[str, bytes]:
    """Return the Message-ID and a mail that belongs to no request, ready for SMTP."""
    message_id = f"<{uuid4().hex}@{mail_from.rpartition('@')[2]}>"
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("InterCup Assistenza", addr_spec=mail_from)
    message["To"] = Address(addr_spec=address)
    message["Subject"] = f"[InterCup] {subject}"
    message["Date"] = sent_at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = "it"
    return message_id, message.as_bytes()


def message_id_of(number: str, mail_from: str, hop: int = 0) -> str:
    """Return the Message-ID: the same at every retry, so that a double can be recognised."""
    local = f"{number.lower()}.{hop}" if hop else number.lower()
    return f"<{local}@{mail_from.rpartition('@')[2]}>"


def compose_request(mail: RequestMail) -> bytes:
    """Return the mail with CRLF line ends, ready for SMTP. No header holds the citizen's text."""
    message = office_message(mail, mail.office, mail.created_at)
    message["Subject"] = f"[InterCup] {mail.category.subject} - richiesta {mail.number}"
    return with_body(message, request_text(mail), mail.link)


def office_message(
    mail: RequestMail, office: Office, sent_at: datetime, hop: int = 0
) -> EmailMessage:
    """Return the headers, all but the subject, of a mail about a request to an office."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("InterCup Assistenza", addr_spec=mail.mail_from)
    message["To"] = [Address(addr_spec=address) for address in office.addresses]
    message["Cc"] = Address(addr_spec=mail.citizen.email)
    message["Reply-To"] = Address(addr_spec=mail.citizen.email)
    message["Date"] = sent_at
    message["Message-ID"] = message_id_of(mail.number, mail.mail_from, hop)
    message["Auto-Submitted"] = "auto-generated"
    return message


def with_body(message: EmailMessage, text: str, link: OfficeLink | None) -> bytes:
    """Return the mail with its text, the link or what the copy says of it, and the foot."""
    about_link = _COPY_NOTE
    if link:
        about_link = _OFFICE_LINK.format(url=link.url, until=italian_day(link.expires_at))
    body = "\n".join((text, about_link, _FOOT))
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = "it"  # set_content drops earlier Content-* headers
    return message.as_bytes(policy=_HEADERS)


def _section(label: str, text: str) -> str:
    return f"{label}\n{'-' * len(label)}\n{text}"


def request_text(mail: RequestMail) -> str:
    """Return what the citizen asked, with all that goes with it."""
    local_time = italian_time(mail.created_at)
    return _BODY.format(
        number=mail.number,
        category=mail.category.label,
        structure=mail.structure_name,
        citizen=mail.citizen.full_name or NO_NAME,
        email=mail.citizen.email,
        created_at=local_time,
        office=mail.office.name,
        texts="\n\n".join(_section(label, text) for label, text in mail.texts),
        consents="\n".join(
            f"{fill(f'[X] {consent.text}', LINE, subsequent_indent='    ')}\n"
            f"    accettato il {local_time}, versione del testo {consent.version}"
            for consent in mail.consents
        ),
    )
