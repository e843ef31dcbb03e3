"""A citizen's addition to a registered request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from intercup.domain.delivery import DeliveryState
from intercup.domain.request import DESCRIPTION_MAX, DESCRIPTION_MIN


class AdditionKind(StrEnum):
    """A kind of addition; the second one ends them."""

    MORE = "more"  # a text for the office
    WITHDRAWN = "withdrawn"  # the request isn't needed any more
    UNANSWERED = "unanswered"  # a reminder: the answer to our question was no


@dataclass(frozen=True)
class Added:
    """A stored addition, and the state of its mail to the office; `at` is aware."""

    kind: AdditionKind
    text: str
    at: datetime
    state: DeliveryState


def problem_of(kind: AdditionKind, text: str) -> str | None:
    """Return the key of the text's problem; it has the limits of a description."""
    if kind is not AdditionKind.MORE:
        return None
    if len(text) < DESCRIPTION_MIN:
        return "text_short"
    return "text_long" if len(text) > DESCRIPTION_MAX else None
