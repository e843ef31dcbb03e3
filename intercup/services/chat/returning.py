"""The new beginning of a chat in which nothing is open, when its citizen comes back."""

from collections.abc import Sequence

from intercup.domain.dialogue import Draft
from intercup.services.chat.conversations import StoredMessage
from intercup.services.chat.incoming import ENDS_CHOICES

AWAY = 5 * 60.0  # seconds since the citizen's last message
BEGINS_ANEW = {"type": ENDS_CHOICES, "anew": True}  # the input of the first message


def is_left(draft: Draft, messages: Sequence[StoredMessage], now: float) -> bool:
    """Return True if the citizen has been away from an answered chat without a request under way.

    What came while away, such as a mail's delivery or a login, must be seen first.
    """
    if any((draft.step, draft.category, draft.structure, draft.description, draft.first_message)):
        return False
    at = next((n for n in reversed(range(len(messages))) if _counts(messages[n])), None)
    if at is None or messages[at].author != "citizen":
        return False
    last, since = messages[at], messages[at + 1 :]
    is_answered = any(each.answers == last.id for each in since)
    is_seen = all(each.created_at - last.created_at <= AWAY for each in since)
    return is_answered and is_seen and now - last.created_at > AWAY


def newest_beginning(messages: Sequence[StoredMessage]) -> int:
    """Return the index of the message with which the chat last began."""
    found = (index for index, each in enumerate(messages) if each.input == BEGINS_ANEW)
    return max(found, default=0)


def _counts(message: StoredMessage) -> bool:
    return message.author == "citizen" or message.input == BEGINS_ANEW
