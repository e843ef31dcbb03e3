"""Read a delivery report: which mail of ours it is about, and whether it says that it failed.

Source: RFC 3464 and PEC for reports; flufl.bounce and the words of a daemon for the servers that
write their own kind.
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
from intercup.mail.delivery_status import find_status, parts_of, recipient_statuses
from intercup.mail.pec_notice import FAILURES, kind_of_notice

RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
# What it logs of a message that it can't read could hold an address.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)
_DAEMON = re.compile(r"\b(?:mailer-daemon|postmaster|mail delivery)\b", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\bdelay|\bwarning\b|still (?:being )?(?:tried|retr)|will (?:be )?retr|\britard|riprov|rinvi",
    re.IGNORECASE,
)
# Reports of another kind: a reading, a complaint.
_OTHER_REPORTS = frozenset({"message/disposition-notification", "message/feedback-report"})
WORDS = 8_192  # characters that are read of a text


class Verdict(Enum):
    """The verdict on a message."""

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
    if kind := kind_of_notice(message):
        verdict = Verdict.FAILED if kind in FAILURES else Verdict.NO_FAILURE
        return Report(verdict, address)
    if statuses := recipient_statuses(message):
        failed = [each for each in statuses if each.is_failure]
        if not failed:
            return Report(Verdict.NO_FAILURE, address)
        return Report(Verdict.FAILED, address, failed[0].status)
    if any(part.get_content_type() in _OTHER_REPORTS for part in parts_of(message)):
        return Report(Verdict.NO_REPORT, address)
    is_failure = _from_daemon(message) and (_says_failure(raw) or _daemon_says_failure(message))
    return Report(Verdict.FAILED if is_failure else Verdict.NO_REPORT, address)


def _named(message: Message, bounces: BounceAddress) -> set[str]:
    """Return our addresses among the recipients, not in the body, which anybody may write."""
    lines = [str(line) for name in RECIPIENT_HEADERS for line in message.get_all(name, [])]
    return bounces.found_in("\n".join(lines))


def _from_daemon(message: Message) -> bool:
    """Return True if a server wrote a message: nobody would get an answer to it."""
    from_nobody = str(message.get("Return-Path", "")).strip() == "<>"
    return from_nobody or bool(_DAEMON.search(str(message.get("From", ""))))


def _daemon_says_failure(message: Message) -> bool:
    """Return True if a server's words, in any language, give the code of a permanent failure."""
    said = [str(message.get("Subject", ""))]
    for part in parts_of(message):
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                said.append(content.decode("utf-8", "replace")[:WORDS])
                break
    words = "\n".join(said)
    return find_status(words).startswith("5.") and not _NOT_YET.search(words)


def _says_failure(raw: bytes) -> bool:
    message = message_from_bytes(raw, policy=email.policy.default)
    try:
        return isinstance(message, EmailMessage) and bool(scan_message(message))
    except Exception:
        # It has eighteen detectors for what no standard describes; none may stop the others' mails.
        return False
