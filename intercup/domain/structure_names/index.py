"""A search index of all names in config/structures.yaml."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from intercup.domain.directory import Directory
from intercup.domain.structure_names.typos import Known, Spelling
from intercup.domain.structure_names.words import cut, words_of

_SPACES_LEFT_OUT = range(4, 21)  # letters of a name that people may write as one word

type Source = Literal["own", "place", "outside"]


@dataclass(frozen=True, eq=False)
class Name:
    """Words that name something.

    source: "own" a structure's name or alias; "place" a place that belongs to one; "outside" a
    place that is not in InterCup (`ids` are the structures near it).
    """

    words: tuple[str, ...]
    source: Source
    ids: tuple[str, ...]
    joined: bool = False


@dataclass(frozen=True)
class Index:
    """The names by each of their words, and the words by their likely misspellings."""

    by_word: dict[str, list[Name]]
    spelling: Spelling
    provinces: dict[str, tuple[str, ...]]
    order: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=4)
def index_of(directory: Directory) -> Index:
    """Build the index once for each directory."""
    names = list(_names(directory))
    by_word: dict[str, list[Name]] = {}
    for name in names:
        for word in set(name.words):
            by_word.setdefault(word, []).append(name)
    return Index(
        by_word,
        Spelling(_known(word, called) for word, called in by_word.items()),
        {s.id: words_of(s.province) for s in directory.structures},
        {s.id: position for position, s in enumerate(directory.structures)},
    )


def _known(word: str, names: list[Name]) -> Known:
    return Known(
        word,
        own=any(name.source == "own" and not name.joined for name in names),
        joined=all(name.joined for name in names),
    )


def _names(directory: Directory) -> Iterator[Name]:
    found: dict[tuple[tuple[str, ...], Source], list[str]] = {}
    spaceless: dict[tuple[str, Source], list[str]] = {}
    for text, source, ids in _texts(directory):
        words = words_of(text)
        if not words or (source == "outside" and (words, "own") in found):
            continue
        _add(found.setdefault((words, source), []), ids)
        if len(words) > 1:
            for spelled in {"".join(words), "".join(word.typed for word in cut(text))}:
                if len(spelled) in _SPACES_LEFT_OUT:
                    _add(spaceless.setdefault((spelled, source), []), ids)
    for (words, source), called in found.items():
        yield Name(words, source, tuple(called))
    for (spelled, source), called in spaceless.items():
        if ((spelled,), source) not in found:
            yield Name((spelled,), source, tuple(called), joined=True)


def _add(known: list[str], ids: tuple[str, ...]) -> None:
    known.extend(id_ for id_ in ids if id_ not in known)


def _texts(directory: Directory) -> Iterator[tuple[str, Source, tuple[str, ...]]]:
    for structure in directory.structures:
        for text in (structure.name, *structure.aliases):
            yield text, "own", (structure.id,)
        for text in structure.places:
            yield text, "place", (structure.id,)
    for place in directory.outside:
        for text in place.names:
            yield text, "outside", place.near
