"""Distinction between a word with a typo and a different, similar word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LETTERS_MIN = 5  # shorter words must match exactly: "me" and "tp" are different provinces
_COMMON = 7  # letters up to which most words have another that differs by one letter
_JOINED_MIN = 8  # letters
_LONG = 9  # letters from which doubled letters may be wrong beside another mistake
_VERY_LONG = 11  # letters from which two mistakes still leave no doubt
_DIALECT_MIN = 6  # letters
_TOO_LONG = 30  # letters; no name is so long
_VOWELS = frozenset("aeiou")
_DOUBLED = re.compile(r"(.)\1+")
_HEARD = str.maketrans("kjy", "cii")
_SICILIAN = str.maketrans("eo", "iu")


def distance(left: str, right: str) -> int:
    """Count the letters added, left out, changed or swapped with the next.

    Source: optimal string alignment, the restricted Damerau-Levenshtein distance.
    """
    before: list[int] = []
    last = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        here = [row]
        for column, other in enumerate(right, 1):
            cost = min(last[column] + 1, here[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, last = last, here
    return last[-1]


@dataclass(frozen=True, slots=True)
class Known:
    """A known word and its tolerance for typos.

    own: it stands in a structure's own name; joined: it is a name written without spaces.
    """

    text: str
    own: bool = False
    joined: bool = False

    @property
    def mistakes(self) -> int:
        """Return the number of wrong letters allowed; doubled letters never count."""
        if len(self.text) < (_JOINED_MIN if self.joined else _LETTERS_MIN if self.own else _COMMON):
            return 0
        return 2 if self.own and len(self.text) >= _VERY_LONG else 1

    def may_be(self, typed: str) -> bool:
        """Return True if the typed word is this one with a typo."""
        if typed[0] != self.text[0] and not (self.own and len(self.text) >= _COMMON):
            return False
        if len(typed) == len(self.text) and self._is_another_word(typed):
            return False
        if distance(typed, self.text) <= self.mistakes:
            return True
        if not self.own or len(self.text) < _LONG:
            return False
        return distance(_sound(typed), _sound(self.text)) <= self.mistakes

    def _is_another_word(self, typed: str) -> bool:
        """Return True if the typo makes a different word: trapani, trapano; bonino, benino."""
        changed = [pair for pair in zip(typed, self.text, strict=True) if pair[0] != pair[1]]
        if len(changed) != 1:
            return False
        vowels = {*changed[0]} <= _VOWELS
        if vowels and (len(self.text) < _COMMON or typed[:-1] == self.text[:-1]):
            return len(self.text) <= _COMMON + 1
        return len(self.text) <= _COMMON and not self.own


class Spelling:
    """The known words, found despite typos.

    Each word is stored under its variants with letters left out, and a typed word is looked up
    the same way: two words that differ by one letter share a variant, so only those few are
    compared.
    """

    def __init__(self, words: Iterable[Known]):
        self._by_remainder: dict[str, set[Known]] = {}
        self._by_sound: dict[str, set[str]] = {}
        self._by_dialect: dict[str, set[str]] = {}
        for word in words:
            if len(word.text) < _LETTERS_MIN or any(letter.isdigit() for letter in word.text):
                continue
            self._by_sound.setdefault(_sound(word.text), set()).add(word.text)
            if len(word.text) >= _DIALECT_MIN:
                self._by_dialect.setdefault(_in_dialect(word.text), set()).add(word.text)
            for remainder in _remainders(word.text, word.mistakes):
                self._by_remainder.setdefault(remainder, set()).add(word)

    def meant_by(self, typed: str) -> set[str]:
        """Return the known words of which this may be a misspelling."""
        if not _LETTERS_MIN - 1 <= len(typed) <= _TOO_LONG:
            return set()
        found = set(self._by_sound.get(_sound(typed), ()))
        if typed.endswith(("i", "u")):
            found |= self._by_dialect.get(_in_dialect(typed), set())
        for remainder in _remainders(typed, 2 if len(typed) >= _VERY_LONG - 2 else 1):
            for word in self._by_remainder.get(remainder, ()):
                if word.text not in found and word.may_be(typed):
                    found.add(word.text)
        return found


def _sound(word: str) -> str:
    """Reduce doubled letters, Italian's commonest misspelling, and write k, j, y as pronounced."""
    return _DOUBLED.sub(r"\1", word).translate(_HEARD)


def _in_dialect(word: str) -> str:
    """Write a word with the vowels of Sicilian, as in "Bronti" and "Caltagiruni"."""
    return _sound(word).translate(_SICILIAN)


def _remainders(word: str, mistakes: int) -> set[str]:
    forms = {word, _sound(word)} if len(word) >= _LONG - 2 else {word}
    found = set(forms)
    for _ in range(mistakes):
        forms = {form[:i] + form[i + 1 :] for form in forms for i in range(len(form))}
        found |= forms
    return found
