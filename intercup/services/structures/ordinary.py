"""Words too ordinary to be a structure's name, as citizens write them about all things."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

from intercup.domain.dialogue import EMERGENCY
from intercup.domain.dialogue.emergency import TAKEN_BACK
from intercup.domain.emergency_words import plain
from intercup.domain.structure_names import words_of
from intercup.services.structures.fields import Values
from intercup.services.tuning.file_sentences import in_files

SENTENCES = Path("bot/data/nlu.yml")  # relative to the working directory
TIMES_MAX = 4  # in the training's sentences, of a word that isn't ordinary
_WORD = re.compile("[a-z0-9]+")


def ordinary_names(values: Values, in_file: Values) -> list[str]:
    """Return the names of one ordinary word, but those of the file, which tests cover."""
    known = set(map(words_of, in_file))
    new = (value for value in values if words_of(value) not in known)
    return [value for value in new if _is_ordinary(words_of(value))]


def _is_ordinary(words: tuple[str, ...]) -> bool:
    return len(words) == 1 and _times()[words[0]] > TIMES_MAX


@lru_cache
def _times() -> Counter[str]:
    """Return how often the training's sentences have each word; empty without the file."""
    text = SENTENCES.read_text("utf-8") if SENTENCES.exists() else ""
    plain = unicodedata.normalize("NFKD", text.lower())
    return Counter(
        _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))
    )


def harmless_with(phrase: str) -> str | None:
    """Return the shortest training sentence that has a phrase and tells of no emergency."""
    wanted = f" {plain(phrase)} "
    return min((text for words, text in _harmless() if wanted in words), key=len, default=None)


@lru_cache
def _harmless() -> tuple[tuple[str, str], ...]:
    """Return the words and the text of each such sentence; none without the files."""
    told = in_files(SENTENCES.parent) if SENTENCES.exists() else []
    return tuple(
        (f" {plain(text)} ", text) for intent, text in told if intent not in (EMERGENCY, TAKEN_BACK)
    )
