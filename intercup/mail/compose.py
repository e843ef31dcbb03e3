"""Compose the mails. Pure: the same input gives the same bytes."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from enum import Enum
from pathlib import Path
from uuid import uuid4

from intercup.administration import administration
from intercup.domain.consent import ConsentText
from intercup.domain.directory import Category, Office
from intercup.domain.italian_time import ROME, italian_day, italian_time
from intercup.domain.request import Citizen
from intercup.languages.catalogues import ITALIAN
from intercup.texts import TEXTS, said


class _Headers(HeaderRegistry):
    """The standard library's headers; it makes a class anew for each header of each mail."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        if name not in self._classes:
            self._classes[name] = super().__getitem__(name)
        return self._classes[name]


# A paragraph is one line, which quoted-printable wraps on the way (ADR 28).
BODY = SMTP.clone(max_line_length=72, header_factory=_Headers())
# At the usual 78 characters a long subject would start on a continuation line.
HEADERS = SMTP.clone(max_line_length=200)
RULE = 30  # characters, which fit on a phone
# Suppresses automatic answers, which nobody reads; not NDR, as failure reports are read.
_NO_ANSWERS = "DR, RN, NRN, OOF, AutoReply"  # Source: MS-OXCMAIL, X-Auto-Response-Suppress


def template(name: str) -> str:
    """Read a mail's template, with the administration's names."""
    return administration().named((Path(__file__).parent / name).read_text("utf-8"))


_BODY, _FOOT = template("request.txt"), template("foot.txt")
_CODE_BODY = (Path(__file__).parent / "code.txt").read_text("utf-8")
# Others' words are quoted, so that no line of theirs is a link.
_LINK_LINE = re.compile(r"^https?://\S+/inoltra/(\S+)$", re.MULTILINE)
_OFFICE_LINK, _COPY_NOTE = template("office_link.txt"), template("copy_note.txt")
_COPY_FOOT = template("copy_foot.txt")
_FILES_NOTE = template("files_note.txt").format(days=administration().retention.mail_days)
_SENDER, _MARK = map(administration().named, ("InterCup Assistenza", "[InterCup]"))
# Before login only the address is proved.
NO_NAME = "non identificato (scrive prima dell'accesso)"


class FilesWay(Enum):
    """The office's way to a request's files: attached, or on the page behind its link."""

    MAIL = 1
    PAGE = 2


@dataclass(frozen=True)
class OfficeLink:
    """The link by which an office forwards a request. `expires_at` is aware."""

    url: str
    expires_at: datetime
    files: FilesWay | None = None


@dataclass(frozen=True)
class RequestMail:
    """Content of the mail about a request; the citizen's copy has no link. `created_at` is aware.

    `structure_name` is empty for a request without a structure.
    """

    number: str
    category: Category
    structure_name: str
    office: Office
    citizen: Citizen
    texts: tuple[tuple[str, str], ...]  # label and text of each field in the citizen's own words
    consents: tuple[ConsentText, ...]
    created_at: datetime
    mail_from: str
    language: str | None = None  # ISO 639-1, if the texts aren't in Italian
    reader: str | None = None  # ISO 639-1, if the citizen's copies have a note in another language
    link: OfficeLink | None = None


@dataclass(frozen=True)
class CodeMail:
    """Content of the mail with a code, without the citizen's words. Times are aware."""

    code: str
    address: str
    sent_at: datetime
    expires_at: datetime
    mail_from: str
    language: str = ITALIAN


def compose_code(mail: CodeMail) -> tuple[str, bytes]:
    """Return the Message-ID and the mail that proves an address, ready for SMTP."""
    until = f"{mail.expires_at.astimezone(ROME):%H:%M}"
    body = said("mail/code.txt", _CODE_BODY, mail.language).format(code=mail.code, until=until)
    key = "mail.code_subject"
    subject = said(key, TEXTS.written(key), mail.language)
    return notice(mail.mail_from, mail.address, mail.sent_at, subject, body, mail.language)


def notice(
    mail_from: str,
    address: str,
    sent_at: datetime,
    subject: str,
    body: str,
    language: str = ITALIAN,
) -> tuple[str, bytes]:
    """Return the Message-ID and a mail that belongs to no request, ready for SMTP."""
    message_id = f"<{uuid4().hex}@{mail_from.rpartition('@')[2]}>"
    message = EmailMessage(policy=BODY)
    message["From"] = Address(_SENDER, addr_spec=mail_from)
    message["To"] = Address(addr_spec=address)
    message["Subject"] = f"{_MARK} {subject}"
    message["Date"] = sent_at
    message["Message-ID"] = message_id
    mark_as_automatic(message)
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = language
    return message_id, message.as_bytes(policy=HEADERS)


def mark_as_automatic(message: EmailMessage) -> None:
    """Keep absence notes and read receipts from answering. Source: RFC 3834."""
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = _NO_ANSWERS


def message_id_of(number: str, mail_from: str, hop: int = 0, addition: int = 0) -> str:
    """Return the Message-ID, the same at every retry, so that a duplicate can be recognised."""
    local = f"{number.lower()}.{hop}" if hop else number.lower()
    local += f".a{addition}" if addition else ""
    return f"<{local}@{mail_from.rpartition('@')[2]}>"


def compose_request(mail: RequestMail) -> bytes:
    """Return the mail with CRLF line ends, ready for SMTP, without citizen's text in headers."""
    message = office_message(mail, mail.office, mail.created_at, is_copy=mail.link is None)
    message["Subject"] = subject_of(mail)
    return with_body(message, mail, request_text(mail), mail.link, is_copy=mail.link is None)


def subject_of(mail: RequestMail, kind: str = "") -> str:
    """Return the subject; it names the structure, as a mailbox may serve several; `kind` first."""
    about = (kind, mail.category.subject, mail.structure_name, f"richiesta {mail.number}")
    return f"{_MARK} {' - '.join(filter(None, about))}"


def office_message(
    mail: RequestMail,
    office: Office,
    sent_at: datetime,
    hop: int = 0,
    addition: int = 0,
    *,
    is_copy: bool,
) -> EmailMessage:
    """Return the headers, all but the subject, of a mail about a request to an office.

    Reply-To is the citizen in the office's mail, and the office in the citizen's copy.
    """
    message = EmailMessage(policy=BODY)
    message["From"] = Address(_SENDER, addr_spec=mail.mail_from)
    to, citizen = [Address(addr_spec=each) for each in office.addresses], mail.citizen.email
    message["To"] = to
    message["Cc"] = Address(addr_spec=citizen)
    message["Reply-To"] = to if is_copy else Address(addr_spec=citizen)
    message["Date"] = sent_at
    message["Message-ID"] = message_id_of(mail.number, mail.mail_from, hop, addition)
    mark_as_automatic(message)
    return message


def with_body(
    message: EmailMessage,
    about: RequestMail,
    text: str,
    link: OfficeLink | None,
    *,
    is_copy: bool,
) -> bytes:
    """Return the mail with text, link if there is one (or the copy's note about it) and foot.

    A copy for somebody who reads another language begins with a note in it.
    """
    about_link, foot = (_COPY_NOTE, _COPY_FOOT) if is_copy else ("", _FOOT)
    if link:
        about_link = _OFFICE_LINK.format(url=link.url, until=italian_day(link.expires_at))
        about_link += _FILES_NOTE if link.files is FilesWay.PAGE else ""
    reader = about.reader if is_copy else None
    body = "\n".join(filter(None, (text, about_link, foot)))
    return with_courtesy(message, body, "mail.courtesy", about.number, reader)


def with_courtesy(
    message: EmailMessage, body: str, key: str, number: str, reader: str | None
) -> bytes:
    """Return the Italian mail, under a note for somebody who reads another language."""
    if not reader:
        return finished(message, body)
    note = said(key, TEXTS.written(key), reader).format(number=number)
    return finished(message, f"{note}\n\n{'=' * RULE}\n\n{body}", f"{reader}, {ITALIAN}")


def with_files_on_page(raw: bytes) -> bytes:
    """Return a mail whose files were to be attached, with the note that its page gives them."""
    message, body = _read(raw)
    text, mark, foot = body.rpartition("\n--\n")  # The mail may be older than today's foot.
    return finished(message, f"{text}{_FILES_NOTE}{mark}{foot}")


def link_token_in(raw: bytes) -> str | None:
    """Return the token of the link in a mail to an office; None if it has no link."""
    found = _LINK_LINE.search(_read(raw)[1])
    return found[1] if found else None


def _read(raw: bytes) -> tuple[EmailMessage, str]:
    """Return a mail that was composed here, and its body with LF line ends."""
    message = message_from_bytes(raw, EmailMessage, policy=BODY)
    return message, message.get_content().replace("\r\n", "\n")


def finished(message: EmailMessage, body: str, languages: str = ITALIAN) -> bytes:
    """Return the mail about a request with its whole body."""
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = languages  # set_content drops earlier Content-* headers
    return message.as_bytes(policy=HEADERS)


def put_in_thread(message: EmailMessage, original: RequestMail, hop: int) -> None:
    """Let the mail answer that of a hop, in the thread of the request."""
    thread = [message_id_of(original.number, original.mail_from, each) for each in (0, hop)]
    message["In-Reply-To"] = thread[-1]
    message["References"] = " ".join(dict.fromkeys(thread))


def section(label: str, text: str) -> str:
    """Return a text of the citizen's, quoted under its label."""
    return f"{label}\n{'-' * min(len(label), RULE)}\n{quoted(text)}"


def facts_of(mail: RequestMail) -> dict[str, str]:
    """Return the first lines' values, by their names in the templates."""
    return {
        "number": mail.number,
        "category": mail.category.label,
        "structure": mail.structure_name or TEXTS("input.no_structure"),
        "citizen": " ".join(mail.citizen.full_name.split()) or NO_NAME,
        "email": mail.citizen.email,
        "office": mail.office.name,
    }


def request_text(mail: RequestMail) -> str:
    """Return the body's text: the request with its number, citizen and consents."""
    local_time = italian_time(mail.created_at)
    language = TEXTS(f"language.{mail.language}") if mail.language else ""
    return _BODY.format(
        **facts_of(mail),
        created_at=local_time,
        language=language and f"\nLingua del testo: {language}",
        texts="\n\n".join(section(label, text) for label, text in mail.texts),
        consents="\n".join(
            f"[X] {consent.text}\n"
            f"    accettato il {local_time}, versione del testo {consent.version}"
            for consent in mail.consents
        ),
    )


def quoted(text: str) -> str:
    """Prefix every line as a quotation, so that it can't pass for the service's own words."""
    return "\n".join(f"> {line}" if line else ">" for line in text.splitlines() or [""])
