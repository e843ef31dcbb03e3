"""The demo profile's mail catcher: takes every mail on loopback and keeps it in a folder."""

import asyncio
import email.policy
import time
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypedDict
from uuid import uuid4

KEPT = 500  # mails
RECIPIENT_HEADER = "X-Caught-Recipient"
# Exceptions of the email package on malformed mails.
UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, MessageError)


class CaughtMail(TypedDict):
    """A mail as the demo's pages show it; `rcpt` holds the envelope's recipients."""

    to: str
    cc: str
    subject: str
    date: str
    body: str
    rcpt: list[str]


class Catcher:
    """An aiosmtpd handler that writes each mail to a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Save the mail; answer 250 once it is in the folder."""
        await asyncio.to_thread(self._keep, envelope.rcpt_tos, envelope.content)
        return "250 OK"

    def _keep(self, recipients: list[str], content: bytes) -> None:
        header = f"{RECIPIENT_HEADER}: {', '.join(recipients)}\r\n".encode()
        name = f"{time.time_ns():020d}-{uuid4().hex}"
        partial = self._folder / f"{name}.part"
        partial.write_bytes(header + content)
        partial.rename(self._folder / f"{name}.eml")
        for old in sorted(self._folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)


@lru_cache(KEPT)
def read_caught(path: Path) -> CaughtMail:
    """Read a saved mail, which never changes, as far as possible."""
    raw = path.read_bytes()
    message = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 (for the type checker)
    caught: dict[str, Any] = {
        name.lower(): _header(message, name) for name in ("From", "To", "Cc", "Subject", "Date")
    }
    caught["body"] = _body(message, raw)
    caught["rcpt"] = _header(message, RECIPIENT_HEADER).split(", ")
    return caught  # type: ignore[return-value]


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message[name] or "")
    except UNREADABLE:
        return ""


def _body(message: EmailMessage, raw: bytes) -> str:
    try:
        body = message.get_body(("plain", "html"))
    except UNREADABLE:
        body = None
    if body:
        text = _content(body)
    else:  # for example parts without a boundary between them
        text = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].decode("utf-8", "replace")
    # Some charsets decode to characters that no page can contain.
    return text.encode("utf-8", "replace").decode("utf-8")


def _content(body: MIMEPart) -> str:
    try:
        text: str = body.get_content()
    except (LookupError, ValueError):  # a charset that nobody knows, or that isn't one of texts
        content = body.get_payload(decode=True)
        assert isinstance(content, bytes)  # noqa: S101 (a part of text isn't made of parts)
        text = content.decode("utf-8", "replace")
    return text


async def start_catcher(host: str, port: int, folder: Path) -> asyncio.Server:
    """Return the server, which listens until closed.

    Raises:
        ValueError: the host isn't loopback.
        OSError: another program listens there.
    """
    from aiosmtpd.smtp import SMTP  # only the demo installs it

    if not ip_address(host).is_loopback:
        raise ValueError("the mail catcher listens on loopback only")
    handler = Catcher(folder)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: SMTP(handler, hostname="localhost"), host, port)
