"""The question whether a request was answered, asked once of the citizen by mail."""

from enum import StrEnum


class Answer(StrEnum):
    """An answer; the last one counts."""

    YES = "yes"  # the request is closed
    NO = "no"  # the office gets a reminder, once
