"""The cause of a refusal at RCPT, by its code: the recipient, or we as sender.

Source: RFC 3463 and 5248 for enhanced codes; for answers without one, the words of Exim, Postfix,
Courier and hMailServer.
"""

import re

# At the beginning, or in qmail's form: (#5.7.1).
_STATUS = re.compile(r"(?:^|\(#)([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ABOUT_US = re.compile(
    r"\brelay|\bauthenticat|\bhelo\b|\behlo\b|\bsender (?:address|domain|verif|reject|not)"
    r"|not owned by|\bblock list|\bblocklist|\bblacklist",
    re.IGNORECASE,
)
# Our commands in the wrong order or unknown, no login, no encryption.
_CODES_ABOUT_US = frozenset({500, 502, 503, 504, 523, 530, 534, 535, 538})
_SENDERS_ADDRESS = frozenset({"5.1.7", "5.1.8"})


def status_of(text: str) -> str:
    """Return the enhanced status code of a server's answer, like 5.7.1; empty without one."""
    found = _STATUS.search(text)
    return found[1] if found else ""


def is_about_us(code: int, text: str) -> bool:
    """Return True if a permanent refusal at RCPT is about us, not the recipient."""
    status = status_of(text)
    if code < 500:
        return False
    if status.startswith(("5.5.", "5.7.")) or status in _SENDERS_ADDRESS:
        return True
    if status and status != "5.0.0":
        return False  # The code is about the mailbox, its host or the mail.
    return code in _CODES_ABOUT_US or bool(_ABOUT_US.search(text))
