"""The gettext catalogues, one file a language. A sentence without a translation stays Italian."""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.messages.pofile import read_po

from intercup.administration import TRANSLATIONS, administration

ITALIAN = "it"
WIDGET = "widget."  # begins the contexts of the widget's sentences

# A sentence's context and its Italian text; its translation.
type Catalogue = Mapping[tuple[str, str], str]


@cache
def languages() -> Mapping[str, Locale]:
    """Return the languages by ISO 639-1 code: Italian, then those that are offered."""
    return {code: Locale(code) for code in (ITALIAN, *administration().languages)}


def own_name(language: str) -> str:
    """Return the language's name in itself: `Română`."""
    return (languages()[language].display_name or language).capitalize()


@cache
def direction(language: str) -> str:
    """Return the direction of writing, as the attribute `dir` has it."""
    return Locale(language).text_direction


def translated(context: str, italian: str, language: str) -> str:
    """Return the sentence in a language."""
    return _catalogue(language).get((context, italian), italian)


def of_widget(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the widget's sentences and those about files, by their names in `texts.json`."""
    found: dict[str, dict[str, str]] = {"chat": {}, "files": {}}
    for (context, _), text in _catalogue(language).items():
        place, _, name = context.removeprefix(WIDGET).partition(".")
        if context.startswith(WIDGET):
            found[place][name] = text
    return found["chat"], found["files"]


@cache
def _catalogue(language: str) -> Catalogue:
    if language == ITALIAN:
        return {}
    with (TRANSLATIONS / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {
        (message.context or "", str(message.id)): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }
