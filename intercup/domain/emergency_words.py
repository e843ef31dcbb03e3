"""Words that tell of an emergency by themselves, beside the model's judgement.

They only add: a text in which the model finds an emergency stays one without them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

type Tier = Literal["sure", "doubtful"]  # as bot/engine/emergency_detector.py names them

LETTERS_MIN = 5  # of words that may decide alone
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class EmergencyWords:
    """Phrases that make a text a sure emergency, and those that make it a possible one."""

    sure: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()

    def tier_of(self, text: str) -> Tier | None:
        """Return the tier of a text that has one of the phrases, in any spelling of its letters."""
        if any(is_in(phrase, text) for phrase in self.sure):
            return "sure"
        return "doubtful" if any(is_in(phrase, text) for phrase in self.possible) else None


def is_in(phrase: str, text: str) -> bool:
    """Return True if a text has all words of a phrase, one after the other."""
    return f" {plain(phrase)} " in f" {plain(text)} "


def plain(text: str) -> str:
    """Return the words without capitals, accents and signs."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(c for c in letters if not unicodedata.combining(c))))
