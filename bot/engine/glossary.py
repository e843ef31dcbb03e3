"""Words of other languages, told in Italian: what Italian sentences teach holds for them too."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Dict, Optional, Text

import yaml

FILE = Path(__file__).with_name("glossary.yml")
WORD = re.compile(r"\w+(?:['’]t\b)?")
# Article, prepositions and the persons of verbs are written together with an Arabic word.
ARABIC, PREFIX, PREFIX_MAX = re.compile(r"[\u0621-\u064a]"), frozenset("وفبلاكعهيتنمش"), 4
STEM_MIN = 3  # letters that a prefix leaves


@dataclass(frozen=True)
class Glossary:
    """Italian words by foreign ones, and by beginnings of foreign ones."""

    words: Dict[Text, Text]
    beginnings: Dict[Text, Text]
    longest: int  # letters of a beginning

    @classmethod
    def read(cls, path: Path) -> Glossary:
        """Read a file that lists the foreign words of Italian ones; the first entry counts."""
        words: Dict[Text, Text] = {}
        beginnings: Dict[Text, Text] = {}
        for italian, foreign in yaml.safe_load(path.read_text("utf-8")).items():
            for word in foreign:
                place = beginnings if word.endswith("*") else words
                place.setdefault(plain(word.rstrip("*")), italian)
        return cls(words, beginnings, max(map(len, beginnings)))

    def italian(self, word: Text) -> Text:
        """Return the Italian of a foreign word; another word as it is."""
        letters = plain(word)
        found = self._found(letters)
        if found is None and ARABIC.match(letters):
            found = self._without_prefix(letters)
        return word if found is None else found

    def _found(self, word: Text) -> Optional[Text]:
        if word in self.words:
            return self.words[word]
        ends = range(min(len(word), self.longest), 1, -1)
        return next((self.beginnings[word[:e]] for e in ends if word[:e] in self.beginnings), None)

    def _without_prefix(self, word: Text) -> Optional[Text]:
        for start in range(1, min(PREFIX_MAX, len(word) - STEM_MIN) + 1):
            if word[start - 1] not in PREFIX:
                return None
            found = self._found(word[start:])
            if found is not None:
                return found
        return None


def told_in_italian(text: Text) -> Text:
    """Return a text with the foreign words of the glossary in Italian."""
    return WORD.sub(lambda found: _italian(found[0]), text)


@lru_cache(maxsize=1)
def _glossary() -> Glossary:
    return Glossary.read(FILE)


@lru_cache(maxsize=8192)  # single words
def _italian(word: Text) -> Text:
    return _glossary().italian(word)


def plain(word: Text) -> Text:
    """Return a word without capitals and accents, and one spelling of an Arabic ending."""
    letters = unicodedata.normalize("NFKD", word.lower().replace("’", "'"))
    return "".join(c for c in letters if not unicodedata.combining(c)).replace("ة", "ه")
