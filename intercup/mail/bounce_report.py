"""Read a delivery report: the mail of ours it refers to, and the verdict on it.

Source: RFC 3464 and PEC for reports; flufl.bounce and a daemon's words for servers with a format
of their own.
"""

import email.policy
import logging
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import getaddresses
from enum import Enum

from flufl.bounce import scan_message

from intercup.domain.pec import FAILURES
from intercup.mail.bounce_address import BounceAddress, PecMailbox, ReportAddress
from intercup.mail.delivery_status import find_status, parts_of, recipient_statuses
from intercup.mail.pec_notice import PecNotice, carried_by, read_notice

logger = logging.getLogger(__name__)

RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
# Its log lines on unreadable messages may contain an address.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)
_DAEMON = re.compile(r"\b(?:mailer-daemon|postmaster|mail delivery)\b", re.IGNORECASE)
_NOT_YET = re.compile(
    r"\bdelay|\bwarning\b|still (?:being )?(?:tried|retr)|will (?:be )?retr|\britard|riprov|rinvi",
    re.IGNORECASE,
)
# Reports of another kind: a reading, a complaint.
_OTHER_REPORTS = frozenset({"message/disposition-notification", "message/feedback-report"})
WORDS = 8_192  # characters read of a text
# The library's time grows with the square of a field's length, its recursion with the parts.
FIELD_MAX = 500  # characters
PARTS_MAX = 50
_FIELD = re.compile(r"^[!-9;-~]++:[^\n]*+(?:\n[ \t][^\n]*+)*+", re.MULTILINE)
_PART = re.compile(r"^content-type:", re.IGNORECASE | re.MULTILINE)


class Verdict(Enum):
    """The verdict on a message."""

    FAILED = "failed"
    NO_FAILURE = "no failure"  # a warning of a delay, a confirmation
    NO_REPORT = "no report"  # an absence note, or an ordinary mail
    NOT_OURS = "not ours"  # no mail of ours is named, or more than one


@dataclass(frozen=True)
class Report:
    """A message's verdict, with the envelope sender of our mail and the status code.

    A mail sent from a certified mailbox has no envelope sender of its own: `notice` names it.
    """

    verdict: Verdict
    envelope_from: str = ""
    status: str = ""  # like 5.1.1, or a notice's kind; empty if unknown
    notice: PecNotice | None = None


def read_report(raw: bytes, address: ReportAddress) -> Report:
    """Read any message of the mailbox for reports; long fields are cut before any work."""
    try:
        return _report_of(raw, address)
    except Exception as error:
        # Parser and detectors fail on some malformed messages, which must not stop others.
        logger.warning("report not readable: %s", type(error).__name__)
        return Report(Verdict.NO_REPORT)


def _report_of(raw: bytes, address: ReportAddress) -> Report:
    text = "\n".join(re.split(r"\r\n?|\n", raw.decode("latin-1")))
    if len(_PART.findall(text)) > PARTS_MAX:
        return Report(Verdict.NOT_OURS)
    raw = _FIELD.sub(lambda field: field[0][:FIELD_MAX], text).encode("latin-1")
    message = message_from_bytes(raw, policy=email.policy.compat32)
    if isinstance(address, PecMailbox):
        return _report_to_certified(message, address)
    return _report_to_own_address(message, raw, address)


def _report_to_certified(message: Message, address: PecMailbox) -> Report:
    """Read a receipt; anybody could write one that comes in an envelope."""
    recipients = {each.lower() for _, each in getaddresses(_recipient_lines(message))}
    notice = None if message.get("X-Trasporto") else read_notice(message)
    if notice is None or address.mailbox.lower() not in recipients:
        return Report(Verdict.NOT_OURS)
    return _report_of_notice(notice, "")


def _report_of_notice(notice: PecNotice, envelope_from: str) -> Report:
    verdict = Verdict.FAILED if notice.kind in FAILURES else Verdict.NO_FAILURE
    return Report(verdict, envelope_from, notice.kind, notice)


def _report_to_own_address(message: Message, raw: bytes, bounces: BounceAddress) -> Report:
    named = _named(message, bounces)
    if len(named) != 1:
        return Report(Verdict.NOT_OURS)
    address = named.pop()
    if (inside := carried_by(message)) is not None:
        message, raw = inside, inside.as_bytes()
    if notice := read_notice(message):
        return _report_of_notice(notice, address)
    if statuses := recipient_statuses(message):
        failed = [each for each in statuses if each.is_failure]
        if not failed:
            return Report(Verdict.NO_FAILURE, address)
        return Report(Verdict.FAILED, address, failed[0].status)
    if any(part.get_content_type() in _OTHER_REPORTS for part in parts_of(message)):
        return Report(Verdict.NO_REPORT, address)
    is_failure = _from_daemon(message) and (_daemon_says_failure(message) or _says_failure(raw))
    return Report(Verdict.FAILED if is_failure else Verdict.NO_REPORT, address)


def _named(message: Message, bounces: BounceAddress) -> set[str]:
    """Return our addresses among the recipients; anybody could write one in the body."""
    return bounces.found_in("\n".join(_recipient_lines(message)))


def _recipient_lines(message: Message) -> list[str]:
    return [str(line) for name in RECIPIENT_HEADERS for line in message.get_all(name, [])]


def _from_daemon(message: Message) -> bool:
    """Return True if a server wrote the message: it accepts no answer."""
    from_nobody = str(message.get("Return-Path", "")).strip() == "<>"
    return from_nobody or bool(_DAEMON.search(str(message.get("From", ""))))


def _daemon_says_failure(message: Message) -> bool:
    """Return True if a server's text, in any language, contains a permanent failure's code."""
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
    return isinstance(message, EmailMessage) and bool(scan_message(message))
