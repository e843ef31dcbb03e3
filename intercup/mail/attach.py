"""Add the files to a mail. Pure: the same mail and files give the same bytes."""

from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from intercup.domain.attachment import kind_of, mail_name
from intercup.mail.compose import HEADERS


def with_attachments(raw: bytes, contents: Sequence[bytes | None]) -> bytes:
    """Return the mail, ready for SMTP, with its files, named by their places.

    A content that isn't kept any more is left out.
    """
    message = message_from_bytes(raw, EmailMessage, policy=SMTP)
    for position, content in enumerate(contents, 1):
        if content is None:
            continue
        kind = kind_of(content)
        main, _, sub = kind.media_type.partition("/")
        message.add_attachment(
            content, maintype=main, subtype=sub, filename=mail_name(position, kind)
        )
    message.set_boundary(f"=_{sha256(raw).hexdigest()}")
    return message.as_bytes(policy=HEADERS)
