"""Read the machine-readable part of a delivery report: a block of fields for each recipient.

Source: RFC 3464 (fields), RFC 6522 (multipart/report), RFC 6533 (addresses beyond ASCII).
"""

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import cast

TYPES = ("message/delivery-status", "message/global-delivery-status")
NO_FAILURES = ("delayed", "delivered", "relayed", "expanded")
FIELDS = ("Final-Recipient", "Original-Recipient", "Action", "Status")
_COMMENT = re.compile(r"\([^()]*\)")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True)
class RecipientStatus:
    """A report on one recipient; `status` like 5.1.1, or empty."""

    is_failure: bool
    status: str


def recipient_statuses(report: Message) -> list[RecipientStatus]:
    """Return a report's status of each recipient; empty if it has no such part."""
    for part in parts_of(report):
        if part.get_content_type() in TYPES or _stands_for_status(report, part):
            found = [_read(block) for block in _blocks(_text_of(part))]
            if found:
                return found
    return []


def parts_of(message: Message) -> Iterator[Message]:
    """Yield a message's own parts, not those of a returned mail."""
    yield message
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from parts_of(part)


def find_status(text: str) -> str:
    """Return the first enhanced status code in a text; empty if there is none."""
    found = _STATUS.search(text)
    return found[0] if found else ""


def _stands_for_status(report: Message, part: Message) -> bool:
    """Return True for the second part of a report, which some gateways turn into text."""
    if report.get_param("report-type") != "delivery-status" or not report.is_multipart():
        return False
    parts = cast(list[Message], report.get_payload())
    return len(parts) > 1 and parts[1] is part


def _text_of(part: Message) -> str:
    """Return a part's decoded text; the parser doesn't decode message/* parts."""
    raw = part.as_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            raw = b64decode(b"".join(raw.split()) + b"==")
        elif encoding == "quoted-printable":
            raw = quopri.decodestring(raw)
    except binascii.Error:
        return ""
    return raw.decode("utf-8", "replace").replace("\r\n", "\n")


def _blocks(text: str) -> Iterator[Message]:
    for each in _BLANK_LINE.split(text):
        block = HeaderParser().parsestr(each.lstrip("\n"))
        if any(name in block for name in FIELDS):
            yield block


def _read(block: Message) -> RecipientStatus:
    action = _COMMENT.sub(" ", str(block.get("Action", ""))).strip(" \t;.").lower()
    status = find_status(_COMMENT.sub(" ", str(block.get("Status", ""))))
    is_failure = action == "failed" or (status.startswith("5.") and action not in NO_FAILURES)
    return RecipientStatus(is_failure, status)
