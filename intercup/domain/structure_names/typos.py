"""Tell a word with a typo from another word that only looks similar."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LETTERS_MIN = 5  # shorter words are exact: "asp me" and "asp tp" differ by little and mean much
_COMMON = 7  # letters up to which most words have another that differs by one letter
_JOINED_MIN = 8  # letters
_LONG = 9  # letters from which doubled letters may be wrong beside another mistake
_VERY_LONG = 11  # letters from which two mistakes still leave no doubt
_TOO_LONG = 30  # letters; no name is so long
_VOWELS = frozenset("aeiou")
_DOUBLED = re.compile(r"(.)\1+")
_HEARD = str.maketrans("kjy", "cii")


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
    """A word that may be misspelled, and how much its typos are believed.

    own: it stands in a structure's own name; joined: it is a name written without spaces.
    """

    text: str
    own: bool = False
    joined: bool = False

    @property
    def mistakes(self) -> int:
        """Return the number of forgiven wrong letters; doubled letters never count."""
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
        """Tell a changed letter that makes another word: trapani, trapano; bonino, benino."""
        changed = [pair for pair in zip(typed, self.text, strict=True) if pair[0] != pair[1]]
        if len(changed) != 1:
            return False
        vowels = {*changed[0]} <= _VOWELS
        if vowels and (len(self.text) < _COMMON or typed[:-1] == self.text[:-1]):
            return len(self.text) <= _COMMON + 1
        return len(self.text) <= _COMMON and not self.own


class Spelling:
    """The known words, found again when they are written with a typo.

    Each word is stored under what is left of it when letters are left out, as a typed word is
    looked for: two words that differ by one letter have such a remainder in common, so that only
    those few are compared.
    """

    def __init__(self, words: Iterable[Known]):
        self._by_remainder: dict[str, set[Known]] = {}
        self._by_sound: dict[str, set[str]] = {}
        for word in words:
            if len(word.text) < _LETTERS_MIN or any(letter.isdigit() for letter in word.text):
                continue
            self._by_sound.setdefault(_sound(word.text), set()).add(word.text)
            for remainder in _remainders(word.text, word.mistakes):
                self._by_remainder.setdefault(remainder, set()).add(word)

    def meant_by(self, typed: str) -> set[str]:
        """Return the known words that this one may be with a typo."""
        if not _LETTERS_MIN - 1 <= len(typed) <= _TOO_LONG:
            return set()
        found = set(self._by_sound.get(_sound(typed), ()))
        for remainder in _remainders(typed, 2 if len(typed) >= _VERY_LONG - 2 else 1):
            for word in self._by_remainder.get(remainder, ()):
                if word.text not in found and word.may_be(typed):
                    found.add(word.text)
        return found


def _sound(word: str) -> str:
    """Write doubled letters once, Italian's commonest misspelling, and k, j, y as heard."""
    return _DOUBLED.sub(r"\1", word).translate(_HEARD)


def _remainders(word: str, mistakes: int) -> set[str]:
    forms = {word, _sound(word)} if len(word) >= _LONG - 2 else {word}
    found = set(forms)
    for _ in range(mistakes):
        forms = {form[:i] + form[i + 1 :] for form in forms for i in range(len(form))}
        found |= forms
    return found
