"""Mail servers for tests: a recording one (aiosmtpd) and a scripted one."""

import asyncio
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Caught:
    """A received mail: the envelope and the bytes."""

    mail_from: str
    rcpt: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class MailCatcher:
    """An aiosmtpd handler. `at_rcpt` and `at_data` hold the next replies."""

    port: int = 0
    mails: list[Caught] = field(default_factory=list)
    tried: list[Caught] = field(default_factory=list)
    at_rcpt: dict[str, list[str]] = field(default_factory=dict)
    at_data: dict[str, list[str]] = field(default_factory=dict)
    on_data: Callable[[Caught], Awaitable[None]] | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def rcpts(self) -> list[str]:
        """The recipients of all accepted mails, in order."""
        return [address for mail in self.mails for address in mail.rcpt]

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        planned = self.at_rcpt.get(address)
        answer = planned.pop(0) if planned else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        caught = Caught(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
        self.tried.append(caught)
        if self.on_data:
            await self.on_data(caught)
        planned = self.at_data.get(caught.rcpt[0])
        answer = planned.pop(0) if planned else "250 OK"
        if answer.startswith("250"):
            self.mails.append(caught)
        return answer


@asynccontextmanager
async def running_catcher(**options: Any) -> AsyncIterator[MailCatcher]:
    """Serve a catcher on a free port; `options` go to aiosmtpd."""
    catcher = MailCatcher()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(catcher, hostname="localhost", **options), "127.0.0.1", 0
    )
    catcher.port = server.sockets[0].getsockname()[1]
    try:
        yield catcher
    finally:
        server.close()
        server.abort_clients()
        await server.wait_closed()


@pytest.fixture
async def mail_catcher() -> AsyncIterator[MailCatcher]:
    async with running_catcher() as catcher:
        yield catcher


DROP = "drop"
TAKEN_AND_DROPPED = "taken and dropped"
STALL = "stall"
LATE = "late "
LATE_BY = 0.3  # seconds
SCRIPT = {
    "connect": "220 localhost",
    "EHLO": "250 localhost",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    "dot": "250 taken",
    "RSET": "250 OK",
    "QUIT": "221 bye",
}


@dataclass
class ScriptedRelay:
    """A server whose replies, by verb, a test decides; `drop` closes the connection instead.

    `stall` never answers. `at_recipient` precedes the script; `choose` may change the script
    for each connection. A connection accepts `mails_per_connection` and then disconnects.
    """

    script: dict[str, str]
    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    at_recipient: dict[str, str] = field(default_factory=dict)
    choose: Callable[[], dict[str, str]] | None = None
    mails_per_connection: int = 10**9
    ehlo_names: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)  # asked for

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, recipient, taken = "connect", "", 0
        script = SCRIPT | (self.choose() if self.choose else self.script)
        while True:
            answer = script.get(verb, "500 unknown")
            if verb == "RCPT":
                answer = self.at_recipient.get(recipient, answer)
            if answer == STALL:
                await asyncio.sleep(3_600)
            if answer.startswith(LATE):
                await asyncio.sleep(LATE_BY)
                answer = answer.removeprefix(LATE)
            if (verb == "dot" and answer.startswith("250")) or answer == TAKEN_AND_DROPPED:
                self.taken.append((recipient, self.bodies[-1]))
                taken += 1
            if answer in (DROP, TAKEN_AND_DROPPED):
                return
            writer.write(answer.encode("latin-1") + b"\r\n")
            await writer.drain()
            if verb == "DATA" and answer.startswith("354"):
                self.bodies.append(await reader.readuntil(b"\r\n.\r\n"))
                verb = "dot"
                continue
            line = await reader.readline()
            if not line or verb == "QUIT" or taken >= self.mails_per_connection:
                return
            verb = line.split()[0].decode("latin-1").upper()
            if verb == "EHLO":
                self.ehlo_names.append(line.split()[1].decode("latin-1"))
            if verb == "RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode("latin-1")
                self.recipients.append(recipient)


@asynccontextmanager
async def scripted_relay(**script: str) -> AsyncIterator[ScriptedRelay]:
    """Serve a script on a free port."""
    relay = ScriptedRelay(script)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0, limit=2**20)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        server.abort_clients()
        await server.wait_closed()
