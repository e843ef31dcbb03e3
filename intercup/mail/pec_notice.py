"""Read the notice of a certified mail (PEC) server about a mail sent to it.

Source: DM 2 novembre 2005, Regole tecniche della posta elettronica certificata, 6.3 to 6.5.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from lxml import etree

from intercup.mail.delivery_status import parts_of

DATA = "daticert.xml"
_KIND = re.compile(r"<postacert [^<>]*?tipo=[\"']([a-z-]{1,40})[\"']")
HEAD = 4_096  # characters of daticert.xml, whose first element names the kind
DATA_MAX = 65_536  # bytes
TEXT_MAX = 500  # characters of an element's text


@dataclass(frozen=True)
class PecNotice:
    """A notice's kind, and the mail that it is about.

    `message_id` has its angle brackets; `recipients` are in lower case. What isn't told is empty.
    """

    kind: str
    message_id: str = ""
    recipients: frozenset[str] = frozenset()
    names_the_recipient: bool = False  # else `recipients` are all those of the mail
    identifier: str = ""  # given by the server that issued it
    at: float | None = None  # seconds since 1970


def carried_by(envelope: Message) -> Message | None:
    """Return the mail inside a transport envelope (X-Trasporto); None for any other mail.

    A PEC mailbox gets a mail from another of its kind in one, and an ordinary one, as a server's
    report, in an envelope of anomaly. The server signs each: the mail is below multipart/signed.
    """
    if not envelope.get("X-Trasporto"):
        return None
    for part in parts_of(envelope):
        if part.get_content_type() == "message/rfc822":
            inside = part.get_payload(0)
            return inside if isinstance(inside, Message) else None
    return None


def read_notice(message: Message) -> PecNotice | None:
    """Read a notice; None for any other mail."""
    content = _data_of(message)
    found = _KIND.search(content[:HEAD].decode("utf-8", "replace"))
    kind = str(message.get("X-Ricevuta", "")).strip().lower() or (found[1] if found else "")
    if not kind:
        return None
    data = _parsed(content)
    delivered_to = _texts(data, "consegna")
    recipients = delivered_to or _texts(data, "destinatari")
    reference = str(message.get("X-Riferimento-Message-ID", "")) or _text(data, "msgid")
    return PecNotice(
        kind=kind,
        message_id=f"<{reference.strip().strip('<>')}>" if reference.strip() else "",
        recipients=frozenset(each.lower() for each in recipients),
        names_the_recipient=bool(delivered_to),
        identifier=_text(data, "identificativo"),
        at=_issued(data) or _dated(message),
    )


def _data_of(message: Message) -> bytes:
    for part in parts_of(message):
        if (part.get_filename() or "").lower() == DATA:
            content = part.get_payload(decode=True)
            return content[:DATA_MAX] if isinstance(content, bytes) else b""
    return b""


def _parsed(content: bytes) -> etree._Element | None:
    """Parse what can be read of the data: no entity is expanded, no address asked."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _texts(data: etree._Element | None, name: str) -> list[str]:
    if data is None:
        return []
    texts = ((each.text or "").strip() for each in data.iter(name))
    return [text for text in texts if text and len(text) <= TEXT_MAX]


def _text(data: etree._Element | None, name: str) -> str:
    return next(iter(_texts(data, name)), "")


def _issued(data: etree._Element | None) -> float | None:
    """Return the moment of issue: `<data zona="+0100">` with `<giorno>` and `<ora>`."""
    if data is None:
        return None
    zone = next((each.get("zona", "") for each in data.iter("data")), "")
    written = f"{_text(data, 'giorno')} {_text(data, 'ora')} {zone}"
    try:
        return datetime.strptime(written, "%d/%m/%Y %H:%M:%S %z").timestamp()
    except (ValueError, OverflowError):
        return None


def _dated(message: Message) -> float | None:
    try:
        return parsedate_to_datetime(str(message.get("Date", ""))).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
