"""Shorthand for turns in the tests of the dialogue."""

from typing import Any

from intercup.domain.consent import PRIVACY, REGULATION
from intercup.domain.dialogue import Draft, Outcome, Turn

PRIVACY_VERSION, REGULATION_VERSION = PRIVACY.version, REGULATION.version
COMPLETE = Draft(
    category="technical",
    structure="ao_papardo",
    description="m1",
    privacy=PRIVACY_VERSION,
    regulation=REGULATION_VERSION,
    step="confirmation",
)


def says(intent: str, text: str, **more: Any) -> Turn:
    """A typed text, understood as this intent."""
    ranking = more.pop("ranking", ((intent, more.get("confidence", 1.0)),))
    return Turn(intent, text=text, message_id="new", length=len(text), ranking=ranking, **more)


def presses(intent: str, **more: Any) -> Turn:
    """A button."""
    return Turn(intent, message_id="new", **more)


def answers_of(outcome: Outcome) -> list[str]:
    """The names of the responses."""
    return [say.response for say in outcome.say]
