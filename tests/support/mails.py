"""Mails in the view of their readers' programs."""

import email.policy
from email import message_from_bytes
from email.message import EmailMessage


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def body_in(raw: bytes) -> str:
    return str(parsed(raw).get_content()).replace("\r\n", "\n")


def described(text: str) -> tuple[tuple[str, str], ...]:
    """Return the texts of a request that has a description only."""
    return (("Descrizione", text),)
