"""The language of a citizen's text, if it surely is none of Italy."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

from intercup.languages.catalogues import ITALIAN
from intercup.texts import TEXTS

SURE = 0.99  # probability; dialects and places are taken for other languages below it
READ = 400  # characters
# "Cefalù" makes every other word around it surely Italian.
_TOWNS = re.compile(r"(?<= )[A-Z]\w+[àèéìòù]\b")
_NAMES = re.compile(r"(?<=[\w,] )(?:(?:di|del|della|dei|degli|e) ){0,3}[A-Z]\w+")
LETTERS_MIN, WORDS_MIN = 8, 2  # an Italian sentence may be one foreign word: "screenshot"
# A text with Italian around a foreign error message is nobody's own language. Measured on quotes
# in Italian sentences and on the catalogues, of which 0.3 % seem to hold Italian.
QUOTED_BY, SURE_OF_PART = 4, 0.9  # words in a row, probability
_PARTS = re.compile(r"[.:;,!?\n«»\"“”()]+")
# Words of no other language that is told apart.
_ITALIAN_WORDS = re.compile(
    r"\b(?:appare|che|clicco|cosa|della|dopo|errore|esce|gli|mi (?:compare|dice|esce|scrive)|nella"
    r"|non (?:funziona|mi|riesco|si|va)|perché|premo|quando|quest[ao]|scritt[ao]|sono|sul|vedo)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    # The accurate mode takes 290 MB instead of 20 and doesn't find more.
    codes = (IsoCode639_1.from_str(code) for code in ("it", *TEXTS.section("language")))
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    return builder.with_low_accuracy_mode().build()


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of a foreign text; None for Italian, dialect and what is unsure."""
    heard = heard_language(text)
    return None if heard == ITALIAN else heard


def heard_language(text: str, known: str | None = None) -> str | None:
    """Return the ISO 639-1 code of a text's language, Italian too; None if unsure or mixed.

    A text in the `known` language isn't searched for Italian parts, most of the time it takes.
    """
    words = _TOWNS.sub("", text[:READ])
    if not says_enough(words):
        return None
    best = _detector().compute_language_confidence_values(words)[0]
    if best.value < SURE:
        return None
    code = best.language.iso_code_639_1.name.lower()
    return None if code not in (ITALIAN, known) and _holds_italian(words) else code


def says_enough(text: str) -> bool:
    """Return True if a text is long enough to have a language."""
    return sum(map(str.isalpha, text)) >= LETTERS_MIN and len(text.split()) >= WORDS_MIN


def _holds_italian(text: str) -> bool:
    """Return True if some words in a row are Italian."""
    if _ITALIAN_WORDS.search(text):
        return True
    parts = _PARTS.split(_NAMES.sub("", text))
    rows = (row for part in parts for row in _rows_of(part.split()))
    italian, confidence = Language.ITALIAN, _detector().compute_language_confidence
    return any(says_enough(row) and confidence(row, italian) >= SURE_OF_PART for row in rows)


def _rows_of(words: list[str]) -> Iterator[str]:
    """Return rows of words that overlap by half, the last of them with the last word."""
    last = max(0, len(words) - QUOTED_BY)
    starts = sorted({*range(0, last, QUOTED_BY // 2), last})
    return (" ".join(words[start : start + QUOTED_BY]) for start in starts)
