"""Compose the mails. Pure: the same input gives the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from textwrap import fill
from zoneinfo import ZoneInfo

from intercup.domain.consent import ConsentText
from intercup.domain.directory import Category, Office, Structure
from intercup.domain.request import Sender

LINE = 72  # characters
ROME = ZoneInfo("Europe/Rome")
_BODY = (Path(__file__).parent / "request.txt").read_text("utf-8")


@dataclass(frozen=True)
class RequestMail:
    """What the mail about a request says. `created_at` is aware."""

    number: str
    category: Category
    structure: Structure | None
    office: Office
    sender: Sender
    description: str
    consents: tuple[ConsentText, ...]
    created_at: datetime
    mail_from: str


def message_id_of(number: str, mail_from: str) -> str:
    """Return the Message-ID: the same at every retry, so that a double can be recognised."""
    return f"<{number.lower()}@{mail_from.rpartition('@')[2]}>"


def compose_request(mail: RequestMail) -> bytes:
    """Return the mail with CRLF line ends, ready for SMTP. No header holds the citizen's text."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("InterCup Assistenza", addr_spec=mail.mail_from)
    message["To"] = [Address(addr_spec=address) for address in mail.office.addresses]
    message["Cc"] = Address(addr_spec=mail.sender.email)
    message["Reply-To"] = Address(addr_spec=mail.sender.email)
    message["Subject"] = f"[InterCup] {mail.category.subject} - richiesta {mail.number}"
    message["Date"] = mail.created_at
    message["Message-ID"] = message_id_of(mail.number, mail.mail_from)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body_of(mail), charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = "it"  # set_content drops earlier Content-* headers
    return message.as_bytes()


def _body_of(mail: RequestMail) -> str:
    local_time = f"{mail.created_at.astimezone(ROME):%d/%m/%Y alle %H:%M:%S}"
    return _BODY.format(
        number=mail.number,
        category=mail.category.label,
        structure=mail.structure.name if mail.structure else "Nessuna struttura in particolare",
        citizen=mail.sender.full_name,
        email=mail.sender.email,
        created_at=local_time,
        office=mail.office.name,
        description=mail.description,
        consents="\n".join(
            f"{fill(f'[X] {consent.text}', LINE, subsequent_indent='    ')}\n"
            f"    accettato il {local_time}, versione del testo {consent.version}"
            for consent in mail.consents
        ),
    )
