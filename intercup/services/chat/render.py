"""Render Rasa's replies as messages, with inputs, lists and links from configuration and draft.

Rasa's `custom` signals: `draft` the collected answers; `ended` the request is sent or cancelled;
`cancelled` its texts must be deleted; `input` a rich input; `menu` the first choices; `links` link
names; `earlier` a request sent before that may be meant; `again` the text was too short; `show` a
list, `requests` or `structures`, or the sent request's `receipt`; `reading` the likeliest intents
of a text; `asked` which of two is meant.
"""

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

from intercup.domain.delivery import DeliveryState
from intercup.domain.dialogue.draft import Step
from intercup.domain.directory import Directory
from intercup.domain.office_state import OfficeState
from intercup.languages.visitor import day_text, isolated
from intercup.services.answers.origin import answer_by_name
from intercup.services.chat.conversations import Message, StoredMessage
from intercup.services.chat.inputs import (
    category_buttons,
    draw_input,
    link,
    with_earlier,
    with_receipt,
)
from intercup.services.chat.reply_context import ReplyContext
from intercup.services.chat.words import part_of, said_by_rasa, state_words
from intercup.services.requests.lookup import RequestWithState
from intercup.services.structures.stored import category_of
from intercup.texts import spoken_section, told

UNANSWERED = (DeliveryState.SENT, OfficeState.TAKEN)  # An answer is still to come.


def signals_of(replies: list[dict[str, Any]]) -> dict[str, Any]:
    """Collect the `custom` parts of all replies."""
    found: dict[str, Any] = {}
    for reply in replies:
        found.update(reply.get("custom") or {})
    return found


def question_at(step: Step) -> dict[str, Any]:
    """Return the question of a step as Rasa's form asks it; it has no values."""
    asked = answer_by_name()[f"utter_ask_request_form_{step}"]
    return {
        "text": asked.text,
        "buttons": asked.buttons,
        "custom": asked.custom,
        "answer": {"name": asked.name, "values": {}},
    }


def render(replies: list[dict[str, Any]], context: ReplyContext) -> list[Message]:
    """Return the messages that the citizen sees."""
    messages: list[Message] = []
    for reply in replies:
        if reply.get("text"):
            messages.append(said_by_rasa(reply, context.directory))
        if messages:
            said = messages.pop()
            drawn = _with_signals(said, reply.get("custom") or {}, context)
            messages += _by_language(said, drawn)
    return messages


def _by_language(said: Message, drawn: Message) -> list[Message]:
    """Return the drawn message; after a text in another language, what was added is its own one."""
    is_foreign = drawn.text_language not in (None, drawn.language)
    added = drawn.text.removeprefix(said.text).strip()
    if not is_foreign or not added or not drawn.text.startswith(said.text):
        return [drawn]
    alone = replace(said, buttons=(), links=(), input=None)
    return [alone, replace(drawn, id=str(uuid4()), text=added, text_language=None)]


def _with_signals(message: Message, custom: dict[str, Any], context: ReplyContext) -> Message:
    # While a question is open, the first choices would look like answers to it.
    if custom.get("menu") and context.draft.step is None:
        message = replace(message, buttons=message.buttons + menu_buttons(context))
    if custom.get("show") == "requests":
        message = replace(message, text=_requests_text(message.text, context))
    if custom.get("show") == "structures":
        message = replace(message, text=f"{message.text}\n{_structures_text(context.directory)}")
    if custom.get("show") == "receipt":
        message = with_receipt(message, context)
    if custom.get("earlier"):
        message = with_earlier(message, context)
    if custom.get("links"):
        wanted = [name for name in custom["links"] if name != "login" or not context.authenticated]
        links = tuple(link(name, context) for name in wanted)
        message = replace(message, links=message.links + links)
    if custom.get("input"):
        message = draw_input(custom["input"], message, context)
    return message


def menu_buttons(context: ReplyContext) -> tuple[dict[str, str], ...]:
    """Return the first choices: the three categories after login, the access problem before."""
    if context.authenticated:
        return category_buttons(context.directory)
    return tuple(
        {"title": title, "payload": f"/{intent}"}
        for intent, title in spoken_section("menu").items()
    )


def _requests_text(heading: str, context: ReplyContext) -> str:
    if not context.requests:
        return told("chat.no_requests" if context.authenticated else "chat.requests_need_login")
    lines = [
        told(
            "chat.request_line",
            number=entry.request.number,
            category=part_of(category_of(context.directory, entry.request.category), "subject"),
            day=day_text(entry.request.created_at),
            office=entry.request.office_name,
            state=_state_text(entry),
        )
        for entry in context.requests
    ]
    return "\n".join([heading, *lines])


def _state_text(entry: RequestWithState) -> str:
    state = state_words(entry)
    if entry.shown_state in UNANSWERED and not entry.is_withdrawn:
        state = told("chat.unanswered_yet", state=state)
    if not entry.hops:
        return state
    newest = entry.hops[-1]
    day = day_text(newest.at)
    return told("state.forwarded_and", office=newest.to_office, day=day, state=state)


def _structures_text(directory: Directory) -> str:
    return "\n".join(f"• {isolated(structure.name)}" for structure in directory.structures)


def failed_turn(context: ReplyContext) -> Message:
    """Return the message after a turn that failed for good: a new beginning, and two other ways."""
    mailbox = context.directory.home_mailbox
    links = (link("form", context), link("mail_home", context))
    text = told("chat.failed", mailbox=mailbox)
    return Message(text, buttons=menu_buttons(context), links=links)


def unavailable(directory: Directory) -> StoredMessage:
    """Return the message, not stored, while Rasa doesn't answer, with two other ways."""
    return _other_ways(directory, told("chat.unavailable", mailbox=directory.home_mailbox))


def chat_closed(directory: Directory, why: str) -> StoredMessage:
    """Return the message, not stored, while the team keeps the chat closed."""
    return _other_ways(directory, told("chat.closed", why=why))


def _other_ways(directory: Directory, text: str) -> StoredMessage:
    context = ReplyContext(directory, authenticated=False)
    return StoredMessage(
        text,
        links=(link("form", context), link("mail_home", context)),
        created_at=time.time(),
    )
