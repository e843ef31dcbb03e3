"""The new beginning of a chat in which nothing is open, when its citizen comes back."""

from collections.abc import Sequence

from intercup.domain.dialogue import Draft
from intercup.services.chat.conversations import StoredMessage
from intercup.services.chat.incoming import ENDS_CHOICES

AWAY = 5 * 60.0  # seconds since the citizen's last message
BEGINS_ANEW = {"type": ENDS_CHOICES, "anew": True}  # the input of the first message


def is_left(draft: Draft, messages: Sequence[StoredMessage], now: float) -> bool:
    """Return True if the citizen has been away from a chat without a request under way."""
    if any((draft.step, draft.category, draft.structure, draft.description, draft.first_message)):
        return False
    last = next((each for each in reversed(messages) if _counts(each)), None)
    return last is not None and last.author == "citizen" and now - last.created_at > AWAY


def newest_beginning(messages: Sequence[StoredMessage]) -> int:
    """Return the index of the message with which the chat last began."""
    found = (index for index, each in enumerate(messages) if each.input == BEGINS_ANEW)
    return max(found, default=0)


def _counts(message: StoredMessage) -> bool:
    return message.author == "citizen" or message.input == BEGINS_ANEW
