"""The language of the visitor, and values as it writes them."""

from contextvars import ContextVar
from datetime import datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from markupsafe import Markup

from intercup.domain.attachment import size_text
from intercup.domain.italian_time import ROME, italian_day
from intercup.languages.catalogues import ITALIAN, direction, languages

# Set for each request of the web service. Mails to offices never read it.
LANGUAGE: ContextVar[str] = ContextVar("language", default=ITALIAN)
# True if it was chosen in the menu: what the chat notices then changes nothing.
IS_CHOSEN: ContextVar[bool] = ContextVar("is_chosen", default=False)
# True if the browser says that its owner reads Italian best, not if it says nothing.
PREFERS_ITALIAN: ContextVar[bool] = ContextVar("prefers_italian", default=False)


def italian(text: str) -> str:
    """Return a name or text that stays Italian, marked as such inside of another language."""
    if LANGUAGE.get() == ITALIAN or not text:
        return text
    return Markup('<bdi lang="it">{}</bdi>').format(text)


def day_text(moment: datetime) -> str:
    """Format the day of a moment in Italy."""
    if LANGUAGE.get() == ITALIAN:
        return italian_day(moment)
    return format_date(moment.astimezone(ROME), "medium", languages()[LANGUAGE.get()])


def time_text(moment: datetime) -> str:
    """Format a moment in Italian time, to the minute."""
    if LANGUAGE.get() == ITALIAN:
        return f"{moment.astimezone(ROME):%d/%m/%Y, ore %H:%M}"
    locale, there = languages()[LANGUAGE.get()], moment.astimezone(ROME)
    return f"{format_date(there, 'medium', locale)}, {format_time(there, 'short', locale=locale)}"


def size_words(size: int) -> str:
    """Format a size in bytes, in kB or MB."""
    number, _, unit = size_text(size).partition(" ")
    if LANGUAGE.get() != ITALIAN:
        value = float(number.replace(",", "."))
        number = format_decimal(value, locale=languages()[LANGUAGE.get()])
    return f"{number} {unit}"


def isolated(text: str) -> str:
    """Return a value of a plain text, kept in one piece where the text runs from right to left.

    Source: Unicode Standard Annex 9, FSI and PDI.
    """
    return f"\u2068{text}\u2069" if text and page_direction() == "rtl" else text


def page_direction() -> str:
    """Return the direction of the visitor's language."""
    return direction(LANGUAGE.get())
