"""Read the notice of a certified mail (PEC) server about a mail sent to it.

Source: DM 2 novembre 2005, Regole tecniche della posta elettronica certificata, 6.3 to 6.5.
"""

import re
from email.message import Message

from intercup.mail.delivery_status import parts_of

FAILURES = frozenset({"errore-consegna", "non-accettazione", "rilevazione-virus"})
_KIND = re.compile(r"<postacert [^<>]*?tipo=[\"']([a-z-]{1,40})[\"']")
HEAD = 4_096  # characters of daticert.xml, whose first element names the kind


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


def kind_of_notice(message: Message) -> str:
    """Return the kind of a notice, like errore-consegna; empty for any other mail."""
    header = str(message.get("X-Ricevuta", "")).strip().lower()
    if header:
        return header
    for part in parts_of(message):
        if (part.get_filename() or "").lower() == "daticert.xml":
            content = part.get_payload(decode=True)
            text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
            found = _KIND.search(text[:HEAD])
            return found[1] if found else ""
    return ""
