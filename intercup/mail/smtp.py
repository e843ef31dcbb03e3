"""Send prepared mails over SMTP, one recipient per transaction, and classify failures."""

from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

import aiosmtplib

from intercup.mail.refusal import is_about_us, status_of
from intercup.mail.smtp_address import SmtpAddress

CONNECT_TIMEOUT = 20.0  # seconds
# A relay may be slow to answer the final dot; giving up early causes duplicates.
# Source: RFC 5321, 4.5.3.2.6.
ANSWER_TIMEOUT = 600.0  # seconds


class Result(StrEnum):
    """The result of a transaction.

    sent: the relay accepted it. recipient_later (4xx), recipient_refused (5xx): this recipient.
    sender_refused: the relay refuses because of us, not of the recipient (5xx at RCPT); the mail
    waits and no attempt is counted.
    channel_down: the relay can't be used at all; no attempt is counted.
    broken_off: the relay disconnected during this mail, before accepting it; at first that
    counts as the relay's fault, after repetitions with the same mail as the mail's.
    ambiguous: the connection broke after the final dot; the relay may have accepted the mail.
    unbuildable: this mail can't be sent over SMTP.
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
        if kind is not None:  # Stopped in the middle of a mail: close without QUIT.
            self._client.close()
        elif self._client.is_connected:
            try:
                await self._client.quit(timeout=CONNECT_TIMEOUT)
            except (aiosmtplib.SMTPException, OSError):
                self._client.close()

    async def send(self, raw: bytes, envelope_from: str, recipient: str) -> Outcome:
        """Run one transaction, connecting if needed; never raises for SMTP or network errors."""
        was_connected = self._client.is_connected
        failure = await self._begin(envelope_from)
        if failure and failure.result is Result.CHANNEL_DOWN and was_connected:
            # Many relays close a connection after some mails; that is no failure.
            failure = await self._begin(envelope_from)
        return failure or await self._send_to(raw, recipient)

    async def _begin(self, envelope_from: str) -> Outcome | None:
        """Connect if needed and send MAIL FROM; return the failure, if there is one."""
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
        """Classify a refusal and reset the connection for the next transaction."""
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
