"""E-mail addresses, in plain ASCII as every relay accepts them, and the mailbox behind one."""

import re

MAILBOX_MAX = 254  # characters. Source: RFC 5321
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
_MAILBOX = re.compile(f"{_LOCAL}@{_DOMAIN}")

# Providers that ignore some characters of the local part, and the domain they are counted under.
# Sources: support.google.com/mail/answer/7436150, proton.me/support/addresses-and-aliases
_GMAIL, _PROTON = ("gmail.com", "."), ("proton.me", "._-")
_IGNORING = {
    "gmail.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "pm.me": _PROTON,
}


def is_mailbox(text: str) -> bool:
    """Return True if the text is one bare address, with a domain of at least two names."""
    return len(text) <= MAILBOX_MAX and _MAILBOX.fullmatch(text) is not None


def inbox_of(address: str) -> str:
    """Return one key for all addresses of a mailbox, without tag and ignored characters.

    For counting only: a mail goes to the address as it was typed.
    """
    name, _, domain = address.lower().rpartition("@")
    domain, ignored = _IGNORING.get(domain, (domain, ""))
    name = name.partition("+")[0]
    return f"{''.join(c for c in name if c not in ignored)}@{domain}"
