"""Names of people, told from names of structures and places."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from intercup.domain.directory import Directory
from intercup.domain.personal_data.marks import NAME
from intercup.domain.personal_data.name_lists import (
    BEFORE_PEOPLE,
    DOCUMENTS,
    NAMING,
    PARTICLES,
    PEOPLE,
    PLACES,
    SAINTS,
    STOP,
    SURNAME_PARTICLES,
    TITLES,
    name_lists,
)
from intercup.domain.structure_names import words_of
from intercup.domain.structure_names.words import FILLERS, SAME_WORD

_WORD = re.compile(r"[^\W\d_]+")
_WITHIN = re.compile(r"[ '’-]*|\.")  # what may stand between the words of a name
_AFTER_CUE = re.compile(r"[ '’:,.-]*")
OWN_LETTERS_MIN = 3
_NOT_BEFORE = STOP | PEOPLE | TITLES | NAMING | PLACES
_WITH_DI = NAMING | DOCUMENTS
_NOT_BESIDE = STOP | TITLES | PLACES


@dataclass(slots=True)
class _Word:
    """A word of the text. `place` counts the words of the directory's name that it belongs to."""

    text: str
    start: int
    end: int
    capital: bool
    gap: str  # the characters before it
    begins: bool  # a sentence
    place: int = 0


def without_names(text: str, directory: Directory, own_names: Iterable[str] = ()) -> str:
    """Put one mark in the place of each person's name."""
    sentence = _Sentence(text, directory, own_names)
    parts, end = [], 0
    for first, last in sentence.names():
        parts += [text[end : sentence.words[first].start], NAME]
        end = sentence.words[last].end
    return "".join([*parts, text[end:]])


def plain(word: str) -> str:
    """Return a word in small letters without accents."""
    lower = word.lower()
    if lower.isascii():
        return lower
    decomposed = unicodedata.normalize("NFKD", lower)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=4)
def _places(directory: Directory) -> dict[str, list[tuple[str, ...]]]:
    """Return the directory's names by their first word, the longest first."""
    texts = [text for s in directory.structures for text in (s.name, *s.aliases, *s.places)]
    texts += [s.province for s in directory.structures]
    texts += [text for outside in directory.outside for text in outside.names]
    names = {words_of(text) for text in texts}
    # "Giovanni Paolo II" is known as "ospedale Giovanni Paolo II".
    names |= {name[1:] for name in names if len(name) > 2 and name[0] in PLACES}
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for name in sorted(filter(None, names), key=len, reverse=True):
        by_first.setdefault(name[0], []).append(name)
    return by_first


class _Sentence:
    """The words of a text, and which of them are a person's name."""

    def __init__(self, text: str, directory: Directory, own_names: Iterable[str]) -> None:
        self.lists = name_lists()
        self.words = list(_words_in(text))
        self.own = {
            part
            for name in own_names
            for part in map(plain, _WORD.findall(name))
            if len(part) >= OWN_LETTERS_MIN
        }
        # Capitals tell something only where some words have one that needn't.
        inside = {word.capital for word in self.words if not word.begins}
        self.telling = inside == {True, False} or (inside == {True} and not text.isupper())
        self._mark_places(_places(directory))

    def _mark_places(self, by_first: dict[str, list[tuple[str, ...]]]) -> None:
        telling = [n for n, word in enumerate(self.words) if word.text not in FILLERS]
        read = [SAME_WORD.get(self.words[n].text, self.words[n].text) for n in telling]
        for at, first in enumerate(read):
            for name in by_first.get(first, ()):
                if tuple(read[at : at + len(name)]) == name:
                    for n in range(telling[at], telling[at + len(name) - 1] + 1):
                        self.words[n].place = max(self.words[n].place, len(name))
                    break
        for n, word in enumerate(self.words[:-1]):
            if SAME_WORD.get(word.text, word.text) in PLACES and not word.place > 1:
                self._mark_after(n)

    def _mark_after(self, n: int) -> None:
        """Take the names right after "ospedale", "villa" or "san" for a place's."""
        for word in self.words[n + 1 : n + 4]:
            named = self._in_lists(word) or (word.capital and self.words[n].text in SAINTS)
            if not _WITHIN.fullmatch(word.gap) or not named:
                return
            self.words[n].place = word.place = 2

    def names(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last word of each name."""
        n = floor = 0
        while n < len(self.words):
            if self._begins(n):
                last = self._last_of(n)
                yield self._first_of(n, floor), last
                n = floor = last
            n += 1

    def _begins(self, n: int) -> bool:
        """Return True if this word is a name's, by itself or by the words around it."""
        word = self.words[n]
        if word.place > 1:
            return False
        if word.text in self.own:
            return True
        if n and _AFTER_CUE.fullmatch(word.gap) and self._follows_cue(n):
            return True
        if word.place:
            return False
        if word.text in STOP | PARTICLES:
            return word.text in SURNAME_PARTICLES and self._has_capitals(n)
        return self._in_lists(word) and self._is_sure(n)

    def _has_capitals(self, n: int) -> bool:
        """Return True for "Li Causi" inside a sentence."""
        word = self.words[n]
        return word.capital and self.telling and not word.begins and self._may_join(self._next(n))

    def _is_sure(self, n: int) -> bool:
        """Return True for a name that needs no cue, or one in capitals beside another name."""
        word = self.words[n]
        if word.text not in self.lists.ambiguous:
            return True
        if not word.capital or not self.telling:
            return self._before_sure(n)
        if word.text not in self.lists.first:
            after = self._next(n)
            return after is not None and after.capital and after.place < 2 and self._in_lists(after)
        before = self.words[n - 1].text if n else ""
        return before in BEFORE_PEOPLE or self._may_join(self._next(n))

    def _may_join(self, word: _Word | None) -> bool:
        """Return True for a word with a capital that belongs to nothing known."""
        if word is None or not word.capital or word.place:
            return False
        return word.text not in _NOT_BESIDE

    def _before_sure(self, n: int) -> bool:
        after = self._next(n)
        return (
            after is not None
            and not after.place
            and after.text not in STOP
            and self._in_lists(after)
            and after.text not in self.lists.ambiguous
        )

    def _follows_cue(self, n: int) -> bool:
        word, cue = self.words[n], self._cue_before(n)
        if cue in NAMING:
            return word.text not in STOP and word.text not in PLACES
        if word.place > 1 or word.text in STOP:
            return False
        if cue in TITLES:
            is_particle = word.text in PARTICLES and not (word.capital and self.telling)
            return not is_particle or self._has_surname(n + 1)
        if word.place:
            return False
        if cue in DOCUMENTS:
            return self.words[n - 1].text == "di" and word.capital and self.telling
        if cue not in PEOPLE:
            return False
        if word.text in self.lists.first:
            doubtful = cue in ("sono", "io", "grazie", "salve", "ciao", "certo")
            is_other_word = word.text in self.lists.ambiguous and not word.capital
            return not (doubtful and is_other_word) or self._before_sure(n)
        named = word.capital and self.telling and word.text not in PARTICLES
        return named and word.gap.strip(" ") in ("", ",", "'", "’")

    def _has_surname(self, n: int) -> bool:
        return n < len(self.words) and self.words[n].text in self.lists.last

    def _cue_before(self, n: int) -> str:
        """Return the word before, past "di", "è", "la" and titles between it and the name."""
        at = n - 1
        while at > 0 and self.words[at].text in ("e", "è", "a", "di", "faccio", "la", "della"):
            if self.words[at - 1].text not in _WITH_DI:
                break
            at -= 1
        return self.words[at].text

    def _next(self, n: int) -> _Word | None:
        if n + 1 >= len(self.words) or not _WITHIN.fullmatch(self.words[n + 1].gap):
            return None
        return self.words[n + 1]

    def _in_lists(self, word: _Word) -> bool:
        return word.text in self.lists.all

    def _last_of(self, start: int) -> int:
        """Return the last word of the name that begins here."""
        last, guesses = start, 0
        while (word := self._next(last)) is not None and word.place < 2:
            after = self._next(last + 1)
            if after is not None and word.text in PARTICLES:
                if not self._is_surname(after, word.text):
                    break
                last += 2
                continue
            if word.text in ("e", "ed") and self.telling and self._may_join(after):
                last += 2
                continue
            if word.text in STOP:
                break
            if not self._in_lists(word) and word.text not in self.own:
                guesses += 1
                if guesses > 1 or not self._may_be_surname(self.words[start], word):
                    break
            last += 1
        return last

    def _is_surname(self, word: _Word, particle: str) -> bool:
        if word.place or word.text in STOP | PLACES:
            return False
        in_doubt = self.telling and not word.capital
        return not in_doubt or word.text in self.lists.last or particle in ("lo", "li")

    def _may_be_surname(self, first: _Word, word: _Word) -> bool:
        """Judge a word of no list right after a name by its letters."""
        if self.telling and first.capital:
            return word.capital
        return not word.text.endswith(("are", "ere", "ire"))

    def _first_of(self, start: int, floor: int) -> int:
        """Return the first word of the name, which may have begun with the surname."""
        first = start
        while first > floor and _WITHIN.fullmatch(self.words[first].gap):
            if not self._is_surname_before(self.words[first - 1]):
                break
            first -= 1
        return first

    def _is_surname_before(self, word: _Word) -> bool:
        if word.place > 1 or word.text in _NOT_BEFORE:
            return False
        if self._in_lists(word):
            return word.capital or not self.telling or word.text not in self.lists.ambiguous
        return self.telling and word.capital and not word.begins and not word.place


def _words_in(text: str) -> Iterator[_Word]:
    end = 0
    for match in _WORD.finditer(text):
        word, gap = match.group(), text[end : match.start()]
        begins = end == 0 or any(sign in gap for sign in ".?!")
        yield _Word(plain(word), match.start(), match.end(), word[0].isupper(), gap, begins)
        end = match.end()
