"""Read a delivery report: which mail of ours it is about, and whether it says that it failed.

Source: RFC 3464 for reports; flufl.bounce for the servers that write their own kind.
"""

import email.policy
import logging
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from enum import Enum

from flufl.bounce import scan_message

from intercup.mail.bounce_address import BounceAddress

RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
# What it logs of a message that it can't read could hold an address.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_REPLY = re.compile(r"vacation|auto-replied", re.IGNORECASE)


class Verdict(Enum):
    """What a message says."""

    FAILED = "failed"
    NO_FAILURE = "no failure"  # a warning of a delay, a confirmation
    NO_REPORT = "no report"  # somebody's absence, or an ordinary mail
    NOT_OURS = "not ours"  # no mail of ours is named, or more than one


@dataclass(frozen=True)
class Report:
    """A message's verdict, with the envelope sender that it came back to and the status code."""

    verdict: Verdict
    envelope_from: str = ""
    status: str = ""  # like 5.1.1; empty if unknown


def read_report(raw: bytes, bounces: BounceAddress) -> Report:
    """Read a message of the mailbox for reports, whatever it is."""
    message = message_from_bytes(raw, policy=email.policy.compat32)
    named = _named(message, bounces)
    if len(named) != 1:
        return Report(Verdict.NOT_OURS)
    address = named.pop()
    blocks = _recipient_blocks(message)
    if blocks:
        failed = [block for block in blocks if _word(block, "Action") == "failed"]
        if not failed:
            return Report(Verdict.NO_FAILURE, address)
        status = _STATUS.match(_word(failed[0], "Status"))
        return Report(Verdict.FAILED, address, status[0] if status else "")
    if _is_reply(message) or not _says_failure(raw):
        return Report(Verdict.NO_REPORT, address)
    return Report(Verdict.FAILED, address)


def _named(message: Message, bounces: BounceAddress) -> set[str]:
    """Return our addresses among the recipients, not in the body, which anybody may write."""
    lines = [str(line) for name in RECIPIENT_HEADERS for line in message.get_all(name, [])]
    return bounces.found_in("\n".join(lines))


def _recipient_blocks(message: Message) -> list[Message]:
    """Return the parts of a report that speak of one recipient each."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return []
    for part in message.get_payload():
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload() if part.is_multipart() else []
            return [b for b in blocks if isinstance(b, Message) and "Final-Recipient" in b]
    return []


def _word(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _is_reply(message: Message) -> bool:
    """Tell an automatic answer of a person's mailbox from a server's report."""
    from_nobody = str(message.get("Return-Path", "")).strip() == "<>"
    return bool(_REPLY.search(str(message.get("Auto-Submitted", "")))) and not from_nobody


def _says_failure(raw: bytes) -> bool:
    message = message_from_bytes(raw, policy=email.policy.default)
    try:
        return isinstance(message, EmailMessage) and bool(scan_message(message))
    except Exception:
        # It has eighteen detectors for what no standard describes; none may stop the others' mails.
        return False
