"""Send prepared mails over SMTP, one recipient a transaction; say whose fault a failure is."""

from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

import aiosmtplib

from intercup.mail.refusal import is_about_us, status_of
from intercup.mail.smtp_address import SmtpAddress

CONNECT_TIMEOUT = 20.0  # seconds
# A relay may take long to answer the final dot; giving up early makes duplicates.
# Source: RFC 5321, 4.5.3.2.6.
ANSWER_TIMEOUT = 600.0  # seconds


class Result(StrEnum):
    """The result of a transaction.

    sent: the relay took it. recipient_later (4xx) and recipient_refused (5xx): this recipient.
    sender_refused: the relay refuses this recipient for what it holds against us (5xx at RCPT);
    the mail waits and no attempt is counted.
    channel_down: the relay can't be used at all; no attempt is counted.
    broken_off: the relay hung up in the middle of this mail, before it was taken; once that is
    the relay's fault, again and again with the same mail it is the mail's.
    ambiguous: the connection broke after the final dot; it may or may not have been taken.
    unbuildable: this mail can't be put on the wire.
    """

    SENT = "sent"
    RECIPIENT_LATER = "recipient_later"
    RECIPIENT_REFUSED = "recipient_refused"
    SENDER_REFUSED = "sender_refused"
    CHANNEL_DOWN = "channel_down"
    BROKEN_OFF = "broken_off"
    AMBIGUOUS = "ambiguous"
    UNBUILDABLE = "unbuildable"


@dataclass(frozen=True)
class Outcome:
    """A result and its technical reason: an exception's class and SMTP codes, never text."""

    result: Result
    reason: str = ""


class Relay:
    """A connection to the relay for several mails: `async with Relay(address) as relay`."""

    def __init__(self, address: SmtpAddress) -> None:
        self._client = aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            local_hostname=address.ehlo_name,
            username=address.username,
            password=address.password,
            use_tls=address.scheme == "smtps",
            start_tls=address.scheme == "smtp+starttls",
            timeout=CONNECT_TIMEOUT,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:  # Told to stop in the middle of a mail: nobody waits for a farewell.
            self._client.close()
        elif self._client.is_connected:
            try:
                await self._client.quit(timeout=CONNECT_TIMEOUT)
            except (aiosmtplib.SMTPException, OSError):
                self._client.close()

    async def send(self, raw: bytes, envelope_from: str, recipient: str) -> Outcome:
        """Run one transaction; connects first when needed. Never raises for SMTP or network."""
        was_connected = self._client.is_connected
        failure = await self._begin(envelope_from)
        if failure and failure.result is Result.CHANNEL_DOWN and was_connected:
            # Many relays end a connection after some mails; that is no trouble.
            failure = await self._begin(envelope_from)
        return failure or await self._send_to(raw, recipient)

    async def _begin(self, envelope_from: str) -> Outcome | None:
        """Connect when needed and name the sender; return what went wrong, if anything."""
        try:
            if not self._client.is_connected:
                await self._client.connect()
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return Outcome(Result.CHANNEL_DOWN, _reason(error))
        try:
            await self._client.mail(envelope_from, encoding="ascii")
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            return Outcome(Result.CHANNEL_DOWN, _reason(error))
        except UnicodeError as error:
            return Outcome(Result.UNBUILDABLE, _reason(error))
        return None

    async def _send_to(self, raw: bytes, recipient: str) -> Outcome:
        try:
            await self._client.rcpt(recipient, encoding="ascii")
        except UnicodeError as error:
            self._client.close()
            return Outcome(Result.UNBUILDABLE, _reason(error))
        except aiosmtplib.SMTPResponseException as error:
            about_us = is_about_us(error.code, error.message)
            return await self._refused(
                error, Result.SENDER_REFUSED if about_us else Result.RECIPIENT_REFUSED
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            return Outcome(Result.BROKEN_OFF, _reason(error))
        try:
            await self._client.data(raw, timeout=ANSWER_TIMEOUT)
        except aiosmtplib.SMTPDataError as error:
            if 400 <= error.code <= 599:
                return await self._refused(error, Result.RECIPIENT_REFUSED)
            self._client.close()
            return Outcome(Result.AMBIGUOUS, _reason(error))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            return Outcome(Result.AMBIGUOUS, _reason(error))
        return Outcome(Result.SENT)

    async def _refused(self, error: aiosmtplib.SMTPResponseException, for_good: Result) -> Outcome:
        """Judge a refusal and make the connection ready for the next transaction."""
        if error.code == 421 or not 400 <= error.code <= 599:
            self._client.close()
            return Outcome(Result.BROKEN_OFF, _reason(error))
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()
        return Outcome(Result.RECIPIENT_LATER if error.code < 500 else for_good, _reason(error))


def _reason(error: BaseException) -> str:
    parts = [type(error).__name__]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        parts += [str(error.code), status_of(error.message)]
    return " ".join(filter(None, parts))
