"""From SPID attributes to a citizen."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from intercup.domain.mailbox import is_mailbox
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.verified_identity import VerifiedIdentity

NAME_LIMIT = 200  # characters
# Sixteen characters, or the eleven digits given to some foreigners at first.
_FISCAL_NUMBER = re.compile(r"(?:TINIT-)?([A-Z0-9]{16}|\d{11})")


def citizen_from(attributes: Mapping[str, Sequence[str]]) -> VerifiedIdentity:
    """Build the citizen; an e-mail address that can't be one counts as missing.

    Raises:
        LoginRefused: an attribute is missing, repeated or not plausible.
    """
    fiscal_number = _FISCAL_NUMBER.fullmatch(_value(attributes, "fiscalNumber").upper())
    if fiscal_number is None:
        raise LoginRefused(Reason.INVALID_ATTRIBUTE)
    return VerifiedIdentity(
        name=_person_name(_value(attributes, "name")),
        surname=_person_name(_value(attributes, "familyName")),
        fiscal_number=fiscal_number[1],
        email=_email(attributes.get("email", ())),
    )


def _value(attributes: Mapping[str, Sequence[str]], name: str) -> str:
    values = attributes.get(name, ())
    if not values:
        raise LoginRefused(Reason.MISSING_ATTRIBUTE)
    if len(values) > 1:
        raise LoginRefused(Reason.INVALID_ATTRIBUTE)
    return values[0]


def _person_name(text: str) -> str:
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(name) > NAME_LIMIT or any(unicodedata.category(sign)[0] == "C" for sign in name):
        raise LoginRefused(Reason.INVALID_ATTRIBUTE)
    return name


def _email(values: Sequence[str]) -> str | None:
    return values[0] if len(values) == 1 and is_mailbox(values[0]) else None
