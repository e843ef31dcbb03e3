"""The states that an office gives to a request it has received; a forward begins without one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OfficeState(StrEnum):
    """A state; an office may change it in either direction, to mend a slip."""

    TAKEN = "taken"  # it is working on the request
    ANSWERED = "answered"


@dataclass(frozen=True)
class Marked:
    """An office's state of a request; `at` is aware."""

    state: OfficeState
    at: datetime
