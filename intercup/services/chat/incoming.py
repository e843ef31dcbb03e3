"""A citizen's message on its way in: may it be taken, and has it been taken before?"""

from dataclasses import dataclass, replace

from intercup.domain.normalise import normalise
from intercup.domain.request import DESCRIPTION_MAX
from intercup.domain.sentences import say_the_same
from intercup.errors import InvalidInput, StaleChoice, TooLarge
from intercup.services.chat.conversations import Message, StoredMessage
from intercup.services.chat.hearing import LISTENED_NOTHING, Listened

# The input of the message after a login or a pause, or after a draft was added to a request.
ENDS_CHOICES = "login"


@dataclass(frozen=True)
class Incoming:
    """A citizen's message: a text, or the payload of a button."""

    id: str
    text: str | None = None
    payload: str | None = None
    repeats: bool = False  # what the citizen has just said
    listened: Listened = LISTENED_NOTHING
    page_facts: str = ""  # what the page knows, if this sends the request with it


def accepted(incoming: Incoming, newest: list[StoredMessage]) -> Message:
    """Check a new message and return it as it is stored."""
    if incoming.payload is not None:
        title = _offered(newest).get(incoming.payload)
        if title is None:
            raise StaleChoice("stale_choice")
        return Message(title, author="citizen", id=incoming.id)
    text = normalise(incoming.text or "")
    if not text:
        raise InvalidInput("empty_message")
    if len(text) > DESCRIPTION_MAX:
        raise TooLarge("too_large")
    return Message(text, author="citizen", id=incoming.id)


def repeated(incoming: Incoming, stored: StoredMessage, newest: list[StoredMessage]) -> Incoming:
    """Check a message that comes again, and return it as it was first sent."""
    if incoming.payload is None:
        return replace(incoming, text=stored.text)
    accepted(incoming, newest)
    return incoming


def says_again(incoming: Incoming, newest: list[StoredMessage]) -> bool:
    """Return True for a text that says the same as the citizen's message before it."""
    before = next((each for each in reversed(newest) if each.author == "citizen"), None)
    return before is not None and say_the_same(incoming.text or "", before.text)


def taken_meanwhile(stored: StoredMessage, newest: list[StoredMessage]) -> list[StoredMessage]:
    """Return the answers that the same words got from another tab, while these had none."""
    same = [
        message.id for message in newest if message.seq > stored.seq and message.text == stored.text
    ]
    return [message for message in newest if message.answers in same]


def _offered(newest: list[StoredMessage]) -> dict[str, str]:
    """Return what the replies since the citizen's last answered message, or a later end, offer.

    A message that Rasa has lost changes nothing: the choices before it are still open.
    """
    answered = {message.answers for message in newest}
    offers: dict[str, str] = {}
    for message in reversed(newest):
        if message.author == "citizen" and message.id in answered:
            break
        offers.update(message.offers)
        if message.input and message.input["type"] == ENDS_CHOICES:
            break
    return offers
