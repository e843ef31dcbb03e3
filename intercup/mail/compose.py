"""Compose the mails. Pure: the same input gives the same bytes."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from textwrap import fill
from uuid import uuid4
from zoneinfo import ZoneInfo

from intercup.domain.consent import ConsentText
from intercup.domain.directory import Category, Office, Structure
from intercup.domain.request import Sender

LINE = 72  # characters
ROME = ZoneInfo("Europe/Rome")
_BODY = (Path(__file__).parent / "request.txt").read_text("utf-8")
_CODE_BODY = (Path(__file__).parent / "code.txt").read_text("utf-8")
# Whoever writes before login has proved an address, nothing else.
NO_NAME = "non identificato (scrive prima dell'accesso)"


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
    message_id = f"<{uuid4().hex}@{mail.mail_from.rpartition('@')[2]}>"
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("InterCup Assistenza", addr_spec=mail.mail_from)
    message["To"] = Address(addr_spec=mail.address)
    message["Subject"] = "[InterCup] Codice di verifica"
    message["Date"] = mail.sent_at
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    until = f"{mail.expires_at.astimezone(ROME):%H:%M}"
    body = _CODE_BODY.format(code=mail.code, until=until)
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = "it"
    return message_id, message.as_bytes()


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
    structure = mail.structure.name if mail.structure else "Nessuna struttura in particolare"
    local_time = f"{mail.created_at.astimezone(ROME):%d/%m/%Y alle %H:%M:%S}"
    return _BODY.format(
        number=mail.number,
        category=mail.category.label,
        structure=structure,
        citizen=mail.sender.full_name or NO_NAME,
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
