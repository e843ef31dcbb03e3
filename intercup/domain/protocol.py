"""The protocol number: a request's entry in the administration's register.

Source: DPR 445/2000, article 53.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

# Registers write it in many ways: 0012345, 2026/12345, AOO-SAN.12345.
_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z][0-9A-Za-z ./_-]{0,39}")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True)
class Protocol:
    """The number as the register writes it, and its day."""

    number: str
    day: date


def read_protocol(number: str, day: str) -> Protocol:
    """Read a number and its day, as 2026-11-30 or 30/11/2026.

    Raises:
        ValueError: one of the two isn't one.
    """
    if not _NUMBER.fullmatch(number):
        raise ValueError("not a protocol number")
    return Protocol(number, _day_of(day))


def _day_of(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise ValueError("not a day")
