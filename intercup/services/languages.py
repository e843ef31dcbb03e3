"""The language of a citizen's text, if it surely is none of Italy."""

import re
from functools import lru_cache

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

from intercup.languages.catalogues import ITALIAN
from intercup.texts import TEXTS

SURE = 0.99  # probability; dialects and places are taken for other languages below it
READ = 400  # characters
# "Cefalù" makes every other word around it surely Italian.
_TOWNS = re.compile(r"(?<= )[A-Z]\w+[àèéìòù]\b")
LETTERS_MIN, WORDS_MIN = 8, 2  # an Italian sentence may be one foreign word: "screenshot"


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


def heard_language(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language, Italian too; None if it is unsure."""
    words = _TOWNS.sub("", text[:READ])
    if sum(map(str.isalpha, words)) < LETTERS_MIN or len(words.split()) < WORDS_MIN:
        return None
    best = _detector().compute_language_confidence_values(words)[0]
    if best.value < SURE:
        return None
    return best.language.iso_code_639_1.name.lower()
