"""Find the names that a text contains, in any word order and with typos."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from intercup.domain.structure_names.index import Index, Name
from intercup.domain.structure_names.words import Word

_SPLIT_MIN = 6  # letters of a name that people may write as two words
_SHORT = 2  # letters; a word this short must directly follow the name's previous word
_NUMBER_SIGNS = frozenset({"n", "nr"})


@dataclass(frozen=True, eq=False)
class Mention:
    """A name at some positions of a text. `exact`: every word correctly spelled and in order."""

    name: Name
    positions: tuple[int, ...]
    exact: bool

    @property
    def span(self) -> frozenset[int]:
        return frozenset(self.positions)

    @property
    def only(self) -> str | None:
        """The structure with this name of its own, if there is exactly one."""
        return self.name.ids[0] if self.name.source == "own" and len(self.name.ids) == 1 else None


def mentions_in(words: list[Word], index: Index) -> list[Mention]:
    """Return every name in the text, including parts of longer names."""
    telling = [position for position, word in enumerate(words) if not word.is_filler]
    meant = {position: _meanings(words[position], index) for position in telling}
    found: list[Mention] = []
    for start, position in enumerate(telling):
        for name in {name for word in meant[position] for name in index.by_word[word]}:
            window = telling[start : start + len(name.words)]
            mention = _mention(name, window, meant, words)
            if mention:
                found.append(mention)
    return found + list(_split_in_two(words, meant, index))


def _meanings(word: Word, index: Index) -> frozenset[str]:
    if word.text in index.by_word:
        return frozenset({word.text})
    return frozenset(index.spelling.meant_by(word.typed))


def _mention(
    name: Name, window: list[int], meant: dict[int, frozenset[str]], words: list[Word]
) -> Mention | None:
    if len(window) < len(name.words):
        return None
    pairs = list(zip(window, name.words, strict=True))
    in_order = all(word in meant[position] for position, word in pairs)
    if not in_order and not _same_words(name, window, meant):
        return None
    if any(len(words[position].text) <= _SHORT for position in window[1:]):
        between = {w.text for p, w in enumerate(words[window[0] : window[-1]], window[0])
                   if p not in window}  # fmt: skip
        if not in_order or not between <= _NUMBER_SIGNS:
            return None
    well_spelled = all(word == words[position].text for position, word in pairs)
    return Mention(name, tuple(window), in_order and well_spelled and not name.joined)


def _same_words(name: Name, window: list[int], meant: dict[int, frozenset[str]]) -> bool:
    missing = list(name.words)
    for position in window:
        word = next((word for word in missing if word in meant[position]), None)
        if word is None:
            return False
        missing.remove(word)
    return True


def _split_in_two(
    words: list[Word], meant: dict[int, frozenset[str]], index: Index
) -> Iterator[Mention]:
    for position, (left, right) in enumerate(pairwise(words)):
        whole = left.typed + right.typed
        known = left.text in index.by_word or right.text in index.by_word
        if known or right.starts_clause or len(whole) < _SPLIT_MIN:
            continue
        for name in index.by_word.get(whole, ()):
            if len(name.words) == 1:
                yield Mention(name, (position, position + 1), exact=False)
