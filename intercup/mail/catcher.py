"""The demo profile's mail catcher: takes every mail on loopback and keeps it in a folder."""

import asyncio
import email.policy
import time
from email import message_from_bytes
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypedDict
from uuid import uuid4

KEPT = 500  # mails
RECIPIENT_HEADER = "X-Caught-Recipient"


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
        """Keep the mail; the 250 is given once it is in the folder."""
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


def read_caught(path: Path) -> CaughtMail:
    """Read a kept mail."""
    message = message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 (for the type checker)
    body = message.get_body(("plain",))
    caught: dict[str, Any] = {
        name.lower(): str(message[name] or "") for name in ("From", "To", "Cc", "Subject", "Date")
    }
    caught["body"] = body.get_content() if body else ""
    caught["rcpt"] = str(message[RECIPIENT_HEADER] or "").split(", ")
    return caught  # type: ignore[return-value]


async def run_catcher(host: str, port: int, folder: Path) -> None:
    """Serve until cancelled.

    Raises:
        ValueError: the host isn't loopback.
    """
    from aiosmtpd.smtp import SMTP  # only the demo installs it

    if not ip_address(host).is_loopback:
        raise ValueError("the mail catcher listens on loopback only")
    handler = Catcher(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost"), host, port)
    async with server:
        await server.serve_forever()
