"""The chat's words in the visitor's language: Rasa's answers and the configuration's names."""

from collections.abc import Mapping
from typing import Any

from intercup.administration import administration
from intercup.domain.answers import filled
from intercup.domain.directory import Category, Directory
from intercup.languages.catalogues import ITALIAN, languages, translated
from intercup.languages.visitor import LANGUAGE, day_text, isolated
from intercup.services.answers.origin import answer_by_name
from intercup.services.chat.conversations import Message
from intercup.services.requests.lookup import RequestWithState
from intercup.texts import TEXTS, said, spoken_words, told


def label_of(category: Category) -> str:
    """Return the category's label."""
    return spoken_words(f"category.{category.id}", category.label)


def part_of(category: Category, part: str) -> str:
    """Return another text of a category: `short`, `line` or `subject`."""
    return spoken_words(f"category_{part}.{category.id}", getattr(category, part))


def state_words(entry: RequestWithState) -> str:
    """Return the sentence for a request's newest state."""
    day = day_text(entry.state_at) if entry.state_at else ""
    return told(f"state.{entry.shown_state}", day=day)


def said_by_rasa(reply: Mapping[str, Any], directory: Directory) -> Message:
    """Return Rasa's reply as a message, in the visitor's language as far as it is translated.

    A wording of the technical team is newer than each translation, and stays Italian; so does an
    answer of a model with other words than the files.
    """
    language, words = LANGUAGE.get(), None
    if language != ITALIAN and not reply.get("edited"):
        words = _translated(reply, directory, language)
    buttons = tuple(_button(button) for button in reply.get("buttons") or ())
    if words is None:
        return Message(
            administration().named(reply["text"]), buttons=buttons, text_language=ITALIAN
        )
    return Message(words, buttons=buttons)


def _translated(reply: Mapping[str, Any], directory: Directory, language: str) -> str | None:
    answer = reply.get("answer") or {}
    origin = answer_by_name().get(answer.get("name", ""))
    if origin is None or filled(origin.text, answer["values"]) != reply["text"]:
        return None
    if translated(origin.name, origin.text, language) == origin.text:
        return None
    labels = {category.label: category for category in directory.categories}
    values = {
        name: isolated(label_of(labels[value]) if value in labels else value)
        for name, value in answer["values"].items()
    }
    return filled(said(origin.name, origin.text, language), values)


def _button(button: Mapping[str, str]) -> dict[str, str]:
    """Return a button of the files, or one for a reading."""
    title, payload = button["title"], button["payload"]
    of_answer = spoken_words("button", title)
    return {"title": spoken_words(f"reading.{payload.lstrip('/')}", of_answer), "payload": payload}


def welcome_in(language: str) -> Message:
    """Return the first answer to somebody who writes in another language than the chat's so far.

    It tells which one the chat goes on in: that one if it is offered, else the page's.
    """
    is_offered = language in languages()
    questions = TEXTS.section("questions_in") if is_offered else TEXTS.section("questions_beside")
    text = TEXTS.section("welcome_in")[language].format(questions=questions[language])
    return Message(text, text_language=language)
