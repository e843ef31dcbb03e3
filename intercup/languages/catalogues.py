"""The gettext catalogues, one file a language. A sentence without a translation stays Italian."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from gettext import c2py

from babel import Locale
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from intercup.administration import TRANSLATIONS, administration

ITALIAN = "it"
WIDGET = "widget."  # begins the contexts of the widget's sentences
FACTS = f"{WIDGET}facts."

# A sentence's context and its Italian text, the singular of two; its translation, or its forms.
type Catalogue = Mapping[tuple[str, str], str | Sequence[str]]


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
    text = catalogue(language).get((context, italian), italian)
    return text if isinstance(text, str) else italian


def translated_forms(singular: str, plural: str, language: str) -> tuple[tuple[str, ...], str]:
    """Return the forms of a sentence with a number, and the language that they are in."""
    forms = catalogue(language).get(("", singular), "")
    if isinstance(forms, str) or not all(forms):
        return (singular, plural), ITALIAN
    return tuple(forms), language


def form_of(language: str, number: int) -> int:
    """Return the index of the form that a language has for a number."""
    return _plural_rule(language)(number)


@cache
def _plural_rule(language: str) -> Callable[[int], int]:
    rule: Callable[[int], int] = c2py(get_plural(language).plural_expr)
    return rule


def of_widget(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the widget's sentences and those about files, by their names in `texts.json`."""
    found: dict[str, dict[str, str]] = {"chat": {}, "files": {}, "facts": {}}
    for (context, _), text in catalogue(language).items():
        place, _, name = context.removeprefix(WIDGET).partition(".")
        if context.startswith(WIDGET) and isinstance(text, str):
            found[place][name] = text
    return found["chat"], found["files"]


@cache
def fact_words(language: str) -> Mapping[str, str]:
    """Return the words of the page's facts by the Italian ones, which an office reads."""
    return {
        italian: text
        for (context, italian), text in catalogue(language).items()
        if context.startswith(FACTS) and isinstance(text, str)
    }


def key_of(id_: str | Sequence[str]) -> str:
    """Return a message's Italian text; of one with a number the singular."""
    return id_ if isinstance(id_, str) else id_[0]


@cache
def catalogue(language: str) -> Catalogue:
    """Return a language's sentences; none for Italian, which the code has."""
    if language == ITALIAN:
        return {}
    with (TRANSLATIONS / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {
        (message.context or "", key_of(message.id)): message.string
        for message in messages
        if message.id and message.string and not message.fuzzy
    }
