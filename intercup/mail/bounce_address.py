"""The envelope sender, unique for each mail, so that a report identifies its mail."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from intercup.domain.mailbox import is_mailbox

TOKEN_DIGITS = 32  # hexadecimal: 128 bits
LOCAL_MAX = 64  # characters. Source: RFC 5321
SEPARATOR = "+b-"
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]++")
_TOKEN = re.compile(rf"[0-9a-f]{{{TOKEN_DIGITS}}}")
_NAME = re.compile(r"[\w.+-]++")


@dataclass(frozen=True)
class BounceAddress:
    """The mailbox for delivery reports, as `assistenza+b-TOKEN@example.it`.

    A token is an HMAC of its mail: one token doesn't reveal another mail's.
    """

    mailbox: str
    secret_key: bytes

    def of(self, message_id: str, role: str, recipient: str) -> str:
        """Return the envelope sender of a mail to one recipient; always the same."""
        content = "\0".join(("bounce", message_id, role, recipient))
        digest = hmac.new(self.secret_key, content.encode(), hashlib.sha256).hexdigest()
        local, _, domain = self.mailbox.rpartition("@")
        return f"{local}{SEPARATOR}{digest[:TOKEN_DIGITS]}@{domain}"

    def found_in(self, text: str) -> set[str]:
        """Return our envelope senders found in a text, in their original case."""
        local, _, domain = self.mailbox.rpartition("@")
        # Some servers change the case on the way back.
        ours = (local + SEPARATOR).lower()
        found = set()
        for address in _ADDRESS.findall(text.lower()):
            name, _, host = address.partition("@")
            token = name.removeprefix(ours)
            if host == domain.lower() and name.startswith(ours) and _TOKEN.fullmatch(token):
                found.add(f"{local}{SEPARATOR}{token}@{domain}")
        return found


@dataclass(frozen=True)
class PecMailbox:
    """A certified mailbox that mails are sent from; its receipts name a mail by its Message-ID.

    Its server puts each mail of others into an envelope, so that a receipt outside of one is true.
    """

    mailbox: str


type ReportAddress = BounceAddress | PecMailbox


def fits(mailbox: str) -> bool:
    """Return True if an address stays valid with a token added."""
    local = mailbox.rpartition("@")[0]
    is_short = len(local + SEPARATOR) + TOKEN_DIGITS <= LOCAL_MAX
    return is_mailbox(mailbox) and is_short and _NAME.fullmatch(local) is not None
