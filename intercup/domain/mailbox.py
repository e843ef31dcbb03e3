"""E-mail addresses: plain ASCII only, as every relay takes them."""

import re

MAILBOX_MAX = 254  # characters. Source: RFC 5321
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
_MAILBOX = re.compile(f"{_LOCAL}@{_DOMAIN}")


def is_mailbox(text: str) -> bool:
    """Return True if the text is one bare address, with a domain of at least two names."""
    return len(text) <= MAILBOX_MAX and _MAILBOX.fullmatch(text) is not None
